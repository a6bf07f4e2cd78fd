;; An exception that nobody catches.
(module
  (tag $oops (param i32))
  (func (export "throw") (throw $oops (i32.const 7)))
  (func (export "after") (result i32) (i32.const 1)))
