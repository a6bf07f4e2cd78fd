;; One word of the shared memory, at 0, counts the instances: each adds itself when it starts.
(module
  (memory (import "env" "memory") 1 16 shared)
  (global $stack (export "__stack_pointer") (mut i32) (i32.const 0))
  (global (export "__tls_size") i32 (i32.const 8))
  (global $tls (mut i32) (i32.const 0))
  (func $born (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
  (start $born)
  (func (export "__wasm_init_tls") (param i32) (global.set $tls (local.get 0)))

  (func (export "instances") (param i32 i32) (result i32) (i32.atomic.load (i32.const 0)))
  (func (export "stack") (param i32 i32) (result i32) (global.get $stack))
  (func (export "tls") (param i32 i32) (result i32) (global.get $tls))
  (func (export "arg") (param $tid i32) (param $arg i32) (result i64)
    (i64.sub (i64.extend_i32_u (local.get $arg)) (i64.extend_i32_u (local.get $tid))))
  (func (export "silent") (param i32 i32))
  (func (export "trap_in_one") (param $tid i32) (param i32) (result i32)
    (if (i32.eq (local.get $tid) (i32.const 1)) (then unreachable))
    (local.get $tid))

  ;; Comes back when the main thread says so: it runs beside the script. The address is a constant, since node 20 loses
  ;; a local across memory.atomic.wait32 (V8 11.3, Liftoff): a defect for the matrix to show, not for these tests.
  (func (export "wait_for_word") (param i32 i32) (result i32)
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))
    (i32.atomic.load (i32.const 64)))
  (func (export "say") (param $at i32) (param $word i32)
    (i32.atomic.store (local.get $at) (local.get $word))
    (drop (memory.atomic.notify (local.get $at) (i32.const -1)))))
