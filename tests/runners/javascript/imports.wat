;; Imports from a module that was registered.
(module
  (import "other" "after" (func $after (result i32)))
  (func (export "doubled") (result i32) (i32.mul (call $after) (i32.const 2))))
