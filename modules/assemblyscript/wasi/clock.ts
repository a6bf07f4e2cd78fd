import { clock_time_get } from './wasi_snapshot_preview1';
import { check, refuse } from './refusal';

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;
const READINGS = 1000;

const time = memory.data(8, 8);

function read(clock: u32): u64 {
  check(clock_time_get(clock, 1, time), 'clock');
  return load<u64>(time);
}

/** Nanoseconds since 1970. */
export function now(): u64 {
  return read(REALTIME);
}

/** Goes on only where the monotonic clock never falls. */
export function watchMonotonic(): void {
  let last: u64 = 0;
  for (let i = 0; i < READINGS; i++) {
    const reading = read(MONOTONIC);
    if (reading < last) refuse('clock', 'the monotonic clock fell');
    last = reading;
  }
}
