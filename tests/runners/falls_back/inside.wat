;; Who is inside at the same time. Words of the memory (i32): 0 how many are inside, 4 the most that ever were, 8 the sum of
;; what they brought.
(module
  (memory (import "env" "memory") 1 1 shared)

  (func (export "enter") (param $brings i32)
    (local $inside i32) (local $most i32)
    (drop (i32.atomic.rmw.add offset=8 (i32.const 0) (local.get $brings)))
    (local.set $inside (i32.add (i32.atomic.rmw.add (i32.const 0) (i32.const 1)) (i32.const 1)))
    (loop $again
      (local.set $most (i32.atomic.load offset=4 (i32.const 0)))
      (if (i32.gt_u (local.get $inside) (local.get $most))
        (then
          (br_if $again (i32.ne
            (i32.atomic.rmw.cmpxchg offset=4 (i32.const 0) (local.get $most) (local.get $inside))
            (local.get $most))))))
    (drop (memory.atomic.notify offset=4 (i32.const 0) (i32.const -1))))

  (func (export "leave")
    (drop (i32.atomic.rmw.sub (i32.const 0) (i32.const 1)))))
