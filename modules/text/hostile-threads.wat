;; Waits for a notification that nobody sends: a runtime's epochs and interrupts often do not reach it.
(module
  (memory (import "env" "memory") 32 256 shared)
  (func $wait_forever (export "wait_forever")
    (loop $again
      (br_if $again (i32.ne (memory.atomic.wait32 (i32.const 65536) (i32.load (i32.const 65536)) (i64.const -1)) (i32.const 3)))))
  (func (export "loop_forever") (loop $again (br $again)))

  ;; As a worker: the odd ones never come back, the others give their number.
  (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
    (if (i32.and (local.get $tid) (i32.const 1)) (then (call $wait_forever)))
    (local.get $tid))

  ;; As a worker: never idle, never back.
  (func (export "thread_busy") (param $tid i32) (param $arg i32) (result i32) (loop $again (br $again)) (unreachable))
)
