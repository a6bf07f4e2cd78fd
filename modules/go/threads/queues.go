package main

// Mailbox is a box for one value, which is handed over by two condition variables.
type Mailbox struct {
	lock            Mutex
	filled, emptied Cond
	full, value     uint32
}

func (w *words) mailbox() Mailbox {
	lock := Mutex(w.word())
	return Mailbox{lock, Cond{lock, w.word()}, Cond{lock, w.word()}, uint32(w.word()), uint32(w.word())}
}

// Put lays the value into the box once it is empty.
func (m Mailbox) Put(value int32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for load32(m.full) != 0 {
		m.emptied.Wait()
	}
	m.fill(value)
}

// fill lays the value into the box, over what may be there.
func (m Mailbox) fill(value int32) {
	store32(m.full, 1)
	store32(m.value, value)
	m.filled.Signal()
}

// Take takes the value out of the box once there is one.
func (m Mailbox) Take() int32 {
	m.lock.Lock()
	defer m.lock.Unlock()
	for load32(m.full) == 0 {
		m.filled.Wait()
	}
	store32(m.full, 0)
	m.emptied.Signal()
	return load32(m.value)
}

const most = 64 // places

// SPSC is a bounded queue for one producer and one consumer: put counts the values that went in, taken those that came out.
type SPSC struct {
	put, taken Int32
	places     []Int32
	limit      int32
}

func (w *words) spsc(limit int32) SPSC { return SPSC{w.word(), w.word(), w.list(most), limit} }

// pairs are the queues of each producer and its consumer.
func (w *words) pairs(c control) []SPSC {
	queues := make([]SPSC, c.workers()/2)
	for i := range queues {
		queues[i] = w.spsc(c.limit())
	}
	return queues
}

// Put puts the value into the queue once a place is free.
func (q SPSC) Put(value int32) {
	for !q.TryPut(value) {
		q.taken.Wait(q.put.Load() - q.limit)
	}
}

// TryPut puts the value into the queue if there is room.
func (q SPSC) TryPut(value int32) bool {
	put := q.put.Load()
	if put-q.taken.Load() == q.limit {
		return false
	}
	store32(uint32(q.places[put%q.limit]), value)
	q.put.Store(put + 1)
	q.put.WakeOne()
	return true
}

// Take takes the oldest value once there is one.
func (q SPSC) Take() int32 {
	taken := q.taken.Load()
	q.put.WaitUntil(taken + 1)
	value := load32(uint32(q.places[taken%q.limit]))
	q.taken.Store(taken + 1)
	q.taken.WakeOne()
	return value
}

// MPMC is a bounded queue for many. Who puts or takes draws a number, which says the place and whose turn it is there: in
// round r of a place turn 2r is to put, turn 2r + 1 to take.
type MPMC struct {
	puts, takes   Int32
	turns, values []Int32
	limit         int32
}

func (w *words) mpmc(limit int32) MPMC {
	return MPMC{w.word(), w.word(), w.list(most), w.list(most), limit}
}

// Put puts the value into the queue once its place is free.
func (q MPMC) Put(value int32) {
	number := q.puts.Add(1) - 1
	q.inTurn(number, 0, func(place uint32) { store32(place, value) })
}

// Take takes the oldest value that nobody else takes, once it is there.
func (q MPMC) Take() (value int32) {
	number := q.takes.Add(1) - 1
	q.inTurn(number, 1, func(place uint32) { value = load32(place) })
	return value
}

func (q MPMC) inTurn(number, second int32, work func(place uint32)) {
	place, turn := number%q.limit, number/q.limit*2+second
	q.turns[place].WaitUntil(turn)
	work(uint32(q.values[place]))
	q.turns[place].Store(turn + 1)
	q.turns[place].WakeAll()
}

const room = 256 // tasks

// Deque is the work-stealing deque of David Chase and Yossi Lev ("Dynamic Circular Work-Stealing Deque", 2005), of fixed size.
type Deque struct {
	top, bottom Int32
	places      []Int32
}

func (w *words) deque() Deque { return Deque{w.word(), w.word(), w.list(room)} }

// Push lays a task at the bottom. The owner's.
func (d Deque) Push(task int32) {
	bottom := d.bottom.Load()
	if bottom-d.top.Load() == room {
		panic("the deque is full")
	}
	d.places[bottom%room].Store(task)
	d.bottom.Store(bottom + 1)
}

// Pop takes the task at the bottom. The owner's, who for the last one may have to race a thief.
func (d Deque) Pop() (task int32, ok bool) {
	bottom := d.bottom.Add(-1)
	top := d.top.Load()
	if top < bottom {
		return d.places[bottom%room].Load(), true
	}
	if ok = top == bottom && d.top.CompareAndSwap(top, top+1); ok {
		task = d.places[bottom%room].Load()
	}
	d.bottom.Store(bottom + 1)
	return task, ok
}

// Steal takes the task at the top; none where there is none, or another was quicker.
func (d Deque) Steal() (task int32, ok bool) {
	top := d.top.Load()
	if task, ok = d.peek(top); ok {
		ok = d.top.CompareAndSwap(top, top+1)
	}
	return task, ok
}

// peek gives the task at top, left where it is.
func (d Deque) peek(top int32) (task int32, ok bool) {
	if top >= d.bottom.Load() {
		return 0, false
	}
	return d.places[top%room].Load(), true
}
