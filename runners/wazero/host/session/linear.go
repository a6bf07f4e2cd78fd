package session

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"

	"wasm-matrix/host/engine"
)

func (s *script) makeMemory(text json.RawMessage) (result, error) {
	var command struct {
		As               []string
		Minimum, Maximum *uint64
		Shared           bool
	}
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	if len(command.As) != 2 || command.Minimum == nil || (command.Shared && command.Maximum == nil) {
		return nil, malformed("a memory has two names, a minimum and, if it is shared, a maximum")
	}
	made, err := s.store.Memory(*command.Minimum, command.Maximum, command.Shared)
	if err != nil {
		return nil, err
	}
	name := engine.Name{Module: command.As[0], Field: command.As[1]}
	s.memory, s.imports[name] = made, made
	if command.Shared {
		s.shared[name] = made
	}
	return result{}, nil
}

func (s *script) linear() (engine.Memory, error) {
	if s.current != nil {
		if exported := s.current.instance.Memory(); exported != nil {
			return exported, nil
		}
	}
	if s.memory == nil {
		return nil, engine.Errorf("memory", "the current module exports no memory, and the host made none")
	}
	return s.memory, nil
}

// address is a plain number, or stands for a value that was bound before.
type address struct {
	plain uint64
	bound
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *address) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("{")) {
		if err := json.Unmarshal(text, &a.bound); err != nil {
			return err
		}
		if a.Bound == nil {
			return errors.New("an address that is no number has a bound name")
		}
		return nil
	}
	plain, err := strconv.ParseUint(string(text), 10, 64)
	a.plain = plain
	return err
}

func (s *script) address(written *address) (uint64, error) {
	switch {
	case written == nil:
		return 0, malformed("an address is wanted")
	case written.Bound == nil:
		return written.plain, nil
	}
	return s.bits(written.bound)
}

func (s *script) write(text json.RawMessage) (result, error) {
	var command struct {
		Address *address
		Data    *data
	}
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	at, err := s.address(command.Address)
	if err != nil {
		return nil, err
	}
	content, err := s.session.bytes(command.Data)
	if err != nil {
		return nil, err
	}
	memory, err := s.linear()
	if err != nil {
		return nil, err
	}
	if err := memory.Write(at, content); err != nil {
		return nil, err
	}
	return result{}, nil
}

func (s *script) read(text json.RawMessage) (result, error) {
	var command struct {
		Address *address
		Length  *uint64
	}
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	at, err := s.address(command.Address)
	if err != nil {
		return nil, err
	}
	if command.Length == nil {
		return nil, malformed("a length is wanted")
	}
	memory, err := s.linear()
	if err != nil {
		return nil, err
	}
	content, err := memory.Read(at, *command.Length)
	if err != nil {
		return nil, err
	}
	return result{"bytes": base64.StdEncoding.EncodeToString(content)}, nil
}

func (s *script) pages() (result, error) {
	memory, err := s.linear()
	if err != nil {
		return nil, err
	}
	return result{"pages": memory.Pages()}, nil
}
