;; An object and its descriptor, which is got back from it and read.
(module
  (rec
    (type $object (descriptor $about) (struct (field i32)))
    (type $about (describes $object) (struct (field i32))))
  (func (export "probe") (result i32)
    (local $o (ref null (exact $object)))
    (local.set $o (struct.new_desc $object (i32.const 2) (struct.new $about (i32.const 40))))
    (i32.add
      (struct.get $object 0 (local.get $o))
      (struct.get $about 0 (ref.get_desc $object (local.get $o))))))
