package session

import (
	"bytes"
	"encoding/json"
	"os"

	"wasm-matrix/host/engine"
)

// script is one script on its way: its store, names, bound values and workers.
type script struct {
	session    *interpreter
	store      engine.Store
	imports    map[engine.Name]engine.Extern
	shared     map[engine.Name]engine.Extern // of imports, what threads can use
	memory     engine.Memory
	named      map[string]*module
	registered []registered
	current    *module
	values     map[string]engine.Value
	workers    *workers
	scratch    string // for all its folders: what leaves one of them by a link ends here
}

func (s *script) close() {
	if s.workers != nil {
		s.workers.join() // they use the memory, and would take time from the next script; the host holds the deadline
		makeRoom(1)
	}
	s.store.Close()
	if s.scratch != "" {
		_ = os.RemoveAll(s.scratch)
	}
}

// folder makes a new one. Errors: phase script.
func (s *script) folder() (folder string, err error) {
	if s.scratch == "" {
		s.scratch, err = os.MkdirTemp(s.session.scratch, "script-")
	}
	if err == nil {
		folder, err = os.MkdirTemp(s.scratch, "")
	}
	if err != nil {
		return "", malformed("there is no folder for its files: %v", err)
	}
	return folder, nil
}

func decode(text json.RawMessage, into any) error {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return malformed("not a command: %.100s", text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return malformed("%v", err)
	}
	return nil
}

// elsewhere has why this is no runner for a command. Its phase has the command's name.
var elsewhere = map[string]string{
	"request": "this runtime serves no HTTP",
	"probe":   "this runtime is no browser",
	"program": "the program's ABI is JavaScript of node or of a page",
}

// perform carries out one command. Its errors are the engine's: only an *engine.Error ends the script.
func (s *script) perform(text json.RawMessage) (result, error) {
	var head struct{ Type string }
	if err := decode(text, &head); err != nil {
		return nil, err
	}
	switch head.Type {
	case "module":
		return s.module(text)
	case "assert_invalid", "assert_malformed", "assert_unlinkable", "assert_uninstantiable":
		return s.assertModule(text)
	case "register":
		return s.register(text)
	case "memory":
		return s.makeMemory(text)
	case "action", "assert_return", "assert_trap", "assert_exhaustion", "assert_exception":
		return s.action(text)
	case "write":
		return s.write(text)
	case "read":
		return s.read(text)
	case "pages":
		return s.pages()
	case "spawn":
		return s.spawn(text)
	case "join":
		return s.join()
	case "wasi":
		return s.wasi(text)
	}
	if message, known := elsewhere[head.Type]; known {
		return nil, &engine.Error{Phase: head.Type, Name: "unsupported", Message: message}
	}
	return nil, malformed("not a type of command: %q", head.Type)
}
