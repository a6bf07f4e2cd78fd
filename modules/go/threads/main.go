// Command threads is Go's module of threaded jobs: each worker is an instance of its own, with a memory of its own, and what
// the workers share lies in another one, which they reach by the functions of wat-shared.
//
// modules/README.md gives the control block and what each job must do. With the tag wrong this is the deliberately wrong
// twin: see wrong.go.
package main

func main() {} // A c-shared build wants one; a reactor never calls it.

var jobs = map[int32]func(c control, tid int32) int32{
	1:  counter,
	2:  barrier,
	3:  mutex,
	4:  reduce,
	5:  condition,
	6:  semaphore,
	7:  rwlock,
	8:  once,
	9:  spinlock,
	10: spsc,
	11: mpmc,
	12: stealing,
	13: sortBands,
	14: mandelbrot,
	15: matmul,
}

// threadEntry is worker tid of the job in the control block; what it returns hangs on the job.
//
//go:wasmexport thread_entry
func threadEntry(tid int32, block uint32) int32 {
	c := control(block)
	job, ok := jobs[c.job()]
	if !ok {
		return -1
	}
	return job(c, tid)
}
