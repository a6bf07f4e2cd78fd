;; Threads that end otherwise than by a value, while others go on. As a worker: $arg is the control block,
;;   0 how it ends: 0 well, 1 unreachable, 2 out of bounds, 3 division by zero, 4 stack exhausted
;;   4 who ends so (a worker's number)
;;   8 a flag: that worker is about to end
;;  12 what nobody changes
;;  16 counter: each that ends well adds 1000 to it, one by one
;; ends-exception.sed and ends-exit.sed make 1 an exception that nobody catches, and proc_exit(7).
(module
  (import "env" "memory" (memory 32 256 shared))

  (func $recurse (param $depth i64) (result i64)
    (i64.add (call $recurse (i64.add (local.get $depth) (i64.const 1))) (local.get $depth)))

  (func $end (param $how i32)
    (block $exhaust
      (block $divide
        (block $outside
          (block $unreachable
            (br_table $unreachable $unreachable $outside $divide $exhaust (local.get $how)))
          (unreachable))
        (drop (i32.load (i32.const -4)))
        (return))
      (drop (i32.div_u (i32.const 1) (i32.sub (local.get $how) (i32.const 3))))
      (return))
    (drop (call $recurse (i64.const 0))))

  (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
    (local $left i32)
    (if (i32.load (local.get $arg))
      (then
        (if (i32.eq (local.get $tid) (i32.load offset=4 (local.get $arg)))
          (then
            (i32.atomic.store offset=8 (local.get $arg) (i32.const 1))
            (call $end (i32.load (local.get $arg))))
          (else
            ;; Until the other is about to end; then 20 ms, in which it does.
            (loop $again
              (drop (memory.atomic.wait32 offset=8 (local.get $arg) (i32.const 0) (i64.const 1000000)))
              (br_if $again (i32.eqz (i32.atomic.load offset=8 (local.get $arg)))))
            (drop (memory.atomic.wait32 offset=12 (local.get $arg) (i32.const 0) (i64.const 20000000)))))))
    (local.set $left (i32.const 1000))
    (loop $count
      (drop (i32.atomic.rmw.add offset=16 (local.get $arg) (i32.const 1)))
      (br_if $count (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.mul (local.get $tid) (i32.const 10)))
)
