;; A linear memory of one page that may grow to four, and nothing between it and whoever asks.
(module
  (memory (export "memory") 1 4)
  (global $free (mut i32) (i32.const 1024))

  (func (export "alloc") (param $size i32) (result i32)
    (local $at i32) (local $end i32)
    (local.set $at (global.get $free))
    (local.set $end (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (loop $more
      (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
        (then
          (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
          (unreachable))))
    (global.set $free (local.get $end))
    (local.get $at))

  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))

  (func (export "load8") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
  (func (export "load64") (param $at i32) (result i64) (i64.load align=1 (local.get $at)))
  (func (export "store8") (param $at i32) (param $value i32) (i32.store8 (local.get $at) (local.get $value)))
  (func (export "store64") (param $at i32) (param $value i64) (i64.store align=1 (local.get $at) (local.get $value)))

  (func (export "copy") (param $to i32) (param $from i32) (param $n i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $n)))
  (func (export "fill") (param $at i32) (param $byte i32) (param $n i32)
    (memory.fill (local.get $at) (local.get $byte) (local.get $n)))

  ;; The bytes `passive segment`, from $from, $n of them, to $to; and what makes the segment empty.
  (data $segment "passive segment")
  (func (export "init") (param $to i32) (param $from i32) (param $n i32)
    (memory.init $segment (local.get $to) (local.get $from) (local.get $n)))
  (func (export "drop") (data.drop $segment))

  ;; The names that all languages share.
  (func (export "mem_grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
  (func (export "mem_copy") (param $to i32) (param $from i32) (param $n i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $n)))
  (func (export "mem_fill") (param $at i32) (param $byte i32) (param $n i32)
    (memory.fill (local.get $at) (local.get $byte) (local.get $n)))
)
