;; Functions and blocks with two results, a block with a parameter.
(module
  (func $two (param i32) (result i32 i32) (local.get 0) (i32.const 2))
  (func (export "probe") (result i32)
    (call $two (i32.const 43))
    (block (param i32 i32) (result i32) (i32.sub))
    (block (param i32) (result i32 i32) (i32.const 1))
    (i32.add)))
