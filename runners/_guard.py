"""Starts a runner so that it cannot outlive its host: `_guard.py HOST-PID SIGNAL COMMAND…` becomes COMMAND.

On Linux the kernel sends SIGNAL when the host dies, even by SIGKILL while the runner is busy inside a module. Elsewhere
the end of standard input tells the runner. A wrapper, not `preexec_fn`: that is unsafe in a host with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h

host, signal_number, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != host:  # it died before we asked
        sys.exit(1)
os.execvp(command[0], command)
