//go:build wrong

package main

import "slices"

// What the workers of the deliberately wrong twin do: a classic mistake in each job. Where a mistake shows only on an unlucky
// day, the workers meet in its gap, so that every day is one: two workers or more get it wrong on every engine, always, and
// come to an end.

// The dropped atomic: a load and a store in place of one increment.
func counter(c control, _ int32) int32 {
	iterations := c.iterations()
	for i := range iterations {
		seen := c.counter().Load()
		if i == 0 {
			c.meeting().Meet()
		}
		c.counter().Store(seen + 1)
	}
	return iterations
}

// The barrier that forgets its generation: behind the first meeting nobody waits any more. Worker 0 is slow to begin the
// second round: it waits until another has missed it.
func barrier(c control, tid int32) int32 {
	iterations, workers := c.iterations(), c.workers()
	for round := int32(1); round <= iterations; round++ {
		if tid == 0 && round == 2 {
			c.errors().WaitUntil(1)
		}
		store32(uint32(c.slot(tid)), round)
		meetOnce(c.meeting())
		for other := range workers {
			if load32(uint32(c.slot(other))) != round {
				c.errors().Add(1)
				c.errors().WakeOne()
			}
		}
		meetOnce(c.meeting())
	}
	return iterations
}

func meetOnce(b Barrier) {
	if b.arrived.Add(1) == b.workers {
		b.arrived.Store(0)
		b.generation.Add(1)
		b.generation.WakeAll()
	}
	b.generation.WaitUntil(1)
}

// The forgotten lock.
func mutex(c control, _ int32) int32 {
	iterations := c.iterations()
	for i := range iterations {
		seen := load64(c.total())
		if i == 0 {
			c.meeting().Meet()
		}
		store64(c.total(), seen+1)
	}
	return iterations
}

// The border that belongs to nobody: each part lacks its last value.
func reduce(c control, tid int32) int32 {
	start, end := c.border(tid), c.border(tid+1)
	part := fetch(c.data()+4*uint32(start), end-start-1)
	atomicAdd64(c.total(), sum(part, c.iterations()))
	return 0
}

// A box that is filled whether it is empty or not: of a producer's first values all but one are lost, for nobody takes yet.
func condition(c control, tid int32) int32 {
	words, iterations := c.words(), c.iterations()
	gap, mailbox := words.barrier(c), words.mailbox()
	if !c.producing(tid) {
		gap.Meet()
		return consume(c, mailbox.Take)
	}
	return produce(c, tid, func(value int32) {
		number := value - tid*iterations
		if value == end || number > 4 {
			mailbox.Put(value)
			return
		}
		mailbox.lock.Lock()
		mailbox.fill(value)
		mailbox.lock.Unlock()
		if number == 4 {
			gap.Meet()
		}
	})
}

// One permit too many.
func semaphore(c control, _ int32) int32 { return visits(c, c.limit()+1) }

// Readers that do not look for a writer: they read between its two halves.
func rwlock(c control, tid int32) int32 {
	words, total, check := c.words(), c.total(), uint32(c.check())
	gap, after := words.barrier(c), words.barrier(c)
	if tid == 0 {
		store64(total, 1)
	}
	gap.Meet()
	if !c.producing(tid) && load32(check) != mix(int32(load64(total))) {
		c.errors().Add(1)
	}
	after.Meet()
	if tid == 0 {
		store32(check, mix(1))
	}
	return c.iterations()
}

// Whether it was done is looked up, and later noted down: all do it.
func once(c control, _ int32) int32 {
	words, out, iterations := c.words(), c.out(), c.iterations()
	gap, state := words.barrier(c), words.word()
	isDone := state.Load() != 0
	gap.Meet()
	if !isDone {
		for i := range iterations * rowLength {
			store32(out+4*uint32(i), mix(i+1))
		}
		c.counter().Add(iterations)
		state.Store(1)
	}
	return iterations
}

// The lock that is looked at, and later taken: two are inside, and additions are lost.
func spinlock(c control, _ int32) int32 {
	words, iterations := c.words(), c.iterations()
	gap, inside, held := words.barrier(c), words.barrier(c), words.word()
	isFree := held.Load() == 0
	gap.Meet()
	if isFree {
		held.Store(1)
		seen := load64(c.total())
		inside.Meet()
		store64(c.total(), seen+int64(iterations))
	}
	return iterations
}

// A queue that loses what comes when it is full. Nobody takes before it has been.
func spsc(c control, tid int32) int32 {
	words := c.words()
	gap, queue := words.barrier(c), words.pairs(c)[tid%(c.workers()/2)]
	if !c.producing(tid) {
		gap.Meet()
		return consume(c, queue.Take)
	}
	lost := false
	return produce(c, tid, func(value int32) {
		if lost {
			queue.Put(value)
		} else if !queue.TryPut(value) {
			lost = true
			gap.Meet()
		}
	})
}

// A queue that gives one value twice: the first consumer's first.
func mpmc(c control, tid int32) int32 {
	queue := c.words().mpmc(c.limit())
	if c.producing(tid) {
		return produce(c, tid, queue.Put)
	}
	again := false
	return consume(c, func() int32 {
		if again {
			again = false
			return 0
		}
		value := queue.Take()
		again = value == 0
		return value
	})
}

// A thief that leaves what it takes.
func stealing(c control, tid int32) int32 {
	words, workers, iterations, length := c.words(), c.workers(), c.iterations(), c.length()
	gap, after, deque := words.barrier(c), words.barrier(c), words.deque()
	run := func(task int32) {
		Int32(c.out() + 4*uint32(task)).Add(shuffle(task+1, iterations))
		c.counter().Add(1)
	}
	if tid == 0 {
		for task := range workers {
			deque.Push(task)
		}
	}
	gap.Meet()
	if task, ok := deque.peek(deque.top.Load()); ok && tid != 0 {
		run(task)
	}
	after.Meet()
	if tid != 0 {
		return 0
	}
	for task, ok := deque.Pop(); ok; task, ok = deque.Pop() {
		run(task)
		first := workers + 2*task
		for made := first; made < min(length, first+2); made++ {
			deque.Push(made)
		}
	}
	return 0
}

// Nobody merges.
func sortBands(c control, tid int32) int32 {
	sortBand(c, tid)
	return 0
}

// The border that belongs to nobody: each band lacks its first row.
func mandelbrot(c control, tid int32) int32 {
	rows(c, c.border(tid)+1, c.border(tid+1))
	return 0
}

// The sums from their last product to the first.
func matmul(c control, tid int32) int32 {
	ks := upTo(c.length())
	slices.Reverse(ks)
	product(c, tid, ks)
	return 0
}
