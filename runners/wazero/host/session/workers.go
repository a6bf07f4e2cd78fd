package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"wasm-matrix/host/engine"
)

// region is size bytes for each worker, one after the other from address on.
type region struct{ address, size uint64 }

// plan is what each worker does, with instances of its own: of what is registered, and of the module.
type plan struct {
	module     *module
	registered []registered
	memories   map[engine.Name]engine.Extern
	field      string
	argument   engine.Value
	stack, tls *region
}

type worker struct {
	entry          result
	failure        error
	started, ended time.Time
}

// workers are those of one spawn: each an instance in a store of its own on a goroutine of its own.
//
// makeRoom lets all of them run at once. Locked to their threads they would do just the same, but a wait and its notify
// would take the kernel's time to change threads instead of Go's: 14 times as long.
type workers struct {
	all  []*worker
	done sync.WaitGroup
}

func (s *script) spawn(text json.RawMessage) (result, error) {
	var command struct {
		Workers     *int
		Field, Name *string
		Arg         *value
		Stack, TLS  *struct {
			Address *address
			Size    *uint64
		}
	}
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	if s.workers != nil {
		return nil, malformed("the workers of the last spawn have not been joined")
	}
	if command.Workers == nil || *command.Workers < 1 || *command.Workers > mostWorkers {
		return nil, malformed("workers is a number from 1 to %d", mostWorkers)
	}
	if command.Field == nil || command.Arg == nil {
		return nil, malformed("a spawn has a field and an arg")
	}
	found, err := s.find(command.Name)
	if err != nil {
		return nil, err
	}
	wanted := plan{module: found, registered: s.registered, memories: s.shared, field: *command.Field}
	if wanted.argument, err = s.value(*command.Arg); err != nil {
		return nil, err
	}
	if given := command.Stack; given != nil {
		if wanted.stack, err = s.region(given.Address, given.Size); err != nil {
			return nil, err
		}
	}
	if given := command.TLS; given != nil {
		if wanted.tls, err = s.region(given.Address, given.Size); err != nil {
			return nil, err
		}
	}
	if s.workers, err = s.start(wanted, *command.Workers); err != nil {
		return nil, err
	}
	return result{}, nil
}

func (s *script) region(from *address, size *uint64) (*region, error) {
	at, err := s.address(from)
	if err != nil {
		return nil, err
	}
	if size == nil {
		return nil, malformed("a region has a size")
	}
	return &region{at, *size}, nil
}

// start gives the workers, all instantiated, and only then is the first let go.
//
// Errors: phase spawn where one could not be instantiated; then none runs.
func (s *script) start(wanted plan, count int) (*workers, error) {
	makeRoom(count)
	team := &workers{}
	var ready sync.WaitGroup
	let := make(chan bool)
	for index := range count {
		one := &worker{}
		team.all = append(team.all, one)
		ready.Add(1)
		team.done.Add(1)
		go func() {
			defer team.done.Done()
			store := s.session.engine.NewStore()
			defer store.Close()
			call, err := wanted.prepare(store, index)
			one.failure = err
			ready.Done()
			if <-let {
				one.run(call, index, count)
			}
		}()
	}
	ready.Wait()
	for index, one := range team.all {
		if one.failure == nil {
			continue
		}
		close(let)
		team.done.Wait()
		makeRoom(1)
		var failed *engine.Error
		name := strings.TrimPrefix(fmt.Sprintf("%T", one.failure), "*engine.") // Trap, Exit …
		if errors.As(one.failure, &failed) {
			name = failed.Phase
		}
		return nil, &engine.Error{Phase: "spawn", Name: name, Message: fmt.Sprintf("worker %d: %v", index, one.failure)}
	}
	for range count {
		let <- true
	}
	return team, nil
}

// prepare makes the worker's instances and readies its call.
func (p plan) prepare(store engine.Store, index int) (engine.Call, error) {
	imports := maps.Clone(p.memories)
	for _, one := range p.registered {
		library, err := instance(store, one.module.code, imports)
		if err == nil {
			err = initialize(library)
		}
		if err != nil {
			return nil, err
		}
		one.in(imports, library)
	}
	made, err := instance(store, p.module.code, imports)
	if err != nil {
		return nil, err
	}
	if err := p.giveStackAndTLS(made, index); err != nil {
		return nil, err
	}
	if err := initialize(made); err != nil {
		return nil, err
	}
	return made.Prepare(p.field, []engine.Value{i32(uint64(index)), p.argument}, []string{"i32"})
}

// instance makes one that has an empty grant of WASI, where it wants any.
func instance(store engine.Store, code engine.Code, imports map[engine.Name]engine.Extern) (engine.Instance, error) {
	var grant *engine.Grant
	if code.NeedsWASI() {
		grant = &engine.Grant{}
	}
	return store.Instantiate(code, imports, grant)
}

func initialize(made engine.Instance) error {
	if _, has := made.Exports()["_initialize"]; !has {
		return nil
	}
	return call(made, "_initialize")
}

func (p plan) giveStackAndTLS(made engine.Instance, index int) error {
	if _, has, _ := made.Global("__stack_pointer"); has && p.stack != nil {
		if err := made.SetGlobal("__stack_pointer", i32(p.stack.address+uint64(index+1)*p.stack.size)); err != nil {
			return err
		}
	}
	size, has, _ := made.Global("__tls_size")
	if !has || p.tls == nil || size.Low == 0 {
		return nil
	}
	if size.Low > p.tls.size {
		return engine.Errorf("spawn", "TLS of %d bytes does not fit %d", size.Low, p.tls.size)
	}
	return call(made, "__wasm_init_tls", i32(p.tls.address+uint64(index)*p.tls.size))
}

// call calls a function without results.
func call(made engine.Instance, function string, arguments ...engine.Value) error {
	ready, err := made.Prepare(function, arguments, []string{})
	if err != nil {
		return err
	}
	return ready.Run()
}

func i32(bits uint64) engine.Value { return engine.Value{Type: "i32", Low: uint64(uint32(bits))} }

func (w *worker) run(call engine.Call, index, count int) {
	w.started = time.Now()
	err := call.Run()
	w.ended = time.Now()
	if err == nil {
		w.entry = result{"values": encodeAll(call.Results())}
	} else {
		w.entry = report(err)
		// The others may wait for this one forever: then the host's deadline ends us, and this is what it has.
		fmt.Fprintf(os.Stderr, "worker %d of %d: %v\n", index, count, err)
	}
	w.entry["seconds"] = w.ended.Sub(w.started).Seconds()
}

func (s *script) join() (result, error) {
	if s.workers == nil {
		return nil, malformed("there are no workers to join")
	}
	team := s.workers
	s.workers = nil
	joined := team.join()
	makeRoom(1)
	return joined, nil
}

// join waits for all. It may wait forever: the host holds the deadline.
func (w *workers) join() result {
	w.done.Wait()
	first, last := w.all[0].started, w.all[0].ended
	entries := []result{}
	for _, one := range w.all {
		entries = append(entries, one.entry)
		if one.started.Before(first) {
			first = one.started
		}
		if one.ended.After(last) {
			last = one.ended
		}
	}
	return result{"workers": entries, "seconds": last.Sub(first).Seconds()}
}
