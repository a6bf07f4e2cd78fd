;; What a matrix must survive. Each is asked in a script of its own, and none comes back by itself in time.
(module
  (memory (export "memory") 1)
  (func (export "loop_forever") (loop $again (br $again)))

  ;; Grows by 1 MiB and writes to all of it, until it is refused; then gives the pages it has.
  (func (export "eat_memory") (result i32)
    (local $old i32)
    (loop $again
      (local.set $old (memory.grow (i32.const 16)))
      (if (i32.ne (local.get $old) (i32.const -1))
        (then
          (memory.fill (i32.shl (local.get $old) (i32.const 16)) (i32.const 0xa5) (i32.const 0x100000))
          (br $again))))
    (memory.size))

  (func $recurse (export "recurse") (result i32) (i32.add (call $recurse) (i32.const 1)))
  (func (export "after") (param $x i32) (result i32) (i32.add (i32.mul (local.get $x) (i32.const 2)) (i32.const 1)))
)
