;; Strings of JavaScript made, joined and read by functions that the engine itself provides.
(module
  (import "wasm:js-string" "fromCharCode" (func $from (param i32) (result (ref extern))))
  (import "wasm:js-string" "concat" (func $join (param externref externref) (result (ref extern))))
  (import "wasm:js-string" "charCodeAt" (func $at (param externref i32) (result i32)))
  (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
  (func (export "probe") (result i32)
    (local $string externref)
    (local.set $string (call $join (call $from (i32.const 1)) (call $from (i32.const 40))))
    (i32.add (call $at (local.get $string) (i32.const 1)) (call $length (local.get $string)))))
