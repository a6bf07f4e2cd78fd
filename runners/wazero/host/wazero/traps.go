package wazero

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"wasm-matrix/host/engine"
)

// kinds: wazero's words for a trap (its package wasmruntime is internal) → the spec's words that they may stand for.
var kinds = map[string][]string{
	"unreachable":                   {"unreachable"},
	"integer divide by zero":        {"integer divide by zero"},
	"integer overflow":              {"integer overflow"},
	"invalid conversion to integer": {"invalid conversion to integer"},
	"out of bounds memory access":   {"out of bounds memory access"},
	"invalid table access":          {"out of bounds table access", "undefined element", "uninitialized element"},
	"indirect call type mismatch":   {"indirect call type mismatch"},
	"stack overflow":                {"call stack exhausted"},
	"unaligned atomic":              {"unaligned atomic"},
	"expected shared memory":        {"expected shared memory"},
	"null reference":                {"null reference"},
	"too many waiters":              {},
}

const uncaught = "uncaught exception"

// A trap is named in its error's first line, behind what was being done; the start of a segment's is not a "wasm error".
var (
	trapped = regexp.MustCompile(`(?:^|: )(?:wasm error: )?([a-z ]+)$`)
	linking = regexp.MustCompile(`^import |^module\[.*\] not instantiated|^".*" is not exported in module|^export ".*" in module`)
)

// caught makes an error of a panic of wazero's: "BUG", "TODO", or a size that Go cannot allocate. It is deferred.
func caught(phase string, err *error) {
	if fault := recover(); fault != nil {
		*err = &engine.Error{Phase: phase, Name: "panic", Message: fmt.Sprint(fault)}
	}
}

// failure tells how a call ended.
func failure(err error) error {
	var exit *sys.ExitError
	if errors.As(err, &exit) {
		return &engine.Exit{Code: exit.ExitCode()}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if found := trapped.FindStringSubmatch(first); found != nil {
		if found[1] == uncaught {
			return &engine.Exception{Message: err.Error()}
		}
		if words, known := kinds[found[1]]; known {
			return &engine.Trap{Kinds: words, Message: err.Error()}
		}
	}
	return &engine.Error{Phase: "call", Name: "panic", Message: err.Error()}
}

// instantiation tells why there is no instance.
func instantiation(err error) error {
	told := failure(err)
	var other *engine.Error
	if !errors.As(told, &other) {
		return told
	}
	if linking.MatchString(err.Error()) {
		return engine.Errorf("link", "%v", err)
	}
	return engine.Errorf("instantiate", "%v", err)
}
