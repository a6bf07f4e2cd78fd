package main

import "math"

// The instructions of the shared memory, by address: wat-shared, which the host gives each worker.

//go:wasmimport shared i32.load
func load32(at uint32) int32

//go:wasmimport shared i64.load
func load64(at uint32) int64

//go:wasmimport shared i32.store
func store32(at uint32, value int32)

//go:wasmimport shared i64.store
func store64(at uint32, value int64)

//go:wasmimport shared i32.atomic.load
func atomicLoad32(at uint32) int32

//go:wasmimport shared i32.atomic.store
func atomicStore32(at uint32, value int32)

//go:wasmimport shared i32.atomic.rmw.add
func atomicAdd32(at uint32, delta int32) int32

//go:wasmimport shared i64.atomic.rmw.add
func atomicAdd64(at uint32, delta int64) int64

//go:wasmimport shared i32.atomic.rmw.xor
func atomicXor32(at uint32, mask int32) int32

//go:wasmimport shared i32.atomic.rmw.xchg
func atomicSwap32(at uint32, value int32) int32

//go:wasmimport shared i32.atomic.rmw.cmpxchg
func atomicCompareAndSwap32(at uint32, old, new int32) int32

//go:wasmimport shared memory.atomic.wait32
func wait32(at uint32, expected int32, timeout int64) int32

//go:wasmimport shared memory.atomic.notify
func notify(at uint32, count int32) int32

// Int32 is an atomic int32 of the shared memory, by its address. Its methods are those of sync/atomic.Int32, and what one sleeps by.
type Int32 uint32

func (x Int32) Load() int32           { return atomicLoad32(uint32(x)) }
func (x Int32) Store(value int32)     { atomicStore32(uint32(x), value) }
func (x Int32) Swap(new int32) int32  { return atomicSwap32(uint32(x), new) }
func (x Int32) Add(delta int32) int32 { return atomicAdd32(uint32(x), delta) + delta }
func (x Int32) Xor(mask int32)        { atomicXor32(uint32(x), mask) }

func (x Int32) CompareAndSwap(old, new int32) bool {
	return atomicCompareAndSwap32(uint32(x), old, new) == old
}

// Raise makes it value unless it is as large, and tells whether it did.
func (x Int32) Raise(value int32) bool {
	for now := x.Load(); now < value; now = x.Load() {
		if x.CompareAndSwap(now, value) {
			return true
		}
	}
	return false
}

const forever = -1 // ns

// Wait sleeps while it is value, until it is woken.
func (x Int32) Wait(value int32) { wait32(uint32(x), value, forever) }

// WaitUntil sleeps until it is value or more.
func (x Int32) WaitUntil(value int32) {
	for now := x.Load(); now < value; now = x.Load() {
		x.Wait(now)
	}
}

// Nap sleeps for nanoseconds on a word that is 0 and that nobody notifies.
func (x Int32) Nap(nanoseconds int64) { wait32(uint32(x), 0, nanoseconds) }

func (x Int32) WakeOne() { notify(uint32(x), 1) }
func (x Int32) WakeAll() { notify(uint32(x), math.MaxInt32) }

// fetch copies n values into this instance's own memory; keep copies them back.
func fetch(at uint32, n int) []int32 {
	values := make([]int32, n)
	for i := range values {
		values[i] = load32(at + 4*uint32(i))
	}
	return values
}

func keep(at uint32, values []int32) {
	for i, value := range values {
		store32(at+4*uint32(i), value)
	}
}
