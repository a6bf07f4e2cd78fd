package wazero

import (
	"errors"
	"testing"

	"wasm-matrix/host/engine"
)

// eachMode runs a test with the compiler and with the interpreter.
func eachMode(t *testing.T, test func(*testing.T, *Engine)) {
	for _, mode := range []string{"compiler", "interpreter"} {
		t.Run(mode, func(t *testing.T) {
			made, err := New(mode, false)
			if err != nil {
				t.Fatal(err)
			}
			test(t, made)
		})
	}
}

func instantiate(t *testing.T, in *Engine, at engine.Store, wasm []byte, imports map[engine.Name]engine.Extern) engine.Instance {
	t.Helper()
	code, err := in.Compile(wasm)
	if err != nil {
		t.Fatal(err)
	}
	made, err := at.Instantiate(code, imports, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func answer(t *testing.T, of engine.Instance) engine.Value {
	t.Helper()
	call, err := of.Prepare("answer", nil, []string{"i32"})
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Run(); err != nil {
		t.Fatal(err)
	}
	return call.Results()[0]
}

// one is a module whose "answer" gives 1, and which exports it a second time as "other".
func one() writer {
	wasm := newWriter()
	wasm.vector(sectionType, writer{0x60, 0, 1, 0x7f})
	wasm.vector(sectionFunc, writer{0})
	wasm.vector(sectionExport, exportEntry("answer", kindFunction, 0), exportEntry("other", kindFunction, 0))
	wasm.vector(sectionCode, writer{4, 0, 0x41, 1, 0x0b}) // i32.const 1
	return wasm
}

// user is a module whose "answer" adds env.one to the byte at 0 of env.memory. It imports env.one twice.
func user() writer {
	wasm := newWriter()
	wasm.vector(sectionType, writer{0x60, 0, 1, 0x7f})
	wasm.vector(sectionImport,
		importEntry("env", "memory", []byte{kindMemory, 1, 1, 2}),
		importEntry("env", "one", []byte{kindFunction, 0}),
		importEntry("env", "one", []byte{kindFunction, 0}))
	wasm.vector(sectionFunc, writer{0})
	wasm.vector(sectionExport, exportEntry("answer", kindFunction, 2))
	wasm.vector(sectionCode, writer{10, 0, 0x10, 1, 0x41, 0, 0x2d, 0, 0, 0x6a, 0x0b}) // call 1 + i32.load8_u 0
	return wasm
}

func TestANamespaceIsFilledFromSeveralInstances(t *testing.T) {
	eachMode(t, func(t *testing.T, made *Engine) {
		store := made.NewStore()
		defer store.Close()
		maximum := uint64(2)
		memory, err := store.Memory(1, &maximum, false)
		if err != nil {
			t.Fatal(err)
		}
		imports := map[engine.Name]engine.Extern{
			{Module: "env", Field: "memory"}: memory,
			// Under another name than its own.
			{Module: "env", Field: "one"}: instantiate(t, made, store, one(), nil).Exports()["other"],
		}
		using := instantiate(t, made, store, user(), imports)
		if err := memory.Write(0, []byte{41}); err != nil {
			t.Fatal(err)
		}
		if seen := answer(t, using); seen.Low != 42 {
			t.Errorf("the sum of what two instances gave is %d, not 42", seen.Low)
		}
	})
}

func TestWhatIsMissingOfANamespaceIsNamed(t *testing.T) {
	eachMode(t, func(t *testing.T, made *Engine) {
		store := made.NewStore()
		defer store.Close()
		code, err := made.Compile(user())
		if err != nil {
			t.Fatal(err)
		}
		name := engine.Name{Module: "env", Field: "one"}
		imports := map[engine.Name]engine.Extern{name: instantiate(t, made, store, one(), nil).Exports()["answer"]}
		_, err = store.Instantiate(code, imports, nil)
		var failed *engine.Error
		if !errors.As(err, &failed) || failed.Phase != "link" || failed.Message != `nothing is registered as env.memory` {
			t.Errorf("a lacking memory is %v", err)
		}
	})
}

func TestAVectorGlobalHasAll128Bits(t *testing.T) {
	eachMode(t, func(t *testing.T, made *Engine) {
		store := made.NewStore()
		defer store.Close()
		constant := []byte{0xfd, 0x0c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x0b} // v128.const
		wasm := newWriter()
		wasm.vector(6, append(writer{0x7b, 0}, constant...), append(writer{0x7b, 1}, constant...))
		wasm.vector(sectionExport, exportEntry("fixed", kindGlobal, 0), exportEntry("mutable", kindGlobal, 1))
		instance := instantiate(t, made, store, wasm, nil)
		for _, name := range []string{"fixed", "mutable"} {
			value, has, err := instance.Global(name)
			if !has || err != nil || value.Low != 0x0807060504030201 || value.High != 0x100f0e0d0c0b0a09 {
				t.Errorf("%s is %v (%v, %v)", name, value, has, err)
			}
		}
	})
}
