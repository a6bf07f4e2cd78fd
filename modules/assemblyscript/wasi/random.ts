import { random_get } from './wasi_snapshot_preview1';
import { check } from './refusal';

/** `length` random bytes in hex. */
export function randomHex(length: i32): string {
  const bytes = new Uint8Array(length);
  check(random_get(bytes.dataStart, length), 'random');
  let text = '';
  for (let i = 0; i < length; i++) text += bytes[i].toString(16).padStart(2, '0');
  return text;
}
