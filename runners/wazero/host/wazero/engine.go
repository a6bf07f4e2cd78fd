// Package wazero makes an engine.Engine of wazero: its compiler or its interpreter, its own WASI.
package wazero

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"wasm-matrix/host/engine"
)

// every proposal that this version of wazero has, the experimental ones too: it ignores the bits that it does not know.
const every = ^api.CoreFeatures(0)

var background = context.Background()

// Engine is one wazero.Runtime. WASI has its name in it; scripts' instances have none, so nobody finds another's.
type Engine struct {
	mode    string
	runtime wazero.Runtime
}

// New makes the engine; mode is compiler or interpreter. With defaults it has only the features that are on by default.
//
// Compiled modules are not kept on disk: all that the suite has compile in two seconds, and wazero refuses a module whose
// file in its cache is damaged.
func New(mode string, defaults bool) (*Engine, error) {
	configs := map[string]func() wazero.RuntimeConfig{
		"compiler":    wazero.NewRuntimeConfigCompiler,
		"interpreter": wazero.NewRuntimeConfigInterpreter,
	}
	config, known := configs[mode]
	if !known {
		return nil, fmt.Errorf("unknown engine %q: compiler or interpreter", mode)
	}
	settings := config()
	if !defaults {
		settings = settings.WithCoreFeatures(every)
	}
	runtime := wazero.NewRuntimeWithConfig(background, settings)
	if err := provideWASI(runtime); err != nil {
		return nil, err
	}
	return &Engine{mode, runtime}, nil
}

// About implements engine.Engine.
func (e *Engine) About() (name, version string, facts map[string]string) {
	facts = map[string]string{"engine": e.mode}
	if info, ok := debug.ReadBuildInfo(); ok {
		facts["go"] = strings.TrimPrefix(info.GoVersion, "go")
		for _, dependency := range info.Deps {
			if dependency.Path == "github.com/tetratelabs/wazero" {
				version = strings.TrimPrefix(dependency.Version, "v")
			}
		}
	}
	return "wazero", version, facts
}

type code struct {
	compiled wazero.CompiledModule
	binary   wasmBinary
	wasm     []byte // of a program that starts threads alone
}

func (c *code) NeedsWASI() bool { return c.imports(wasiName) }

// spawns tells whether it is a program that starts threads.
func (c *code) spawns() bool { return c.imports(threadsName) }

func (c *code) imports(namespace string) bool {
	return slices.ContainsFunc(c.binary.imports, func(one imported) bool { return one.name.Module == namespace })
}

func (c *code) Close() { _ = c.compiled.Close(background) }

// Compile implements engine.Engine.
func (e *Engine) Compile(wasm []byte) (engine.Code, error) {
	compiled, err := e.compile(wasm)
	if err != nil {
		return nil, err
	}
	made := &code{compiled: compiled, binary: parse(wasm)}
	if made.spawns() {
		made.wasm = wasm
	}
	return made, nil
}

func (e *Engine) compile(wasm []byte) (compiled wazero.CompiledModule, err error) {
	defer caught("compile", &err)
	compiled, err = e.runtime.CompileModule(background, wasm)
	if err != nil {
		return nil, engine.Errorf("compile", "%v", err)
	}
	return compiled, nil
}

// NewStore implements engine.Engine.
func (e *Engine) NewStore() engine.Store {
	return &store{engine: e}
}
