package session

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A thread in a module's native code never comes to one of Go's safepoints. A garbage collection that starts meanwhile
// stops all the others until it returns: it would take time from what is measured, and where the one waits for another, it
// would never end. So garbage is collected between scripts.

const (
	// most is the bytes of heap at which garbage is collected in the middle of a script all the same.
	most = 1 << 30
	// littered is the bytes of heap that are worth a collection after a script.
	littered = 48 << 20
	// spare is the processors that the protocol's own goroutines need beside the threads in modules: each holds one.
	spare = 4
)

func tame() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(most)
	processors(1)
}

// processors makes room for that many threads in modules. Nothing else may be in a module: it stops the world.
func processors(threads int) {
	runtime.GOMAXPROCS(max(runtime.NumCPU(), threads+spare))
}

// tidy collects what scripts have left, if it is worth the time, and gives it back to the machine.
func tidy() {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	if heap[0].Value.Uint64() > littered {
		debug.FreeOSMemory()
	}
}
