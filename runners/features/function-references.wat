;; A call through a typed reference, a null one branched on, a local that cannot be null.
(module
  (type $unary (func (param i32) (result i32)))
  (elem declare func $double)
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $through (param $f (ref null $unary)) (result i32)
    (local $sure (ref $unary))
    (block $null
      (local.set $sure (br_on_null $null (local.get $f)))
      (return (call_ref $unary (i32.const 20) (local.get $sure))))
    (i32.const 2))
  (func (export "probe") (result i32)
    (i32.add (call $through (ref.func $double)) (call $through (ref.null $unary)))))
