;; Structs with a supertype, arrays, i31, casts that hold and one that does not.
(module
  (rec
    (type $base (sub (struct (field (mut i32)))))
    (type $derived (sub $base (struct (field (mut i32)) (field i8)))))
  (type $bytes (array (mut i8)))
  (func $size (param $any anyref) (result i32)
    (if (ref.test (ref $derived) (local.get $any))
      (then (return (struct.get_u $derived 1 (ref.cast (ref $derived) (local.get $any))))))
    (if (ref.test (ref i31) (local.get $any))
      (then (return (i31.get_s (ref.cast (ref i31) (local.get $any))))))
    (block $array (result (ref $bytes))
      (drop (br_on_cast $array anyref (ref $bytes) (local.get $any)))
      (return (i32.const 1000)))
    (array.len))
  (func (export "probe") (result i32)
    (local $array (ref null $bytes))
    (local.set $array (array.new $bytes (i32.const 9) (i32.const 5)))
    (array.set $bytes (local.get $array) (i32.const 2) (i32.const 12))
    (i32.add
      (i32.add
        (call $size (struct.new $derived (i32.const 1) (i32.const 20)))
        (call $size (ref.i31 (i32.const 5))))
      (i32.add
        (call $size (local.get $array))
        (array.get_u $bytes (local.get $array) (i32.const 2))))))
