// What each thread has of its own and what all share, by modules/README.md. Built with NAIVE=1 and without ../once.js it is
// what comes of taking a module of one thread for one of several: the deliberately wrong twin.

import { late } from './late';
import { locals } from './locals';
import { stacks } from './stacks';

export { __stack_pointer } from './stacks';

/** Does the job of the control block at `control` as worker `tid`; -1 when there is no such job. */
export function thread_entry(tid: i32, control: usize): i32 {
  switch (load<i32>(control)) {
    case 16:
      return stacks(tid, control);
    case 17:
      return locals(tid, control);
    case 18:
      return late(control);
    default:
      return -1;
  }
}
