;; Litmus tests of the memory model: in each round every worker plays its part on a pair of words, x and y, once for each
;; of many pairs, and worker 0 counts what came out. The parts' accesses are atomic; litmus-plain.sed makes them plain.
;;
;; The control block (i32 unless said): 0 test, 4 workers, 8 rounds, 12 pairs, 16 arrived, 20 generation,
;; 64 how often each of the 16 outcomes came (bit k: register k is not 0), 128 values that nobody has written.
;; Pair i stands at 65536 + 128 * i (x, and y 64 bytes on), its four registers at 589824 + 16 * i.
(module
  (memory (import "env" "memory") 10 256 shared)

  (type $part (func (param $x i32) (param $y i32) (param $r i32)))

  ;; message passing: y says that x is there
  (func $mp0 (type $part) (i32.atomic.store (local.get 0) (i32.const 0x5a5a5a5a)) (i32.atomic.store (local.get 1) (i32.const 0x5a5a5a5a)))
  (func $mp1 (type $part) (i32.store offset=0 (local.get 2) (i32.atomic.load (local.get 1))) (i32.store offset=4 (local.get 2) (i32.atomic.load (local.get 0))))

  ;; store buffering: each writes one and reads the other
  (func $sb0 (type $part) (i32.atomic.store (local.get 0) (i32.const 0x5a5a5a5a)) (i32.store offset=0 (local.get 2) (i32.atomic.load (local.get 1))))
  (func $sb1 (type $part) (i32.atomic.store (local.get 1) (i32.const 0x5a5a5a5a)) (i32.store offset=4 (local.get 2) (i32.atomic.load (local.get 0))))

  ;; load buffering: each reads one, then writes the other
  (func $lb0 (type $part) (i32.store offset=0 (local.get 2) (i32.atomic.load (local.get 1))) (i32.atomic.store (local.get 0) (i32.const 0x5a5a5a5a)))
  (func $lb1 (type $part) (i32.store offset=4 (local.get 2) (i32.atomic.load (local.get 0))) (i32.atomic.store (local.get 1) (i32.const 0x5a5a5a5a)))

  ;; coherence: two reads of one word
  (func $co0 (type $part) (i32.atomic.store (local.get 0) (i32.const 0x5a5a5a5a)))
  (func $co1 (type $part) (i32.store offset=0 (local.get 2) (i32.atomic.load (local.get 0))) (i32.store offset=4 (local.get 2) (i32.atomic.load (local.get 0))))

  ;; independent reads of independent writes
  (func $ri0 (type $part) (i32.atomic.store (local.get 0) (i32.const 0x5a5a5a5a)))
  (func $ri1 (type $part) (i32.atomic.store (local.get 1) (i32.const 0x5a5a5a5a)))
  (func $ri2 (type $part) (i32.store offset=0 (local.get 2) (i32.atomic.load (local.get 0))) (i32.store offset=4 (local.get 2) (i32.atomic.load (local.get 1))))
  (func $ri3 (type $part) (i32.store offset=8 (local.get 2) (i32.atomic.load (local.get 1))) (i32.store offset=12 (local.get 2) (i32.atomic.load (local.get 0))))

  (table funcref (elem $mp0 $mp1 $mp0 $mp0 $sb0 $sb1 $sb0 $sb0 $lb0 $lb1 $lb0 $lb0 $co0 $co1 $co0 $co0 $ri0 $ri1 $ri2 $ri3))

  ;; All workers of the block arrive before any leaves. It spins before it sleeps: a part is over in less time than it takes
  ;; to wake, and who is woken last would play alone.
  (func $barrier (param $block i32)
    (local $generation i32) (local $patience i32)
    (local.set $generation (i32.atomic.load offset=20 (local.get $block)))
    (if (i32.eq (i32.add (i32.atomic.rmw.add offset=16 (local.get $block) (i32.const 1)) (i32.const 1))
                (i32.load offset=4 (local.get $block)))
      (then
        (i32.atomic.store offset=16 (local.get $block) (i32.const 0))
        (drop (i32.atomic.rmw.add offset=20 (local.get $block) (i32.const 1)))
        (drop (memory.atomic.notify offset=20 (local.get $block) (i32.const -1)))
        (return)))
    (local.set $patience (i32.const 200000))
    (loop $wait
      (if (i32.ne (i32.atomic.load offset=20 (local.get $block)) (local.get $generation)) (then (return)))
      (if (local.get $patience)
        (then (local.set $patience (i32.sub (local.get $patience) (i32.const 1))))
        (else (drop (memory.atomic.wait32 offset=20 (local.get $block) (local.get $generation) (i64.const -1)))))
      (br $wait)))

  ;; 1 where the register holds what was written, 0 where it is 0; anything else is counted in the block.
  (func $bit (param $block i32) (param $at i32) (result i32)
    (local $value i32)
    (local.set $value (i32.load (local.get $at)))
    (if (i32.and (i32.ne (local.get $value) (i32.const 0)) (i32.ne (local.get $value) (i32.const 0x5a5a5a5a)))
      (then (i32.store offset=128 (local.get $block) (i32.add (i32.load offset=128 (local.get $block)) (i32.const 1)))))
    (i32.ne (local.get $value) (i32.const 0)))

  (func $count (param $block i32) (param $pairs i32)
    (local $r i32) (local $slot i32)
    (local.set $r (i32.const 589824))
    (loop $next
      (local.set $slot (i32.add (local.get $block) (i32.shl
        (i32.or
          (i32.or (call $bit (local.get $block) (local.get $r))
                  (i32.shl (call $bit (local.get $block) (i32.add (local.get $r) (i32.const 4))) (i32.const 1)))
          (i32.or (i32.shl (call $bit (local.get $block) (i32.add (local.get $r) (i32.const 8))) (i32.const 2))
                  (i32.shl (call $bit (local.get $block) (i32.add (local.get $r) (i32.const 12))) (i32.const 3))))
        (i32.const 2))))
      (i32.store offset=64 (local.get $slot) (i32.add (i32.load offset=64 (local.get $slot)) (i32.const 1)))
      (local.set $r (i32.add (local.get $r) (i32.const 16)))
      (br_if $next (local.tee $pairs (i32.sub (local.get $pairs) (i32.const 1))))))

  ;; Gives the rounds.
  (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
    (local $round i32) (local $x i32) (local $r i32) (local $left i32)
    (loop $again
      (if (i32.eqz (local.get $tid))
        (then
          (memory.fill (i32.const 65536) (i32.const 0) (i32.mul (i32.load offset=12 (local.get $arg)) (i32.const 128)))
          (memory.fill (i32.const 589824) (i32.const 0) (i32.mul (i32.load offset=12 (local.get $arg)) (i32.const 16)))))
      (call $barrier (local.get $arg))
      (local.set $x (i32.const 65536))
      (local.set $r (i32.const 589824))
      (local.set $left (i32.load offset=12 (local.get $arg)))
      (loop $pair
        (call_indirect (type $part)
          (local.get $x) (i32.add (local.get $x) (i32.const 64)) (local.get $r)
          (i32.add (i32.shl (i32.load (local.get $arg)) (i32.const 2)) (local.get $tid)))
        (local.set $x (i32.add (local.get $x) (i32.const 128)))
        (local.set $r (i32.add (local.get $r) (i32.const 16)))
        (br_if $pair (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (call $barrier (local.get $arg))
      (if (i32.eqz (local.get $tid)) (then (call $count (local.get $arg) (i32.load offset=12 (local.get $arg)))))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $round) (i32.load offset=8 (local.get $arg)))))
    (local.get $round))
)
