package main

import "sync"

const (
	free = iota
	held
	awaited // held, and somebody waits
)

// Mutex is the third of Ulrich Drepper's "Futexes Are Tricky".
type Mutex Int32

func (m Mutex) Lock() {
	state := Int32(m)
	if state.CompareAndSwap(free, held) {
		return
	}
	for state.Swap(awaited) != free {
		state.Wait(awaited)
	}
}

func (m Mutex) Unlock() {
	if state := Int32(m); state.Swap(free) == awaited {
		state.WakeOne()
	}
}

// Cond is a condition variable. Its word counts the signals, so that one between the unlock and the sleep is not missed.
type Cond struct {
	L        sync.Locker
	signaled Int32
}

func (c Cond) Wait() {
	seen := c.signaled.Load()
	c.L.Unlock()
	c.signaled.Wait(seen)
	c.L.Lock()
}

func (c Cond) Signal() {
	c.signaled.Add(1)
	c.signaled.WakeOne()
}

// Barrier may be used again and again: the generation tells its next use from this one.
type Barrier struct {
	arrived, generation Int32
	workers             int32
}

func (w *words) barrier(c control) Barrier { return Barrier{w.word(), w.word(), c.workers()} }

func (b Barrier) Meet() {
	now := b.generation.Load()
	if b.arrived.Add(1) == b.workers {
		b.arrived.Store(0)
		b.generation.Add(1)
		b.generation.WakeAll()
		return
	}
	for b.generation.Load() == now {
		b.generation.Wait(now)
	}
}

// Semaphore counts the permits that are taken.
type Semaphore struct {
	taken, waiting Int32
	permits        int32
}

func (w *words) semaphore(permits int32) Semaphore { return Semaphore{w.word(), w.word(), permits} }

func (s Semaphore) Acquire() {
	for {
		taken := s.taken.Load()
		if taken >= s.permits {
			s.waiting.Add(1)
			s.taken.Wait(taken)
			s.waiting.Add(-1)
		} else if s.taken.CompareAndSwap(taken, taken+1) {
			return
		}
	}
}

func (s Semaphore) Release() {
	s.taken.Add(-1)
	if s.waiting.Load() > 0 {
		s.taken.WakeOne()
	}
}

// RWMutex is shared by readers; a writer has it alone. Its state is how many read, or written.
type RWMutex struct{ state, waiting Int32 }

const written = -1

func (w *words) rwMutex() RWMutex { return RWMutex{w.word(), w.word()} }

func (rw RWMutex) RLock() {
	for {
		if state := rw.state.Load(); state == written {
			rw.sleep(state)
		} else if rw.state.CompareAndSwap(state, state+1) {
			return
		}
	}
}

func (rw RWMutex) RUnlock() {
	if rw.state.Add(-1) == 0 {
		rw.wake()
	}
}

func (rw RWMutex) Lock() {
	for !rw.state.CompareAndSwap(0, written) {
		if state := rw.state.Load(); state != 0 {
			rw.sleep(state)
		}
	}
}

func (rw RWMutex) Unlock() {
	rw.state.Store(0)
	rw.wake()
}

func (rw RWMutex) sleep(state int32) {
	rw.waiting.Add(1)
	rw.state.Wait(state)
	rw.waiting.Add(-1)
}

func (rw RWMutex) wake() {
	if rw.waiting.Load() > 0 {
		rw.state.WakeAll()
	}
}

// Once is for what is done once, by whoever comes first.
type Once Int32

const (
	fresh = iota
	running
	hoped // running, and somebody waits for its end
	done
)

// Do calls f unless somebody has; when it returns, f has returned.
func (o Once) Do(f func()) {
	state := Int32(o)
	if state.CompareAndSwap(fresh, running) {
		f()
		if state.Swap(done) == hoped {
			state.WakeAll()
		}
		return
	}
	for state.Load() != done {
		state.CompareAndSwap(running, hoped)
		state.Wait(hoped)
	}
}

// SpinLock is looked at again and again, at growing distances; in the end one naps on one's own word.
type SpinLock struct{ held, own Int32 }

const (
	patience = 1 << 10 // looks
	nap      = 20_000  // ns
)

func (l SpinLock) Lock() {
	for looks := 1; l.held.Swap(1) != 0; looks *= 2 {
		if looks > patience {
			l.own.Nap(nap)
			looks = patience
			continue
		}
		for i := 0; i < looks && l.held.Load() != 0; i++ {
		}
	}
}

func (l SpinLock) Unlock() { l.held.Store(0) }
