;; fill, copy (overlapping), a passive segment and its end.
(module
  (memory 1)
  (data $passive "\01\02\03")
  (func (export "probe") (result i32)
    (memory.fill (i32.const 0) (i32.const 13) (i32.const 3))
    (memory.copy (i32.const 1) (i32.const 0) (i32.const 3))
    (memory.init $passive (i32.const 8) (i32.const 1) (i32.const 2))
    (data.drop $passive)
    (i32.add
      (i32.mul (i32.load8_u (i32.const 3)) (i32.load8_u (i32.const 9)))
      (i32.add (i32.load8_u (i32.const 9)) (i32.load8_u (i32.const 11))))))
