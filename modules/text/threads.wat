;; Values that are used again behind a wait or a notify: a compiler must keep them across the call into its runtime.
;; (V8 11.3's baseline compiler, in node 20, does not.)
(module
  (memory (import "env" "memory") 32 256 shared)

  ;; The word at $at, read behind a wait on it: not equal to $expected, or timed out after $timeout ns.
  (func $load_behind_wait (export "load_behind_wait") (param $at i32) (param $expected i32) (param $timeout i64) (result i32)
    (drop (memory.atomic.wait32 (local.get $at) (local.get $expected) (local.get $timeout)))
    (i32.atomic.load (local.get $at)))

  (func (export "load_behind_notify") (param $at i32) (result i32)
    (drop (memory.atomic.notify (local.get $at) (i32.const 1)))
    (i32.atomic.load (local.get $at)))

  ;; What was loaded before the wait is what is stored behind it.
  (func (export "keep_behind_wait") (param $at i32) (param $kept i64) (result i64)
    (local $copy i64)
    (local.set $copy (i64.add (local.get $kept) (i64.const 1)))
    (drop (memory.atomic.wait64 (local.get $at) (i64.const -1) (i64.const 1000)))
    (local.get $copy))

  ;; As a worker: the word at $arg, read behind a wait of at most a millisecond, and the worker's number.
  (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
    (i32.add
      (call $load_behind_wait (local.get $arg) (i32.load (local.get $arg)) (i64.const 1000000))
      (local.get $tid)))
)
