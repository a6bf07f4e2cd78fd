//go:build !wrong

package main

import "sync"

// counter makes atomic increments. How many.
func counter(c control, _ int32) int32 {
	iterations := c.iterations()
	for range iterations {
		c.counter().Add(1)
	}
	return iterations
}

// barrier makes rounds: say the round, meet, look whether all have said it, meet. How many.
func barrier(c control, tid int32) int32 {
	iterations, workers, meeting := c.iterations(), c.workers(), c.meeting()
	for round := int32(1); round <= iterations; round++ {
		store32(uint32(c.slot(tid)), round)
		meeting.Meet()
		for other := range workers {
			if load32(uint32(c.slot(other))) != round {
				c.errors().Add(1)
			}
		}
		meeting.Meet()
	}
	return iterations
}

// mutex makes its additions under the lock of the control block.
func mutex(c control, _ int32) int32 { return additions(c, c.lock()) }

// additions makes plain additions to the total, each under the lock. How many.
func additions(c control, lock sync.Locker) int32 {
	iterations := c.iterations()
	for range iterations {
		lock.Lock()
		store64(c.total(), load64(c.total())+1)
		lock.Unlock()
	}
	return iterations
}

// reduce adds the sum over its part of the data, in so many passes, to the total.
func reduce(c control, tid int32) int32 {
	start, end := c.border(tid), c.border(tid+1)
	part := fetch(c.data()+4*uint32(start), end-start)
	atomicAdd64(c.total(), sum(part, c.iterations()))
	return 0
}

// condition hands values over through a box for one.
func condition(c control, tid int32) int32 {
	mailbox := c.words().mailbox()
	if c.producing(tid) {
		return produce(c, tid, mailbox.Put)
	}
	return consume(c, mailbox.Take)
}

// semaphore goes in and out of a room for limit.
func semaphore(c control, _ int32) int32 { return visits(c, c.limit()) }

// rwlock has writers change a pair of values, and readers look whether they belong together. Before that all readers are
// inside at once.
func rwlock(c control, tid int32) int32 {
	words, workers, iterations := c.words(), c.workers(), c.iterations()
	lock, start := words.rwMutex(), words.barrier(c)
	total, check := c.total(), uint32(c.check())
	if c.producing(tid) {
		start.Meet()
		for range iterations {
			lock.Lock()
			store64(total, load64(total)+1)
			store32(check, mix(int32(load64(total))))
			lock.Unlock()
		}
		return iterations
	}
	lock.RLock()
	c.counter().Add(1)
	c.counter().WakeAll()
	c.counter().WaitUntil(workers - workers/2)
	lock.RUnlock()
	start.Meet()
	for range iterations {
		lock.RLock()
		if load32(check) != mix(int32(load64(total))) {
			c.errors().Add(1)
		}
		lock.RUnlock()
	}
	return iterations
}

// once has rows of a table, each written by whoever comes to it first and complete for everybody.
func once(c control, _ int32) int32 {
	words, out, iterations := c.words(), c.out(), c.iterations()
	for row := range iterations {
		first := row * rowLength
		Once(words.word()).Do(func() {
			c.counter().Add(1)
			for i := first; i < first+rowLength; i++ {
				store32(out+4*uint32(i), mix(i+1))
			}
		})
		for i := first; i < first+rowLength; i++ {
			if load32(out+4*uint32(i)) != mix(i+1) {
				c.errors().Add(1)
			}
		}
	}
	return iterations
}

// spinlock makes its additions under a lock that is looked at again and again.
func spinlock(c control, tid int32) int32 {
	return additions(c, SpinLock{c.words().word(), c.slot(tid)})
}

// spsc sends values through a queue for each producer and its consumer.
func spsc(c control, tid int32) int32 {
	queue := c.words().pairs(c)[tid%(c.workers()/2)]
	if c.producing(tid) {
		return produce(c, tid, queue.Put)
	}
	return consume(c, queue.Take)
}

// mpmc sends values through one queue.
func mpmc(c control, tid int32) int32 {
	queue := c.words().mpmc(c.limit())
	if c.producing(tid) {
		return produce(c, tid, queue.Put)
	}
	return consume(c, queue.Take)
}

// stealing has tasks that make tasks, each done by who made it or by who stole it. Worker 0 has the first ones and waits until
// the others have stolen theirs.
func stealing(c control, tid int32) int32 {
	words, workers, iterations, length := c.words(), c.workers(), c.iterations(), c.length()
	deques := make([]Deque, workers)
	for i := range deques {
		deques[i] = words.deque()
	}
	own, stolen := deques[tid], words.word()
	if tid == 0 {
		for task := range workers {
			own.Push(task)
		}
		stolen.WaitUntil(workers - 1)
	}
	steal := func() (int32, bool) {
		for next := int32(1); next < workers; next++ {
			if task, ok := deques[(tid+next)%workers].Steal(); ok {
				stolen.Add(1)
				stolen.WakeAll()
				return task, true
			}
		}
		return 0, false
	}
	for c.counter().Load() < length {
		task, ok := own.Pop()
		if !ok {
			if task, ok = steal(); !ok {
				c.slot(tid).Nap(nap)
				continue
			}
		}
		Int32(c.out() + 4*uint32(task)).Add(shuffle(task+1, iterations))
		first := workers + 2*task
		for made := first; made < min(length, first+2); made++ {
			own.Push(made)
		}
		c.counter().Add(1)
	}
	return 0
}

// sortBands has each sort its band; then neighbours' bands are merged, until there is one.
func sortBands(c control, tid int32) int32 {
	meeting, workers := c.words().barrier(c), c.workers()
	sortBand(c, tid)
	meeting.Meet()
	for bands := int32(1); bands < workers; bands *= 2 {
		if tid%(2*bands) == 0 && tid+bands < workers {
			mergeBands(c, c.border(tid), c.border(tid+bands), c.border(min(tid+2*bands, workers)))
		}
		meeting.Meet()
	}
	return 0
}

// mandelbrot computes the rows of its band of the picture.
func mandelbrot(c control, tid int32) int32 {
	rows(c, c.border(tid), c.border(tid+1))
	return 0
}

// matmul computes the rows of its band of the product of two matrices.
func matmul(c control, tid int32) int32 {
	product(c, tid, upTo(c.length()))
	return 0
}
