package wazero

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"wasm-matrix/host/engine"
)

const wasiName = wasi_snapshot_preview1.ModuleName

// nobody is where a module's output goes that no command asked for; standard output is the protocol's.
var nobody io.Writer = os.Stderr

// provideWASI instantiates wazero's own WASI, which keeps its state with the instance that calls it.
//
// Its proc_exit closes that instance too, and a script goes on with it: so ours only ends the call.
func provideWASI(place wazero.Runtime) error {
	builder := place.NewHostModuleBuilder(wasiName)
	wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(builder)
	leave := func(_ context.Context, stack []uint64) { panic(sys.NewExitError(uint32(stack[0]))) }
	_, err := builder.NewFunctionBuilder().
		WithGoFunction(api.GoFunc(leave), []api.ValueType{api.ValueTypeI32}, nil).
		WithParameterNames("rval").
		Export("proc_exit").
		Instantiate(background)
	return err
}

// provides tells whether a namespace is a host module: WASI and, in a program with threads, what starts them.
func (e *Engine) provides(namespace string) bool {
	return namespace == wasiName || namespace == threadsName && e.runtime.Module(namespace) != nil
}

// anonymous instances do not find each other by name, and nothing is called in them unasked.
func anonymous() wazero.ModuleConfig {
	return wazero.NewModuleConfig().WithName("").WithStartFunctions()
}

// granted adds exactly the grant. wazero's clocks and random numbers are fakes until real ones are asked for.
func granted(config wazero.ModuleConfig, grant engine.Grant, stdout, stderr io.Writer) wazero.ModuleConfig {
	folders := wazero.NewFSConfig()
	for _, preopen := range grant.Preopens {
		folders = folders.WithDirMount(preopen.Path, preopen.Guest)
	}
	config = config.
		WithArgs(grant.Args...).
		WithStdin(bytes.NewReader(grant.Stdin)).
		WithStdout(stdout).
		WithStderr(stderr).
		WithFSConfig(folders).
		WithSysWalltime().
		WithSysNanotime().
		WithSysNanosleep().
		WithOsyield(runtime.Gosched).
		WithRandSource(rand.Reader)
	for _, name := range slices.Sorted(maps.Keys(grant.Env)) {
		config = config.WithEnv(name, grant.Env[name])
	}
	return config
}

// RunCommand implements engine.Engine.
func (e *Engine) RunCommand(compiled engine.Code, grant engine.Grant) (engine.Outcome, error) {
	if made := compiled.(*code); made.spawns() {
		return e.runThreads(made, grant)
	}
	place := e.NewStore().(*store)
	defer place.Close()
	var stdout, stderr bytes.Buffer
	var ended error
	made, err := place.instantiate(compiled.(*code), nil, granted(anonymous(), grant, &stdout, &stderr))
	if err == nil {
		var start engine.Call
		start, err = made.Prepare("_start", nil, []string{})
		if err == nil {
			err = start.Run()
		}
	}
	outcome := engine.Outcome{Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}
	var exit *engine.Exit
	var failed *engine.Error
	switch {
	case errors.As(err, &exit):
		outcome.Exit = exit.Code
	case errors.As(err, &failed):
		return engine.Outcome{}, failed
	default:
		ended = err
	}
	outcome.Ended = ended
	return outcome, nil
}
