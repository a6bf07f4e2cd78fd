;; Addresses of 64 bits, and one beyond what 32 can say is out of bounds, not wrapped.
(module
  (memory i64 1)
  (func (export "probe") (result i32)
    (i64.store (i64.const 8) (i64.const 41))
    (memory.fill (i64.const 16) (i32.const 0) (i64.const 8))
    (i32.add
      (i32.wrap_i64 (i64.add (i64.load (i64.const 8)) (i64.load (i64.const 16))))
      (i32.wrap_i64 (memory.size)))))
