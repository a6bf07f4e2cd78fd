;; Two imports that share the name of their module. They are of the module in provider.wat.
(module
  (import "provider" (item "forty" (func $forty (result i32))) (item "two" (func $two (result i32))))
  (func (export "probe") (result i32) (i32.add (call $forty) (call $two))))
