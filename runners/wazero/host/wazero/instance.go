package wazero

import (
	"slices"

	"github.com/tetratelabs/wazero/api"

	"wasm-matrix/host/engine"
)

type instance struct {
	store  *store
	code   *code
	module api.Module
}

// Prepare implements engine.Instance.
func (i *instance) Prepare(function string, args []engine.Value, results []string) (engine.Call, error) {
	exported := i.module.ExportedFunction(function)
	if exported == nil {
		return nil, engine.Errorf("call", "no function is exported as %q", function)
	}
	definition := exported.Definition()
	params, returned := typeNames(definition.ParamTypes()), typeNames(definition.ResultTypes())
	if !slices.Equal(returned, results) {
		return nil, engine.Errorf("call", "%s has results of types %v, not %v", function, returned, results)
	}
	if given := valueTypes(args); !slices.Equal(params, given) {
		return nil, engine.Errorf("call", "%s takes arguments of types %v, not %v", function, params, given)
	}
	words, err := i.store.functions.words(args)
	if err != nil {
		return nil, err
	}
	stack := make([]uint64, max(len(words), slots(results)))
	return &call{function: exported, args: words, stack: stack, results: results, functions: &i.store.functions}, nil
}

// Global implements engine.Instance.
func (i *instance) Global(name string) (engine.Value, bool, error) {
	global := i.module.ExportedGlobal(name)
	if global == nil {
		return engine.Value{}, false, nil
	}
	kind := typeName(global.Type())
	if kind != "v128" {
		return i.store.functions.values([]string{kind}, []uint64{global.Get()})[0], true, nil
	}
	value, err := i.vector(name, global)
	return value, err == nil, err
}

// vector reads a global of type v128 with a module of ours that imports it: api.Global gives 64 bits.
func (i *instance) vector(name string, global api.Global) (engine.Value, error) {
	_, mutable := global.(api.MutableGlobal)
	description := []byte{kindGlobal, 0x7b, 0}
	if mutable {
		description[2] = 1
	}
	wasm := newWriter()
	wasm.vector(sectionType, writer{0x60, 0, 1, 0x7b}) // () -> v128
	wasm.vector(sectionImport, importEntry("0", name, description))
	wasm.vector(sectionFunc, writer{0})
	wasm.vector(sectionExport, exportEntry("get", kindFunction, 0))
	wasm.vector(sectionCode, writer{4, 0, 0x23, 0, 0x0b}) // global.get 0
	module, err := i.store.synthesize(wasm, map[string]api.Module{"0": i.module})
	if err != nil {
		return engine.Value{}, err
	}
	words, err := module.ExportedFunction("get").Call(background)
	if err != nil {
		return engine.Value{}, failure(err)
	}
	return engine.Value{Type: "v128", Low: words[0], High: words[1]}, nil
}

// SetGlobal implements engine.Instance.
func (i *instance) SetGlobal(name string, value engine.Value) error {
	global, ok := i.module.ExportedGlobal(name).(api.MutableGlobal)
	if !ok || typeName(global.Type()) != value.Type {
		return engine.Errorf("call", "no mutable global of type %s is exported as %q", value.Type, name)
	}
	global.Set(value.Low)
	return nil
}

// Memory implements engine.Instance.
func (i *instance) Memory() engine.Memory {
	exported := i.code.compiled.ExportedMemories()
	name := "memory"
	if _, ok := exported[name]; !ok {
		if len(exported) != 1 {
			return nil
		}
		for only := range exported {
			name = only
		}
	}
	return &memory{export{i.module, name}, i.module.ExportedMemory(name)}
}

// Exports implements engine.Instance.
func (i *instance) Exports() map[string]engine.Extern {
	exports := map[string]engine.Extern{}
	for _, name := range i.code.binary.exports {
		exports[name] = export{i.module, name}
	}
	return exports
}

// call is a prepared call; args are its words, a v128 has two.
type call struct {
	function  api.Function
	args      []uint64
	stack     []uint64
	results   []string
	functions *references
}

// Run implements engine.Call.
func (c *call) Run() (err error) {
	defer caught("call", &err)
	copy(c.stack, c.args)
	if err := c.function.CallWithStack(background, c.stack); err != nil {
		return failure(err)
	}
	return nil
}

// Results implements engine.Call.
func (c *call) Results() []engine.Value { return c.functions.values(c.results, c.stack) }
