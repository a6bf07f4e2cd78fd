;; Sums and products as initial values and offsets.
(module
  (memory 1)
  (global $g i32 (i32.add (i32.mul (i32.const 5) (i32.const 8)) (i32.const 1)))
  (global $h i64 (i64.sub (i64.const 3) (i64.const 2)))
  (data (i32.sub (i32.const 10) (i32.const 2)) "\00\07")
  (func (export "probe") (result i32)
    (i32.add
      (i32.add (global.get $g) (i32.wrap_i64 (global.get $h)))
      (i32.sub (i32.load8_u (i32.const 9)) (i32.const 7)))))
