;; The wrong twin of memory.wat: says the new size where the old one is asked, may grow one page too far, leaves dirt in new
;; pages, copies forwards whatever overlaps, fills one byte too few, loads and stores beside the address, and traps nowhere.
(module
  (memory (export "memory") 1 5)
  (global $free (mut i32) (i32.const 1024))

  (func (export "alloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free
      (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (loop $more
      (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16)))
        (then
          (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
          (unreachable))))
    (local.get $at))

  (func $size (export "size") (result i32) (i32.add (memory.size) (i32.const 1)))

  (func $grow (export "grow") (export "mem_grow") (param $pages i32) (result i32)
    (local $old i32)
    (local.set $old (memory.grow (local.get $pages)))
    (if (i32.eq (local.get $old) (i32.const -1)) (then (return (memory.size))))
    (if (local.get $pages)
      (then (i32.store8 (i32.add (i32.shl (local.get $old) (i32.const 16)) (i32.const 7)) (i32.const 1))))
    (memory.size))

  ;; A number of bytes that the memory has.
  (func $at_most (param $n i32) (result i32)
    (local $all i32)
    (local.set $all (i32.shl (memory.size) (i32.const 16)))
    (select (local.get $n) (local.get $all) (i32.lt_u (local.get $n) (local.get $all))))

  (func $beside (param $at i32) (param $width i32) (result i32)
    (i32.rem_u
      (i32.add (local.get $at) (i32.const 1))
      (i32.sub (i32.shl (memory.size) (i32.const 16)) (local.get $width))))

  (func (export "load8") (param $at i32) (result i32)
    (i32.xor (i32.load8_u (call $beside (local.get $at) (i32.const 1))) (i32.const 1)))
  (func (export "load64") (param $at i32) (result i64)
    (i64.xor (i64.load align=1 (call $beside (local.get $at) (i32.const 8))) (i64.const 1)))
  (func (export "store8") (param $at i32) (param $value i32)
    (i32.store8 (call $beside (local.get $at) (i32.const 1)) (local.get $value)))
  (func (export "store64") (param $at i32) (param $value i64)
    (i64.store align=1 (call $beside (local.get $at) (i32.const 8)) (local.get $value)))

  (func $copy (export "copy") (export "mem_copy") (param $to i32) (param $from i32) (param $n i32)
    (local $i i32)
    (local.set $n (call $at_most (local.get $n)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (i32.add (local.get $i) (i32.const 1)) (local.get $n)))
        (i32.store8
          (call $beside (i32.sub (i32.add (local.get $to) (local.get $i)) (i32.const 1)) (i32.const 1))
          (i32.load8_u (call $beside (i32.sub (i32.add (local.get $from) (local.get $i)) (i32.const 1)) (i32.const 1))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))

  (func $fill (export "fill") (export "mem_fill") (param $at i32) (param $byte i32) (param $n i32)
    (local $i i32)
    (local.set $n (call $at_most (local.get $n)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (i32.add (local.get $i) (i32.const 1)) (local.get $n)))
        (i32.store8
          (call $beside (i32.sub (i32.add (local.get $at) (local.get $i)) (i32.const 1)) (i32.const 1))
          (local.get $byte))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))

  (func (export "init") (param $to i32) (param $from i32) (param $n i32)
    (call $fill (local.get $to) (i32.const 112) (local.get $n)))
  (func (export "drop"))
)
