;; A memory of 40 pages of one byte each, which grows by two.
(module
  (memory 40 (pagesize 1))
  (func (export "probe") (result i32)
    (drop (memory.grow (i32.const 2)))
    (i32.store8 (i32.const 41) (i32.const 42))
    (i32.sub
      (i32.mul (memory.size) (i32.const 2))
      (i32.load8_u (i32.const 41)))))
