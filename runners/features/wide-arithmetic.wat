;; 128 bits from halves: a carry, a borrow, both halves of a product.
(module
  (func (export "probe") (result i32)
    (local $low i64) (local $high i64)
    (i64.add128 (i64.const -1) (i64.const 0) (i64.const 1) (i64.const 20))
    (local.set $high) (local.set $low)
    (i64.sub128 (local.get $low) (local.get $high) (i64.const 1) (i64.const 1))
    (local.set $high) (local.set $low) ;; high 19, low -1
    (i64.mul_wide_u (local.get $low) (i64.const 25))
    (local.set $low) ;; high 24
    (drop)
    (i32.sub
      (i32.wrap_i64 (i64.add (local.get $high) (local.get $low)))
      (i32.const 1))))
