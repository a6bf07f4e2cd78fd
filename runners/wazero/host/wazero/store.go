package wazero

import (
	"strconv"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"wasm-matrix/host/engine"
)

// store is the instances of one script or thread; wazero keeps all of them in one Runtime.
type store struct {
	engine    *Engine
	closers   []func()
	functions references
}

// export is one of an instance's exports.
type export struct {
	module api.Module
	name   string
}

func (s *store) Close() {
	for _, end := range s.closers {
		end()
	}
}

// Memory implements engine.Store. wazero's API makes none, so a module with nothing but a memory does.
func (s *store) Memory(minimum uint64, maximum *uint64, shared bool) (engine.Memory, error) {
	var limits writer
	switch {
	case maximum == nil:
		limits = writer{0}
		limits.number(minimum)
	default:
		limits = writer{1}
		if shared {
			limits = writer{3}
		}
		limits.number(minimum)
		limits.number(*maximum)
	}
	wasm := newWriter()
	wasm.vector(sectionMemory, limits)
	wasm.vector(sectionExport, exportEntry("memory", kindMemory, 0))
	module, err := s.synthesize(wasm, nil)
	if err != nil {
		return nil, engine.Errorf("memory", "%v", err)
	}
	return &memory{export{module, "memory"}, module.ExportedMemory("memory")}, nil
}

// Instantiate implements engine.Store.
func (s *store) Instantiate(
	compiled engine.Code, imports map[engine.Name]engine.Extern, wasi *engine.Grant,
) (engine.Instance, error) {
	made := compiled.(*code)
	config := anonymous()
	if wasi != nil {
		config = granted(config, *wasi, nobody, nobody)
	}
	return s.instantiate(made, imports, config)
}

func (s *store) instantiate(
	made *code, imports map[engine.Name]engine.Extern, config wazero.ModuleConfig,
) (*instance, error) {
	modules, err := s.link(made, imports)
	if err != nil {
		return nil, err
	}
	module, err := s.make(made.compiled, modules, config)
	if err != nil {
		return nil, err
	}
	return &instance{s, made, module}, nil
}

// link finds the module that stands for each namespace of the imports.
//
// wazero links a namespace to one instance; a script may fill it from several, and register under it only some.
func (s *store) link(made *code, imports map[engine.Name]engine.Extern) (map[string]api.Module, error) {
	modules := map[string]api.Module{}
	wanted := map[string][]imported{}
	for _, one := range made.binary.imports {
		wanted[one.name.Module] = append(wanted[one.name.Module], one)
	}
	for namespace, entries := range wanted {
		exports, missing := find(entries, imports)
		switch {
		case missing != nil && s.engine.provides(namespace): // wazero finds it by name
		case missing != nil:
			return nil, engine.Errorf("link", "nothing is registered as %s.%s", namespace, missing.name.Field)
		case direct(entries, exports):
			modules[namespace] = exports[0].module
		default:
			merged, err := s.merge(made.binary.types, entries, exports)
			if err != nil {
				return nil, err
			}
			modules[namespace] = merged
		}
	}
	return modules, nil
}

// find gives what is registered for each of the entries, or the first for which nothing is.
func find(entries []imported, imports map[engine.Name]engine.Extern) (exports []export, missing *imported) {
	for _, one := range entries {
		switch found := imports[one.name].(type) {
		case *memory:
			exports = append(exports, found.export)
		case export:
			exports = append(exports, found)
		default:
			return nil, &one
		}
	}
	return exports, nil
}

// direct tells whether one instance has all of the exports, under the names by which they are imported.
func direct(entries []imported, exports []export) bool {
	for index, one := range exports {
		if one.module != exports[0].module || one.name != entries[index].name.Field {
			return false
		}
	}
	return true
}

// merge makes an instance that imports each of the exports from its own module, and exports it under the wanted name.
func (s *store) merge(types []byte, entries []imported, exports []export) (api.Module, error) {
	modules := map[string]api.Module{}
	var importing, exporting []writer
	var counts [kindTag + 1]uint64
	named := map[string]bool{} // a module may import one thing twice
	for index, one := range entries {
		namespace, kind := strconv.Itoa(index), one.description[0]
		modules[namespace] = exports[index].module
		importing = append(importing, importEntry(namespace, exports[index].name, one.description))
		if !named[one.name.Field] {
			exporting = append(exporting, exportEntry(one.name.Field, kind, counts[kind]))
		}
		named[one.name.Field] = true
		counts[kind]++
	}
	wasm := newWriter()
	if types != nil {
		wasm.section(sectionType, types)
	}
	wasm.vector(sectionImport, importing...)
	wasm.vector(sectionExport, exporting...)
	return s.synthesize(wasm, modules)
}

// synthesize makes an instance of a module of ours, for what wazero's API lacks.
func (s *store) synthesize(wasm []byte, modules map[string]api.Module) (api.Module, error) {
	compiled, err := s.engine.compile(wasm)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() { _ = compiled.Close(background) })
	return s.make(compiled, modules, anonymous())
}

func (s *store) make(
	compiled wazero.CompiledModule, modules map[string]api.Module, config wazero.ModuleConfig,
) (module api.Module, err error) {
	defer caught("instantiate", &err)
	ctx := experimental.WithImportResolver(background, func(name string) api.Module { return modules[name] })
	module, err = s.engine.runtime.InstantiateModule(ctx, compiled, config)
	if err != nil {
		return nil, instantiation(err)
	}
	s.closers = append(s.closers, func() { _ = module.Close(background) })
	return module, nil
}
