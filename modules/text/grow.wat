;; Growth of a shared memory, which the host makes of 2 pages: by one worker or by all of them at once, while others use
;; the memory or sleep in it.
;;
;; The control block (i32): 0 job, 4 workers, 8 rounds, 12 address, 16 arrived, 20 generation, 24 errors, 28 done, 32 bell,
;; 36 asleep, 40 refused, 44 woken or sizes seen, 48 sum, 52 additions or sizes before, 56 step, 64 + 4 * worker its own word.
;; From 65536 on: for each page, as u32, how many have got it from memory.grow.
(module
  (memory (import "env" "memory") 1 256 shared)

  ;; ---- for the script's own instance

  (func $grow (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
  (func $size (export "size") (result i32) (memory.size))
  (func (export "load") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "store") (param $at i32) (param $value i32) (i32.atomic.store (local.get $at) (local.get $value)))

  ;; Returns once $workers of the block have said that they are about to sleep, and a while later; how many have.
  (func (export "settle") (param $block i32) (param $workers i32) (result i32)
    (loop $again
      (call $pause)
      (br_if $again (i32.lt_s (i32.atomic.load offset=36 (local.get $block)) (local.get $workers))))
    (call $pause)
    (i32.atomic.load offset=36 (local.get $block)))

  ;; ---- for all

  ;; Sleeps for 2 ms, at a word of nobody's.
  (func $pause
    (drop (memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const 2000000))))

  ;; Sleeps at the bell until somebody rings it, at most 10 s; 0 when it was woken.
  (func $sleep (param $block i32) (result i32)
    (memory.atomic.wait32 offset=32 (local.get $block) (i32.const 0) (i64.const 10000000000)))

  ;; All workers of the block arrive before any leaves. It asks nothing of wait and notify, and traps where somebody, who has
  ;; trapped, say, does not come within 10 s.
  (func $barrier (param $block i32)
    (local $generation i32) (local $patience i32)
    (local.set $generation (i32.atomic.load offset=20 (local.get $block)))
    (if (i32.eq (i32.add (i32.atomic.rmw.add offset=16 (local.get $block) (i32.const 1)) (i32.const 1))
                (i32.load offset=4 (local.get $block)))
      (then
        (i32.atomic.store offset=16 (local.get $block) (i32.const 0))
        (drop (i32.atomic.rmw.add offset=20 (local.get $block) (i32.const 1)))
        (return)))
    (loop $wait
      (if (i32.ne (i32.atomic.load offset=20 (local.get $block)) (local.get $generation)) (then (return)))
      (local.set $patience (i32.add (local.get $patience) (i32.const 1)))
      (if (i32.gt_u (local.get $patience) (i32.const 10000)) (then (call $pause)))
      (br_if $wait (i32.lt_u (local.get $patience) (i32.const 15000))))
    (unreachable))

  ;; Counts an error unless $right.
  (func $demand (param $block i32) (param $right i32)
    (if (i32.eqz (local.get $right))
      (then (drop (i32.atomic.rmw.add offset=24 (local.get $block) (i32.const 1))))))

  (func $page (param $number i32) (result i32) (i32.mul (local.get $number) (i32.const 65536)))

  ;; Wakes who sleeps at the bell, one, within 10 s; how many tries it took, or 0.
  (func $ring (param $block i32) (result i32)
    (local $tries i32)
    (loop $again
      (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
      (if (memory.atomic.notify offset=32 (local.get $block) (i32.const 1)) (then (return (local.get $tries))))
      (call $pause)
      (br_if $again (i32.lt_s (local.get $tries) (i32.const 5000))))
    (i32.const 0))

  ;; ---- the jobs

  ;; In each round another worker grows the memory by a page and writes its round into the last word; all others see the new
  ;; size, that word, zeros before it, and add 1 to the word before.
  (func $turns (param $tid i32) (param $block i32)
    (local $round i32) (local $size i32) (local $end i32)
    (local.set $size (memory.size))
    (loop $again
      (local.set $end (call $page (i32.add (local.get $size) (i32.const 1))))
      (call $barrier (local.get $block))
      (if (i32.eq (local.get $tid) (i32.rem_u (local.get $round) (i32.load offset=4 (local.get $block))))
        (then
          (call $demand (local.get $block) (i32.eq (call $grow (i32.const 1)) (local.get $size)))
          (i32.store (i32.sub (local.get $end) (i32.const 4)) (i32.add (local.get $round) (i32.const 1)))))
      (call $barrier (local.get $block))
      (local.set $size (i32.add (local.get $size) (i32.const 1)))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (call $demand (local.get $block) (i32.eq (memory.size) (local.get $size)))
      (call $demand (local.get $block) (i32.eqz (i32.load (i32.sub (local.get $end) (i32.const 65536)))))
      (call $demand (local.get $block) (i32.eq (i32.load (i32.sub (local.get $end) (i32.const 4))) (local.get $round)))
      (drop (i32.atomic.rmw.add (i32.sub (local.get $end) (i32.const 8)) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $round) (i32.load offset=8 (local.get $block))))))

  ;; Worker 0 grows the memory page by page; worker 1 sleeps meanwhile, and is woken after each growth; the others read and
  ;; write, near the beginning and near what they know as the end.
  (func $under_use (param $tid i32) (param $block i32)
    (if (i32.eqz (local.get $tid)) (then (call $grower (local.get $block)))
      (else (if (i32.eq (local.get $tid) (i32.const 1)) (then (call $sleeper (local.get $block)))
        (else (call $user (local.get $tid) (local.get $block))))))
    (call $barrier (local.get $block))
    (call $demand (local.get $block)
      (i32.eq (i32.atomic.load offset=48 (local.get $block)) (i32.atomic.load offset=52 (local.get $block)))))

  (func $grower (param $block i32)
    (local $round i32)
    (loop $again
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (loop $awake
        (call $pause)
        (br_if $awake (i32.lt_s (i32.atomic.load offset=36 (local.get $block)) (local.get $round))))
      (call $demand (local.get $block) (i32.eq (call $grow (i32.const 1)) (i32.add (local.get $round) (i32.const 1))))
      (call $demand (local.get $block) (call $ring (local.get $block)))
      (br_if $again (i32.lt_s (local.get $round) (i32.load offset=8 (local.get $block)))))
    (i32.atomic.store offset=28 (local.get $block) (i32.const 1)))

  (func $sleeper (param $block i32)
    (local $round i32)
    (loop $again
      (drop (i32.atomic.rmw.add offset=36 (local.get $block) (i32.const 1)))
      (if (i32.eqz (call $sleep (local.get $block)))
        (then (drop (i32.atomic.rmw.add offset=44 (local.get $block) (i32.const 1)))))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $round) (i32.load offset=8 (local.get $block))))))

  (func $user (param $tid i32) (param $block i32)
    (local $additions i32) (local $own i32) (local $last i32) (local $size i32)
    (local.set $own (i32.add (local.get $block) (i32.mul (local.get $tid) (i32.const 4))))
    (local.set $size (memory.size))
    (loop $again
      (call $demand (local.get $block) (i32.ge_u (memory.size) (local.get $size))) ;; a memory never shrinks
      (local.set $size (memory.size))
      (local.set $last (i32.sub (call $page (local.get $size)) (i32.mul (local.get $tid) (i32.const 4))))
      (call $demand (local.get $block) (i32.eq (i32.load offset=64 (local.get $own)) (local.get $additions)))
      (local.set $additions (i32.add (local.get $additions) (i32.const 1)))
      (drop (i32.atomic.rmw.add offset=48 (local.get $block) (i32.const 1)))
      (i32.store offset=64 (local.get $own) (local.get $additions))
      (i32.store (local.get $last) (local.get $additions))
      (call $demand (local.get $block) (i32.eq (i32.load (local.get $last)) (local.get $additions)))
      (br_if $again (i32.eqz (i32.atomic.load offset=28 (local.get $block)))))
    (drop (i32.atomic.rmw.add offset=52 (local.get $block) (local.get $additions))))

  ;; All grow at once, `rounds` times, by 1 + worker * step pages each; each page that one has got is marked, and is all zeros.
  (func $together (param $tid i32) (param $block i32)
    (local $left i32) (local $by i32) (local $at i32) (local $end i32)
    (local.set $by (i32.add (i32.const 1) (i32.mul (local.get $tid) (i32.load offset=56 (local.get $block)))))
    (local.set $left (i32.load offset=8 (local.get $block)))
    (call $barrier (local.get $block))
    (loop $again
      (local.set $at (call $grow (local.get $by)))
      (if (i32.eq (local.get $at) (i32.const -1))
        (then (drop (i32.atomic.rmw.add offset=40 (local.get $block) (i32.const 1))))
        (else
          (local.set $end (i32.add (local.get $at) (local.get $by)))
          (call $demand (local.get $block) (i32.ge_u (memory.size) (local.get $end)))
          (loop $mark
            (drop (i32.atomic.rmw.add offset=65536 (i32.mul (local.get $at) (i32.const 4)) (i32.const 1)))
            (call $demand (local.get $block) (i32.eqz (i32.load (call $page (local.get $at)))))
            (i32.store (call $page (local.get $at)) (i32.const -1))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $mark (i32.lt_u (local.get $at) (local.get $end))))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (call $barrier (local.get $block)))

  ;; The next two come to know of a growth with no call between: what a compiler keeps of the size before is out of date
  ;; behind the wait, and behind the load. They use no local there, either (see threads.wat): the block is at 256.

  ;; Sleeps at the bell until somebody wakes it, at most 10 s; gives what then stands at the block's address.
  (func $asleep (result i32)
    (call $about_to_sleep)
    (drop (i32.atomic.rmw.add (i32.const 308) (memory.size)))
    (if (memory.atomic.wait32 (i32.const 288) (i32.const 0) (i64.const 10000000000)) (then (return (i32.const -1))))
    (drop (i32.atomic.rmw.add (i32.const 300) (memory.size)))
    (i32.load (i32.load (i32.const 268))))

  ;; The same, but looks at the bell until it is not 0.
  (func $awake (result i32)
    (call $about_to_sleep)
    (drop (i32.atomic.rmw.add (i32.const 308) (memory.size)))
    (loop $again (br_if $again (i32.eqz (i32.atomic.load (i32.const 288)))))
    (drop (i32.atomic.rmw.add (i32.const 300) (memory.size)))
    (i32.load (i32.load (i32.const 268))))

  (func $about_to_sleep
    (drop (i32.atomic.rmw.add (i32.const 292) (i32.const 1))))

  ;; Wakes all $workers that sleep at the block's bell; how many notify has woken.
  (func (export "wake") (param $block i32) (param $workers i32) (result i32)
    (local $woken i32)
    (loop $again
      (if (i32.eqz (call $ring (local.get $block))) (then (return (local.get $woken))))
      (local.set $woken (i32.add (local.get $woken) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $woken) (local.get $workers))))
    (local.get $woken))

  ;; Gives the size of the memory at its end; of jobs 4 and 5 the word that it found.
  (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
    (block $other
     (block $awake
      (block $asleep
        (block $together
          (block $under_use
            (block $turns
              (br_table $other $turns $under_use $together $asleep $awake $other (i32.load (local.get $arg))))
            (call $turns (local.get $tid) (local.get $arg))
            (return (memory.size)))
          (call $under_use (local.get $tid) (local.get $arg))
          (return (memory.size)))
        (call $together (local.get $tid) (local.get $arg))
        (return (memory.size)))
      (return (call $asleep)))
     (return (call $awake)))
    (i32.const -1))
)
