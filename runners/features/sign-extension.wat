;; -1 of 8 bits, of 16, of 32 in 64.
(module
  (func (export "probe") (result i32)
    (i32.add
      (i32.add (i32.extend8_s (i32.const 0xff)) (i32.extend16_s (i32.const 0xffff)))
      (i32.wrap_i64 (i64.add (i64.extend32_s (i64.const 0xffffffff)) (i64.const 45))))))
