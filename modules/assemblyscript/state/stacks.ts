// What a thread has in the memory for itself. The compiler's own stack of calls and variables is none of the memory's; what
// needs an address is allocated. The runtime's allocator begins at the same address in each instance, so threads take from
// regions that the host has given them, downwards, as compilers with a stack in memory do.

import { ITERATIONS, checked, demand, meet, owns } from './control';

const FRAMES: i32 = 180;
const WORDS: i32 = 64;
const FRAME: usize = 4 * WORDS;

/** The end of what this instance has not taken yet; the host sets it, as the threaded ABI says. */
export let __stack_pointer: usize = 0;

function take(): usize {
  if (NAIVE) return heap.alloc(FRAME);
  __stack_pointer -= FRAME;
  return __stack_pointer;
}

function giveBack(frame: usize): void {
  if (NAIVE) heap.free(frame);
  else __stack_pointer += FRAME;
}

function word(tid: i32, round: i32, left: i32, at: i32): i32 {
  return (tid << 24) | (round << 16) | (left << 8) | at;
}

/** A frame whose words are those of no other. It meets the other workers when all is taken, and looks at its words then. */
function descend(control: usize, tid: i32, round: i32, left: i32): void {
  const frame = take();
  demand(control, owns(control, tid, frame, FRAME));
  for (let at = 0; at < WORDS; at++) store<i32>(frame + 4 * at, word(tid, round, left, at));
  if (left == 1) meet(control);
  else descend(control, tid, round, left - 1);
  for (let at = 0; at < WORDS; at++) demand(control, load<i32>(frame + 4 * at) == word(tid, round, left, at));
  checked(control);
  giveBack(frame);
}

/** Takes all, and looks at it, once a round; how many rounds. */
export function stacks(tid: i32, control: usize): i32 {
  const rounds = load<i32>(control, ITERATIONS);
  for (let round = 0; round < rounds; round++) {
    descend(control, tid, round, FRAMES);
    meet(control);
  }
  return rounds;
}
