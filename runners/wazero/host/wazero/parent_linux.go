package wazero

import "syscall"

// withParent makes a process that is killed when this one is gone.
func withParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
