;; try_table: an exception is caught with its value, kept as an exnref, thrown again, and caught by another.
(module
  (tag $t (param i32))
  (func $again
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (throw $t (i32.const 42)))
      (return))
    (throw_ref))
  (func (export "probe") (result i32)
    (block $h (result i32)
      (try_table (catch $t $h) (call $again))
      (i32.const 0))))
