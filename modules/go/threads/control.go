package main

// control is the address of the control block that the host lays into the shared memory.
type control uint32

func (c control) at(offset uint32) uint32 { return uint32(c) + offset }

func (c control) job() int32        { return load32(c.at(0)) }
func (c control) workers() int32    { return load32(c.at(4)) }
func (c control) iterations() int32 { return load32(c.at(8)) }
func (c control) data() uint32      { return uint32(load32(c.at(12))) }
func (c control) length() int32     { return load32(c.at(16)) }
func (c control) counter() Int32    { return Int32(c.at(20)) }
func (c control) lock() Mutex       { return Mutex(c.at(24)) }
func (c control) meeting() Barrier  { return Barrier{Int32(c.at(28)), Int32(c.at(32)), c.workers()} }
func (c control) errors() Int32     { return Int32(c.at(36)) }
func (c control) total() uint32     { return c.at(40) }
func (c control) limit() int32      { return load32(c.at(48)) }
func (c control) out() uint32       { return uint32(load32(c.at(52))) }
func (c control) check() Int32      { return Int32(c.at(56)) }

// slot is a word of worker tid's own, which nobody notifies.
func (c control) slot(tid int32) Int32 { return Int32(c.at(64 + 4*uint32(tid))) }

// words are those that the workers share in a program, zeros at first.
func (c control) words() *words { return &words{c.at(128)} }

// border is where worker tid's part of length begins.
func (c control) border(tid int32) int {
	return int(int64(c.length()) * int64(tid) / int64(c.workers()))
}

// producing tells whether a worker is of the first half, who produce or write; the second half consume or read.
func (c control) producing(tid int32) bool { return tid < c.workers()/2 }

// words gives out shared words. Workers who ask for the same things in the same order get the same ones.
type words struct{ next uint32 }

func (w *words) word() Int32 {
	w.next += 4
	return Int32(w.next - 4)
}

func (w *words) list(n int) []Int32 {
	list := make([]Int32, n)
	for i := range list {
		list[i] = w.word()
	}
	return list
}
