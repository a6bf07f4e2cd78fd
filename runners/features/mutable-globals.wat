;; An imported or exported global may be mutable.
(module
  (global $g (export "g") (mut i32) (i32.const 0))
  (func (export "probe") (result i32)
    (global.set $g (i32.const 42))
    (global.get $g)))
