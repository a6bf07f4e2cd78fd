;; A shared struct whose field is changed atomically.
(module
  (type $cell (shared (struct (field (mut i32)))))
  (func (export "probe") (result i32)
    (local $cell (ref null $cell))
    (local.set $cell (struct.new $cell (i32.const 40)))
    (drop (struct.atomic.rmw.add seqcst $cell 0 (local.get $cell) (i32.const 2)))
    (struct.atomic.get seqcst $cell 0 (local.get $cell))))
