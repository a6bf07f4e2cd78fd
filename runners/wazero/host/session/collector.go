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
	// littered is the bytes of garbage that are worth a collection after a script.
	littered = 48 << 20
	// most is the bytes that threads may allocate until garbage is collected all the same.
	most = 1 << 30
	// spare is the processors that the protocol's own goroutines need beside the threads in modules: each holds one.
	spare = 4
)

// collector knows what was in use after the last collection, in bytes.
type collector struct{ live uint64 }

// tame leaves collections to the collector.
func tame() *collector {
	debug.SetGCPercent(-1)
	makeRoom(1)
	return &collector{heap()}
}

// tidy collects what scripts have left, if it is worth the time, and gives it back to the machine.
func (c *collector) tidy() {
	if heap() > c.live+littered {
		debug.FreeOSMemory()
		makeRoom(1)
		c.live = heap()
	}
}

// makeRoom lets that many threads be in modules at once, and allocate. Nothing may be in a module yet: it stops the world.
func makeRoom(threads int) {
	runtime.GOMAXPROCS(max(runtime.NumCPU(), threads+spare))
	debug.SetMemoryLimit(int64(heap() + most)) // a shared memory counts by its maximum, used or not
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
