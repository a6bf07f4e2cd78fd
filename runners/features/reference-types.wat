;; A table of externrefs, a second table, and the instructions that read, write and grow them.
(module
  (table $t 1 externref)
  (table $f 1 funcref)
  (elem declare func $forty)
  (func $forty (result i32) (i32.const 40))
  (func (export "probe") (result i32)
    (drop (table.grow $t (ref.null extern) (i32.const 40)))
    (table.set $t (i32.const 40) (ref.null extern))
    (table.set $f (i32.const 0) (ref.func $forty))
    (i32.add
      (call_indirect $f (result i32) (i32.const 0))
      (i32.add
        (i32.sub (table.size $t) (i32.const 40))
        (i32.sub (ref.is_null (table.get $t (i32.const 40))) (ref.is_null (table.get $f (i32.const 0))))))))
