# Makes the wrong twin of numeric.wat: every result has one bit flipped, and nothing traps that should.

# The lowest bit of integers; of floats also the highest bit of the mantissa, so that a NaN does not stay a quiet one.
s/(result i32) \((i.*\|(f.*\))$/(result i32) (i32.xor (i32.const 1) \1))/
s/(result i64) \((i.*\|(f.*\))$/(result i64) (i64.xor (i64.const 1) \1))/
s/(result f32) \(.*\))$/(result f32) (f32.reinterpret_i32 (i32.xor (i32.const 0x400001) (i32.reinterpret_f32 \1))))/
s/(result f64) \(.*\))$/(result f64) (f64.reinterpret_i64 (i64.xor (i64.const 0x8000000000001) (i64.reinterpret_f64 \1))))/

s/\(i..\)\.trunc_f/\1.trunc_sat_f/

# Division by zero gives 0, and the quotient that overflows wraps.
s/(\(i..\)\.\(div\|rem\)_\([su]\) /(call $\1.\2_\3 /
$i\
  (func $i32.div_s (param i32 i32) (result i32)\
    (if (i32.eqz (local.get 1)) (then (return (i32.const 0))))\
    (if (i32.eq (local.get 1) (i32.const -1)) (then (return (i32.sub (i32.const 0) (local.get 0)))))\
    (i32.div_s (local.get 0) (local.get 1)))\
  (func $i64.div_s (param i64 i64) (result i64)\
    (if (i64.eqz (local.get 1)) (then (return (i64.const 0))))\
    (if (i64.eq (local.get 1) (i64.const -1)) (then (return (i64.sub (i64.const 0) (local.get 0)))))\
    (i64.div_s (local.get 0) (local.get 1)))
$i\
  (func $i32.div_u (param i32 i32) (result i32)\
    (if (i32.eqz (local.get 1)) (then (return (i32.const 0))))\
    (i32.div_u (local.get 0) (local.get 1)))\
  (func $i64.div_u (param i64 i64) (result i64)\
    (if (i64.eqz (local.get 1)) (then (return (i64.const 0))))\
    (i64.div_u (local.get 0) (local.get 1)))
$i\
  (func $i32.rem_s (param i32 i32) (result i32)\
    (if (i32.eqz (local.get 1)) (then (return (i32.const 0))))\
    (i32.rem_s (local.get 0) (local.get 1)))\
  (func $i64.rem_s (param i64 i64) (result i64)\
    (if (i64.eqz (local.get 1)) (then (return (i64.const 0))))\
    (i64.rem_s (local.get 0) (local.get 1)))
$i\
  (func $i32.rem_u (param i32 i32) (result i32)\
    (if (i32.eqz (local.get 1)) (then (return (i32.const 0))))\
    (i32.rem_u (local.get 0) (local.get 1)))\
  (func $i64.rem_u (param i64 i64) (result i64)\
    (if (i64.eqz (local.get 1)) (then (return (i64.const 0))))\
    (i64.rem_u (local.get 0) (local.get 1)))
