package main

// visits goes in and out of a room for as many as there are permits. The first in it wait until it is full: as many as may be
// inside can be. How many visits.
func visits(c control, permits int32) int32 {
	words, limit, iterations := c.words(), c.limit(), c.iterations()
	door, inside := words.semaphore(permits), words.word()
	for i := range iterations {
		door.Acquire()
		now := inside.Add(1)
		if c.counter().Raise(now) {
			c.counter().WakeAll()
		}
		if now > limit {
			c.errors().Add(1)
		}
		if i == 0 {
			c.counter().WaitUntil(permits)
		}
		atomicAdd64(c.total(), 1)
		inside.Add(-1)
		door.Release()
	}
	return iterations
}
