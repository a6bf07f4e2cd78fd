;; A table with indices of 64 bits.
(module
  (type $t (func (result i32)))
  (table i64 40 funcref)
  (elem (i64.const 39) $two)
  (func $two (type $t) (i32.const 2))
  (func (export "probe") (result i32)
    (i32.add (call_indirect (type $t) (i64.const 39)) (i32.wrap_i64 (table.size 0)))))
