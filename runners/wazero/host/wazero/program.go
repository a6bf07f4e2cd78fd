package wazero

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"

	"wasm-matrix/host/engine"
)

// A WASI program that starts threads (https://github.com/WebAssembly/wasi-threads) is a process of its own: the first end
// of any thread ends it, and no call of wazero's ends a thread that waits or is busy.

const (
	threadsName = "wasi"
	spawnName   = "thread-spawn"
	refused     = -1
	// most is the threads that can be in the program at once. A processor for each, from the beginning on: a change of their
	// number would wait for all of them, and so would a collection of garbage.
	most = 1024

	orderName, outcomeName = "order.json", "outcome.json"
)

type order struct {
	Wasm  []byte
	Grant engine.Grant
}

// ending is how a program ended; one of the pointers is set.
type ending struct {
	Exit      *engine.Exit
	Trap      *engine.Trap
	Exception *engine.Exception
	Error     *engine.Error
}

func (e *Engine) runThreads(made *code, grant engine.Grant) (engine.Outcome, error) {
	folder, err := os.MkdirTemp("", "program-")
	if err != nil {
		return engine.Outcome{}, engine.Errorf("wasi", "%v", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := write(folder, orderName, order{made.wasm, grant}); err != nil {
		return engine.Outcome{}, engine.Errorf("wasi", "%v", err)
	}
	runtime.LockOSThread() // the process ends with the thread that made it
	defer runtime.UnlockOSThread()
	var stdout, stderr bytes.Buffer
	process := exec.Command(os.Args[0], "-engine", e.mode, "-program", folder)
	process.Stdout, process.Stderr, process.SysProcAttr = &stdout, &stderr, withParent()
	ended := ending{}
	if err = process.Run(); err == nil {
		err = read(folder, outcomeName, &ended)
	}
	if err != nil {
		panic(fmt.Sprintf("the process of a program: %v: %s", err, stderr.String()))
	}
	outcome := engine.Outcome{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Threads: "host"}
	switch {
	case ended.Error != nil:
		return engine.Outcome{}, ended.Error
	case ended.Trap != nil:
		outcome.Ended = ended.Trap
	case ended.Exception != nil:
		outcome.Ended = ended.Exception
	default:
		outcome.Exit = ended.Exit.Code
	}
	return outcome, nil
}

// program is the process.
type program struct {
	engine  *Engine
	code    *code
	grant   engine.Grant
	folder  string
	imports map[engine.Name]engine.Extern
	numbers atomic.Int32
	ending  sync.Mutex
}

// RunProgram is the process's main function: it does not come back.
func RunProgram(made *Engine, folder string) {
	runtime.GOMAXPROCS(most)
	debug.SetGCPercent(-1)
	running := &program{engine: made, folder: folder}
	err := running.run()
	if err == nil {
		err = &engine.Exit{}
	}
	running.end(err)
}

func (p *program) run() error {
	var given order
	if err := read(p.folder, orderName, &given); err != nil {
		return err
	}
	compiled, err := p.engine.Compile(given.Wasm)
	if err != nil {
		return err
	}
	p.code, p.grant = compiled.(*code), given.Grant
	if p.imports, err = p.provide(); err != nil {
		return err
	}
	start, err := p.prepare("_start")
	if err != nil {
		return err
	}
	return start.Run()
}

// provide makes the function that starts threads, and the memory that the program imports.
func (p *program) provide() (map[engine.Name]engine.Extern, error) {
	spawn := func(_ context.Context, stack []uint64) { stack[0] = api.EncodeI32(p.spawn(uint32(stack[0]))) }
	i32 := []api.ValueType{api.ValueTypeI32}
	_, err := p.engine.runtime.NewHostModuleBuilder(threadsName).
		NewFunctionBuilder().WithGoFunction(api.GoFunc(spawn), i32, i32).Export(spawnName).
		Instantiate(background)
	if err != nil {
		return nil, instantiation(err)
	}
	imports := map[engine.Name]engine.Extern{}
	for _, one := range p.code.binary.imports {
		if one.description[0] != kindMemory {
			continue
		}
		limits := reader{one.description, 1}
		flags, minimum := limits.byte(), limits.number()
		maximum := minimum
		if flags&1 != 0 {
			maximum = limits.number()
		}
		if imports[one.name], err = p.engine.NewStore().Memory(minimum, &maximum, flags&2 != 0); err != nil {
			return nil, err
		}
	}
	return imports, nil
}

// prepare makes an instance for a thread, and its call.
func (p *program) prepare(function string, args ...uint32) (engine.Call, error) {
	config := granted(anonymous(), p.grant, os.Stdout, os.Stderr)
	made, err := p.engine.NewStore().(*store).instantiate(p.code, p.imports, config)
	if err != nil {
		return nil, err
	}
	values := make([]engine.Value, 0, len(args))
	for _, arg := range args {
		values = append(values, engine.Value{Type: "i32", Low: uint64(arg)})
	}
	return made.Prepare(function, values, []string{})
}

func (p *program) spawn(argument uint32) int32 {
	number := p.numbers.Add(1)
	call, err := p.prepare("wasi_thread_start", uint32(number), argument)
	if err != nil {
		fmt.Fprintf(os.Stderr, "thread %d: %v\n", number, err)
		return refused
	}
	go func() {
		if err := call.Run(); err != nil {
			p.end(err)
		}
	}()
	return number
}

// end ends the process. Whoever comes later waits for it.
func (p *program) end(err error) {
	p.ending.Lock()
	var ended ending
	if !errors.As(err, &ended.Exit) && !errors.As(err, &ended.Trap) && !errors.As(err, &ended.Exception) &&
		!errors.As(err, &ended.Error) {
		ended.Error = engine.Errorf("wasi", "%v", err)
	}
	if err := write(p.folder, outcomeName, ended); err != nil {
		fmt.Fprintln(os.Stderr, strings.TrimSpace(err.Error()))
		os.Exit(1)
	}
	os.Exit(0)
}

func write(folder, name string, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), text, 0o600)
}

func read(folder, name string, what any) error {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, what)
}
