package session

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"time"

	"wasm-matrix/host/engine"
)

// script is one script on its way: its store, names, bound values and workers.
type script struct {
	session *interpreter
	store   engine.Store
	imports map[engine.Name]engine.Extern
	shared  map[engine.Name]engine.Extern // of imports, what threads can use
	memory  engine.Memory
	named   map[string]*module
	current *module
	values  map[string]engine.Value
	workers *workers
	scratch string // for all its folders: what leaves one of them by a link ends here
}

// module is an instance of the script, and what its workers need to have one of their own.
type module struct {
	instance engine.Instance
	code     engine.Code
	wasi     *engine.Grant
}

func (s *script) close() {
	if s.workers != nil {
		s.workers.join() // they use the memory, and would take time from the next script; the host holds the deadline
	}
	processors(1)
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
	return nil, malformed("not a type of command: %q", head.Type)
}

// Modules

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
	if code.NeedsWASI() {
		given := grant{}
		if command.WASI != nil {
			given = *command.WASI
		}
		granted, err := given.make(s.folder, s.session.bytes)
		if err != nil {
			return nil, err
		}
		made.wasi = &granted
	}
	made.instance, err = s.store.Instantiate(code, s.imports, made.wasi)
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
	for name, item := range found.instance.Exports() {
		s.imports[engine.Name{Module: *command.As, Field: name}] = item
	}
	return result{}, nil
}

// Calls

func (s *script) value(written value) (engine.Value, error) {
	if written.Bound == nil {
		return written.decode()
	}
	width, ok := widths[written.Type]
	if !ok {
		return engine.Value{}, malformed("not a type for a bound value: %q", written.Type)
	}
	bits, err := s.bits(written.bound)
	if err != nil {
		return engine.Value{}, err
	}
	if width == 32 {
		bits = uint64(uint32(bits))
	}
	return engine.Value{Type: written.Type, Low: bits}, nil
}

func (s *script) bits(named bound) (uint64, error) {
	found, ok := s.values[*named.Bound]
	if !ok {
		return 0, malformed("no value is bound to %q", *named.Bound)
	}
	return found.Low + uint64(named.Plus), nil
}

type actionCommand struct {
	Action *struct {
		Type, Field, Module *string
		Args                []value
	}
	Results []string
	Bind    *string
	Repeat  *int
}

func (s *script) action(text json.RawMessage) (result, error) {
	var command actionCommand
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	action := command.Action
	if action == nil || action.Type == nil || action.Field == nil {
		return nil, malformed("an action has a type and a field")
	}
	times := 1
	if command.Repeat != nil {
		if times = *command.Repeat; times < 1 || times > mostRepeats {
			return nil, malformed("repeat is a number from 1 to %d: %d", mostRepeats, times)
		}
	}
	found, err := s.find(action.Module)
	if err != nil {
		return nil, err
	}
	var values []engine.Value
	var seconds []float64
	switch *action.Type {
	case "invoke":
		values, seconds, err = s.invoke(found.instance, *action.Field, action.Args, command.Results, times)
	case "get":
		values, seconds, err = get(found.instance, *action.Field, times)
	default:
		return nil, malformed("not a type of action: %q", *action.Type)
	}
	if err != nil {
		return nil, err
	}
	if command.Bind != nil {
		if len(values) == 0 {
			return nil, engine.Errorf("call", "%s has no result to bind", *action.Field)
		}
		s.values[*command.Bind] = values[0]
	}
	done := result{"values": encodeAll(values), "seconds": sum(seconds)}
	if command.Repeat != nil {
		done["times"] = seconds
	}
	return done, nil
}

func (s *script) invoke(
	on engine.Instance, field string, written []value, results []string, times int,
) ([]engine.Value, []float64, error) {
	args := make([]engine.Value, len(written))
	for index, one := range written {
		var err error
		if args[index], err = s.value(one); err != nil {
			return nil, nil, err
		}
	}
	call, err := on.Prepare(field, args, append([]string{}, results...))
	if err != nil {
		return nil, nil, err
	}
	seconds, err := timed(times, call.Run)
	if err != nil {
		return nil, nil, err
	}
	return call.Results(), seconds, nil
}

func get(from engine.Instance, field string, times int) (values []engine.Value, seconds []float64, err error) {
	seconds, err = timed(times, func() error {
		value, ok, err := from.Global(field)
		if err == nil && !ok {
			return engine.Errorf("call", "no global is exported as %q", field)
		}
		values = []engine.Value{value}
		return err
	})
	return values, seconds, err
}

func timed(times int, call func() error) ([]float64, error) {
	seconds := make([]float64, times)
	for index := range seconds {
		start := time.Now()
		if err := call(); err != nil {
			return nil, err
		}
		seconds[index] = time.Since(start).Seconds()
	}
	return seconds, nil
}

func sum(seconds []float64) (total float64) {
	for _, one := range seconds {
		total += one
	}
	return total
}

// Linear memory

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

// Commands of WASI

func (s *script) wasi(text json.RawMessage) (result, error) {
	var command struct {
		file
		grant
		Collect []string
	}
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	code, err := s.session.code(command.file)
	if err != nil {
		return nil, err
	}
	granted, err := command.make(s.folder, s.session.bytes)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	outcome, err := s.session.engine.RunCommand(code, granted)
	seconds := time.Since(start).Seconds()
	if err != nil {
		return nil, err
	}
	files := map[string]any{}
	for _, guest := range command.Collect {
		files[guest] = nil
		if content := collect(granted, guest); content != nil {
			files[guest] = base64.StdEncoding.EncodeToString(content)
		}
	}
	done := result{"exit": outcome.Exit}
	if outcome.Ended != nil {
		done = report(outcome.Ended)
	}
	done["stdout"] = base64.StdEncoding.EncodeToString(outcome.Stdout)
	done["stderr"] = base64.StdEncoding.EncodeToString(outcome.Stderr)
	done["files"], done["seconds"] = files, seconds
	return done, nil
}
