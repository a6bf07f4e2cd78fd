;; A script in the form of the standard's own test suite.
(module $sums
  (func (export "sum") (param i64) (result i64)
    (local $total i64)
    (loop $more
      (local.set $total (i64.add (local.get $total) (local.get 0)))
      (br_if $more (i32.wrap_i64 (local.tee 0 (i64.sub (local.get 0) (i64.const 1))))))
    (local.get $total))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func $down (export "forever") (call $down)))
(assert_return (invoke "sum" (i64.const 10)) (i64.const 55))
(assert_return (invoke "sum" (i64.const 1)) (i64.const 1))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_exhaustion (invoke "forever") "call stack exhausted")

(register "sums" $sums)
(module
  (import "sums" "sum" (func $sum (param i64) (result i64)))
  (import "spectest" "global_i32" (global $devil i32))
  (global (export "beast") i32 (global.get $devil))
  (func (export "twice") (param i64) (result i64) (i64.mul (i64.const 2) (call $sum (local.get 0))))
  (func (export "fail") (unreachable)))
(assert_return (invoke "twice" (i64.const 100)) (i64.const 10100))
(assert_return (get "beast") (i32.const 666))
(assert_trap (invoke "fail") "unreachable")
(assert_return (invoke $sums "sum" (i64.const 4)) (i64.const 10))

(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module quote "(func (reslut i32))") "unexpected token")
(assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
(assert_unlinkable (module (import "sums" "product" (func))) "unknown import")
(assert_trap (module (memory 0) (data (i32.const 0) "a")) "out of bounds memory access")
(assert_trap (module (table 0 funcref) (func $f) (elem (i32.const 0) $f)) "out of bounds table access")
