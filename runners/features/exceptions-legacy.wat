;; The instructions before exnref: try, catch, catch_all, rethrow.
(module
  (tag $t (param i32))
  (func (export "probe") (result i32)
    try (result i32)
      try (result i32) i32.const 42 throw $t catch_all rethrow 0 end
    catch $t
    end))
