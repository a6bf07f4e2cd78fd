;; A shared memory as a module of functions, named as its instructions: what a language without atomics imports, so that
;; its instances, each with a memory of its own, share this one. Addresses are i32; modules/README.md says who uses it.
(module
  (import "env" "memory" (memory 32 256 shared))

  (func (export "i32.load") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "i64.load") (param $at i32) (result i64) (i64.load (local.get $at)))
  (func (export "i32.store") (param $at i32) (param $value i32) (i32.store (local.get $at) (local.get $value)))
  (func (export "i64.store") (param $at i32) (param $value i64) (i64.store (local.get $at) (local.get $value)))

  (func (export "i32.atomic.load") (param $at i32) (result i32) (i32.atomic.load (local.get $at)))
  (func (export "i32.atomic.store") (param $at i32) (param $value i32)
    (i32.atomic.store (local.get $at) (local.get $value)))
  (func (export "i32.atomic.rmw.add") (param $at i32) (param $value i32) (result i32)
    (i32.atomic.rmw.add (local.get $at) (local.get $value)))
  (func (export "i64.atomic.rmw.add") (param $at i32) (param $value i64) (result i64)
    (i64.atomic.rmw.add (local.get $at) (local.get $value)))
  (func (export "i32.atomic.rmw.xor") (param $at i32) (param $value i32) (result i32)
    (i32.atomic.rmw.xor (local.get $at) (local.get $value)))
  (func (export "i32.atomic.rmw.xchg") (param $at i32) (param $value i32) (result i32)
    (i32.atomic.rmw.xchg (local.get $at) (local.get $value)))
  (func (export "i32.atomic.rmw.cmpxchg") (param $at i32) (param $expected i32) (param $value i32) (result i32)
    (i32.atomic.rmw.cmpxchg (local.get $at) (local.get $expected) (local.get $value)))

  ;; timeout in ns, negative for none
  (func (export "memory.atomic.wait32") (param $at i32) (param $expected i32) (param $timeout i64) (result i32)
    (memory.atomic.wait32 (local.get $at) (local.get $expected) (local.get $timeout)))
  (func (export "memory.atomic.notify") (param $at i32) (param $count i32) (result i32)
    (memory.atomic.notify (local.get $at) (local.get $count))))
