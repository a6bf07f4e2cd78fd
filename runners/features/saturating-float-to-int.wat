;; The largest i32 for a float beyond it, the smallest for one below, 0 for a NaN: no trap.
(module
  (func (export "probe") (result i32)
    (i32.add
      (i32.sub (i32.trunc_sat_f32_s (f32.const 1e30)) (i32.const 0x7fffffd5))
      (i32.add
        (i32.trunc_sat_f64_u (f64.const -1))
        (i32.wrap_i64 (i64.trunc_sat_f64_s (f64.const nan)))))))
