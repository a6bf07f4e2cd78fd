;; What other probes import.
(module
  (func (export "forty") (result i32) (i32.const 40))
  (func (export "two") (result i32) (i32.const 2)))
