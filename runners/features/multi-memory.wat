;; Two memories, and a copy from one to the other.
(module
  (memory $a 1)
  (memory $b 2)
  (func (export "probe") (result i32)
    (i32.store $b (i32.const 8) (i32.const 40))
    (memory.copy $a $b (i32.const 0) (i32.const 8) (i32.const 4))
    (i32.add (i32.load $a (i32.const 0)) (memory.size $b))))
