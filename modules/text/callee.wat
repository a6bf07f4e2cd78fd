;; Functions for an instance of another module to call: caller.wat. (callee-memory.sed gives it a memory to keep in.)
(module
  (global $kept (mut i32) (i32.const 0))

  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))

  ;; One of each type: a + 2b + 4c + 8d.
  (func (export "mixed") (param i32 f64 i64 f32) (result f64)
    (f64.add
      (f64.add (f64.convert_i32_s (local.get 0)) (f64.mul (f64.const 2) (local.get 1)))
      (f64.add
        (f64.mul (f64.const 4) (f64.convert_i64_s (local.get 2)))
        (f64.mul (f64.const 8) (f64.promote_f32 (local.get 3))))))

  ;; More than registers hold: the number whose digits, to the base of 16, are the twelve arguments.
  (func (export "many") (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    local.get 0
    i64.const 4 i64.shl local.get 1 i64.add
    i64.const 4 i64.shl local.get 2 i64.add
    i64.const 4 i64.shl local.get 3 i64.add
    i64.const 4 i64.shl local.get 4 i64.add
    i64.const 4 i64.shl local.get 5 i64.add
    i64.const 4 i64.shl local.get 6 i64.add
    i64.const 4 i64.shl local.get 7 i64.add
    i64.const 4 i64.shl local.get 8 i64.add
    i64.const 4 i64.shl local.get 9 i64.add
    i64.const 4 i64.shl local.get 10 i64.add
    i64.const 4 i64.shl local.get 11 i64.add)

  (func (export "keep") (param i32) (global.set $kept (local.get 0)))
  (func (export "kept") (result i32) (global.get $kept))
)
