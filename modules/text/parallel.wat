;; Threads against the clock, and whether they run at once. Exports are for workers: (tid, arg) -> i32, where arg is the
;; address of a block (i32): 0 arrived, 4 workers, 8 iterations, 12 state, 16 turn, 20 a word that nobody notifies,
;; 24 additions that came, 28 that were lost, 64 the cell that all share, 128 + 128 * tid each worker's own.
(module
  (memory (import "env" "memory") 32 256 shared)

  ;; At most a millisecond, and in a function of its own: node 20 loses locals that are used again behind a wait.
  (func $wait (param $at i32) (param $expected i32)
    (drop (memory.atomic.wait32 (local.get $at) (local.get $expected) (i64.const 1000000))))

  ;; 1 when as many workers as the block says are inside at the same time, 0 when one came and the others had not come
  ;; within five seconds: which of the two it is, is decided once for all.
  (func (export "meet") (param $tid i32) (param $arg i32) (result i32)
    (local $patience i32)
    (if (i32.eq (i32.add (i32.atomic.rmw.add (local.get $arg) (i32.const 1)) (i32.const 1)) (i32.load offset=4 (local.get $arg)))
      (then (drop (i32.atomic.rmw.cmpxchg offset=12 (local.get $arg) (i32.const 0) (i32.const 1)))))
    (local.set $patience (i32.const 5000))
    (block $decided (loop $wait
      (br_if $decided (i32.atomic.load offset=12 (local.get $arg)))
      (call $wait (i32.add (local.get $arg) (i32.const 20)) (i32.const 0))
      (br_if $wait (local.tee $patience (i32.sub (local.get $patience) (i32.const 1))))))
    (drop (i32.atomic.rmw.cmpxchg offset=12 (local.get $arg) (i32.const 0) (i32.const 2)))
    (i32.eq (i32.atomic.load offset=12 (local.get $arg)) (i32.const 1)))

  ;; Until all workers of the block have arrived, or five seconds at the most. It spins before it naps: who naps comes late.
  (func $together (param $arg i32)
    (local $patience i32)
    (drop (i32.atomic.rmw.add (local.get $arg) (i32.const 1)))
    (local.set $patience (i32.const 205000))
    (loop $wait
      (if (i32.ge_u (i32.atomic.load (local.get $arg)) (i32.load offset=4 (local.get $arg))) (then (return)))
      (if (i32.le_u (local.get $patience) (i32.const 5000))
        (then (call $wait (i32.add (local.get $arg) (i32.const 20)) (i32.const 0))))
      (br_if $wait (local.tee $patience (i32.sub (local.get $patience) (i32.const 1))))))

  (func $add (param $cell i32) (param $left i32)
    (loop $again
      (drop (i32.atomic.rmw.add (local.get $cell) (i32.const 1)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))

  (func (export "add_same") (param $tid i32) (param $arg i32) (result i32)
    (call $together (local.get $arg))
    (call $add (i32.add (local.get $arg) (i32.const 64)) (i32.load offset=8 (local.get $arg)))
    (i32.const 1))

  (func (export "add_own") (param $tid i32) (param $arg i32) (result i32)
    (call $together (local.get $arg))
    (call $add
      (i32.add (local.get $arg) (i32.add (i32.const 128) (i32.mul (i32.const 128) (local.get $tid))))
      (i32.load offset=8 (local.get $arg)))
    (i32.const 1))

  ;; The control: what is added without an atomic instruction may be lost.
  (func (export "add_plain") (param $tid i32) (param $arg i32) (result i32)
    (local $left i32)
    (call $together (local.get $arg))
    (local.set $left (i32.load offset=8 (local.get $arg)))
    (loop $again
      (i32.store offset=64 (local.get $arg) (i32.add (i32.load offset=64 (local.get $arg)) (i32.const 1)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.const 1))

  ;; How many additions came into the shared cell, and how many did not, to 24 and 28.
  (func (export "settle") (param $arg i32)
    (i32.store offset=24 (local.get $arg) (i32.load offset=64 (local.get $arg)))
    (i32.store offset=28 (local.get $arg)
      (i32.sub
        (i32.mul (i32.load offset=4 (local.get $arg)) (i32.load offset=8 (local.get $arg)))
        (i32.load offset=64 (local.get $arg)))))

  ;; Two workers in turn, so often: each waits for its turn, and wakes the other. A wakeup that an engine loses costs 1 ms.
  (func (export "take_turns") (param $tid i32) (param $arg i32) (result i32)
    (local $turn i32) (local $now i32)
    (local.set $turn (local.get $tid))
    (loop $next
      (block $mine (loop $wait
        (br_if $mine (i32.eq (local.tee $now (i32.atomic.load offset=16 (local.get $arg))) (local.get $turn)))
        (call $wait (i32.add (local.get $arg) (i32.const 16)) (local.get $now))
        (br $wait)))
      (i32.atomic.store offset=16 (local.get $arg) (i32.add (local.get $turn) (i32.const 1)))
      (drop (memory.atomic.notify offset=16 (local.get $arg) (i32.const 1)))
      (local.set $turn (i32.add (local.get $turn) (i32.const 2)))
      (br_if $next (i32.lt_u (local.get $turn) (i32.shl (i32.load offset=8 (local.get $arg)) (i32.const 1)))))
    (i32.const 1))

  (func (export "nothing") (param $tid i32) (param $arg i32) (result i32) (i32.const 1))
)
