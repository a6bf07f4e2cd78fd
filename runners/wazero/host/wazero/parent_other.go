//go:build !linux

package wazero

import "syscall"

// withParent has nothing to offer here: the host ends the whole session.
func withParent() *syscall.SysProcAttr { return nil }
