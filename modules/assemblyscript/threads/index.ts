// The threaded AssemblyScript module: one instance a thread, all on the host's shared memory, by modules/README.md.
//
// Nothing here may live in this module's own part of the memory. asc makes data segments active: each instance that
// starts would write them again, over what the others have changed. So there are no strings, arrays or objects; all
// state is in the control block and in locals, and modules/builds.yaml checks that no data segment came to be.

import { count } from './counter';
import { meet } from './barrier';
import { exclude } from './mutex';
import { reduce } from './reduce';

/** Does the job of the control block at `control` as worker `tid`; -1 when there is no such job. */
export function thread_entry(tid: i32, control: usize): i32 {
  switch (load<i32>(control)) {
    case 1:
      return count(control);
    case 2:
      return meet(tid, control);
    case 3:
      return exclude(control);
    case 4:
      return reduce(tid, control);
    default:
      return -1;
  }
}
