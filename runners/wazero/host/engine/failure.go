package engine

import "fmt"

// Error says that something could not be done: Phase and Name as in PROTOCOL.md.
type Error struct{ Phase, Name, Message string }

func (e *Error) Error() string { return e.Message }

// Errorf makes an Error without a name.
func Errorf(phase, format string, args ...any) *Error {
	return &Error{Phase: phase, Message: fmt.Sprintf(format, args...)}
}

// Trap says that the module trapped. Kinds are the spec's words that the engine's message may stand for.
type Trap struct {
	Kinds   []string
	Message string
}

func (t *Trap) Error() string { return t.Message }

// Exception says that a wasm exception that nobody caught reached the host.
type Exception struct{ Message string }

func (e *Exception) Error() string { return e.Message }

// Exit says that the module called WASI's proc_exit.
type Exit struct{ Code uint32 }

func (e *Exit) Error() string { return fmt.Sprintf("proc_exit(%d)", e.Code) }
