// Programs on what they synchronise with, each made here of atomics, `memory.atomic.wait32` and `memory.atomic.notify`:
// modules/README.md gives the control block and what each must do.
//
// As in ../threads, nothing lives in this module's own part of the memory. What threads share are unmanaged classes laid over
// the control block; functions over several of them are generic, since a reference to a function is an object with data.

import { mandelbrot, matmul, sort } from './bands';
import { Control } from './control';
import { condition, mpmc, once, rwlock, semaphore, spinlock, spsc, stealing } from './programs';

export { __stack_pointer } from './programs';

/** Does the program of the control block as worker `tid`; -1 when there is no such program. */
export function thread_entry(tid: i32, control: Control): i32 {
  switch (control.job) {
    case 5:
      return condition(tid, control);
    case 6:
      return semaphore(tid, control);
    case 7:
      return rwlock(tid, control);
    case 8:
      return once(tid, control);
    case 9:
      return spinlock(tid, control);
    case 10:
      return spsc(tid, control);
    case 11:
      return mpmc(tid, control);
    case 12:
      return stealing(tid, control);
    case 13:
      return sort(tid, control);
    case 14:
      return mandelbrot(tid, control);
    case 15:
      return matmul(tid, control);
    default:
      return -1;
  }
}
