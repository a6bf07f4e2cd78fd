;; A swizzle and a fused multiply-add of which every choice that the standard leaves gives the same.
(module
  (func (export "probe") (result i32)
    (i32.add
      (i8x16.extract_lane_u 3
        (i8x16.relaxed_swizzle
          (v128.const i8x16 0 0 0 0 0 30 0 0 0 0 0 0 0 0 0 0) (i8x16.splat (i32.const 5))))
      (i32.trunc_f32_s
        (f32x4.extract_lane 2
          (f32x4.relaxed_madd
            (f32x4.splat (f32.const 5)) (f32x4.splat (f32.const 2)) (f32x4.splat (f32.const 2))))))))
