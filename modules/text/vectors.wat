;; The same as values.wat for v128, apart from it: an engine without SIMD must still be asked for the rest.
(module
  (func (export "v128") (param v128) (result v128) local.get 0))
