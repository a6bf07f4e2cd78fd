"""Starts a runner so that it cannot outlive its host: `_guard.py HOST-PID SIGNAL COMMAND…` becomes COMMAND.

On Linux the kernel sends SIGNAL when the host dies, even by SIGKILL while the runner is busy inside a module. Elsewhere
the end of standard input tells the runner. A wrapper, not `preexec_fn`: that is unsafe in a host with threads.
"""

import ctypes
import os
import sys

__all__ = ["end_with"]

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with(parent: int, signal_number: int) -> None:
    """On Linux this process gets the signal when its parent dies, whose id is `parent`; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


if __name__ == "__main__":
    end_with(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
