;; Every way to trap that a module of the first standard has, each with its neighbour that must not trap.
(module
  (memory (export "memory") 1 1)
  (global $free (mut i32) (i32.const 1024))
  (func (export "alloc") (param $size i32) (result i32)
    (global.get $free)
    (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get $size)) (i32.const 15)) (i32.const -16))))

  (func (export "fail_panic") (unreachable))
  (func (export "unreachable") (unreachable))
  (func (export "after") (param $x i32) (result i32) (i32.add (i32.mul (local.get $x) (i32.const 2)) (i32.const 1)))

  ;; Division: by zero, and the one quotient that overflows (the remainder of the same is 0).
  (func (export "i32_div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "i32_div_u") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func (export "i32_rem_s") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "i32_rem_u") (param i32 i32) (result i32) (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "i64_div_s") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
  (func (export "i64_div_u") (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
  (func (export "i64_rem_s") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
  (func (export "i64_rem_u") (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1)))

  ;; Float to integer: `invalid conversion to integer` for NaN, `integer overflow` past the ends.
  (func (export "i32_trunc_f32_s") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
  (func (export "i32_trunc_f64_s") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "i64_trunc_f32_s") (param f32) (result i64) (i64.trunc_f32_s (local.get 0)))
  (func (export "i64_trunc_f64_s") (param f64) (result i64) (i64.trunc_f64_s (local.get 0)))
  (func (export "i64_trunc_f64_u") (param f64) (result i64) (i64.trunc_f64_u (local.get 0)))

  ;; Memory: one page, so the last byte is 65535. `_offset` adds 65528 to the address, without wrapping at 2^32.
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load32") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "load64") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "load64_offset") (param i32) (result i64) (i64.load offset=65528 (local.get 0)))
  (func (export "load8_offset_max") (param i32) (result i32) (i32.load8_u offset=0xffffffff (local.get 0)))
  (func (export "store8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "store32") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "store64_offset") (param i32 i64) (i64.store offset=65528 (local.get 0) (local.get 1)))
  (func (export "memory_fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "memory_copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))

  ;; Table of 4: 0 gives 42, 1 is null, 2 takes a parameter, 3 gives 43; 4 is past its end.
  (type $answer (func (result i32)))
  (table $table 4 funcref)
  (func $forty_two (result i32) (i32.const 42))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $forty_three (result i32) (i32.const 43))
  (elem (table $table) (i32.const 0) func $forty_two)
  (elem (table $table) (i32.const 2) func $twice $forty_three)
  (func (export "call_indirect") (param i32) (result i32) (call_indirect $table (type $answer) (local.get 0)))
  (func (export "table_get_is_null") (param i32) (result i32) (ref.is_null (table.get $table (local.get 0))))
  (func (export "table_set_null") (param i32) (table.set $table (local.get 0) (ref.null func)))

  ;; Without end: `call stack exhausted`. With $depth it ends and gives $depth.
  (func $recurse (export "recurse") (result i32) (i32.add (call $recurse) (i32.const 1)))
  (func $recurse_to (export "recurse_to") (param $depth i32) (result i32)
    (if (result i32) (local.get $depth)
      (then (i32.add (call $recurse_to (i32.sub (local.get $depth) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))
)
