package session

import (
	"encoding/json"
	"errors"

	"wasm-matrix/host/engine"
)

// module is an instance of the script, and what its workers need to have one of their own.
type module struct {
	instance engine.Instance
	code     engine.Code
}

// registered is a module whose exports can be imported, under this name.
type registered struct {
	as     string
	module *module
}

// in adds to imports what the instance exports.
func (r registered) in(imports map[engine.Name]engine.Extern, instance engine.Instance) {
	for name, item := range instance.Exports() {
		imports[engine.Name{Module: r.as, Field: name}] = item
	}
}

type moduleCommand struct {
	file
	Name *string
	WASI *grant
}

func (s *script) instantiate(command moduleCommand) (*module, error) {
	code, err := s.session.code(command.file)
	if err != nil {
		return nil, err
	}
	made := &module{code: code}
	var wasi *engine.Grant
	if code.NeedsWASI() {
		given := grant{}
		if command.WASI != nil {
			given = *command.WASI
		}
		granted, err := given.make(s.folder, s.session.bytes)
		if err != nil {
			return nil, err
		}
		wasi = &granted
	}
	made.instance, err = s.store.Instantiate(code, s.imports, wasi)
	return made, err
}

func (s *script) module(text json.RawMessage) (result, error) {
	// Before anything can fail: what comes after a failed module must not speak to the one before it.
	s.current = nil
	var command moduleCommand
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	made, err := s.instantiate(command)
	if err != nil {
		return nil, err
	}
	s.current = made
	if command.Name != nil {
		s.named[*command.Name] = made
	}
	return result{}, nil
}

func (s *script) assertModule(text json.RawMessage) (result, error) {
	var command moduleCommand
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	_, err := s.instantiate(command)
	var failed *engine.Error
	if errors.As(err, &failed) && failed.Phase != "script" && failed.Phase != "fetch" {
		return report(err), nil
	}
	if err != nil {
		return nil, err
	}
	return result{}, nil
}

func (s *script) find(name *string) (*module, error) {
	if name == nil {
		if s.current == nil {
			return nil, engine.Errorf("call", "there is no current module")
		}
		return s.current, nil
	}
	found, ok := s.named[*name]
	if !ok {
		return nil, engine.Errorf("call", "no module is named %q", *name)
	}
	return found, nil
}

func (s *script) register(text json.RawMessage) (result, error) {
	var command struct{ As, Name *string }
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	if command.As == nil {
		return nil, malformed("as is a string")
	}
	found, err := s.find(command.Name)
	if err != nil {
		return nil, err
	}
	one := registered{*command.As, found}
	one.in(s.imports, found.instance)
	s.registered = append(s.registered, one)
	return result{}, nil
}
