;; Lanes of 8 bits added, of 32 multiplied, shuffled, and through memory.
(module
  (memory 1)
  (func (export "probe") (result i32)
    (v128.store (i32.const 16)
      (i32x4.mul (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8)))
    (i32.add
      (i32x4.extract_lane 3 (v128.load (i32.const 16)))
      (i8x16.extract_lane_u 0
        (i8x16.shuffle 15 1 2 3 4 5 6 7 8 9 10 11 12 13 14 0
          (i8x16.add (i8x16.splat (i32.const 7)) (i8x16.splat (i32.const 3)))
          (v128.const i64x2 0 0))))))
