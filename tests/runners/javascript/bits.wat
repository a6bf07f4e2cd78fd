;; Values that JavaScript itself would lose or change: NaN payloads, v128, several results.
(module
  (global (export "f32_signalling") f32 (f32.const nan:0x200001))
  (global (export "f64_signalling") (mut f64) (f64.const -nan:0x4000000000001))
  (global (export "v128") v128 (v128.const i32x4 1 2 3 0xffffffff))
  (global (export "i64") (mut i64) (i64.const -1))
  (func (export "turn") (param f32 i64 v128 f64) (result f64 v128 i64 f32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "nothing") (param f32))
  (func (export "externref") (param externref) (result externref) (local.get 0))
  (func (export "mixed") (param externref f32) (result f32 externref) (local.get 1) (local.get 0)))
