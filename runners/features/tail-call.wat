;; Deeper than any stack: direct, and through a table.
(module
  (type $down (func (param i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $odd)
  (func $even (type $down)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 42))
      (else (return_call_indirect (type $down) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
  (func $odd (type $down) (return_call $even (i32.sub (local.get 0) (i32.const 1))))
  (func (export "probe") (result i32) (call $even (i32.const 1000000))))
