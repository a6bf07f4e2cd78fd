package main

// failPanic panics and nobody recovers: the runtime prints it to stderr and, as always in a c-shared build, aborts (unreachable).
//
//go:wasmexport fail_panic
func failPanic() { panic("fail_panic was called") }

// failRecovered panics within, recovers and gives x + 1.
//
//go:wasmexport fail_recovered
func failRecovered(x int32) (result int32) {
	defer func() { result = recover().(int32) + 1 }()
	panic(x)
}

// after gives 2x + 1: the answer asked of a new instance once another has failed.
//
//go:wasmexport after
func after(x int32) int32 { return x*2 + 1 }
