;; A hint changes no answer, and an engine may ignore it: this shows only that a module with hints runs.
(module
  (func (export "probe") (result i32)
    (if (result i32) (@metadata.code.branch_hint "\01") (i32.const 1)
      (then (i32.const 42))
      (else (i32.const 0)))))
