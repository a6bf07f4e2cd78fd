;; f32 through 16 bits in memory, and lanes of 16 bits added. No assembler of ours has the instructions: the bytes of
;;
;;   (module
;;     (memory 1)
;;     (func (export "probe") (result i32)
;;       (f32.store_f16 (i32.const 8) (f32.const 20))
;;       (i32.trunc_f32_s
;;         (f32.add
;;           (f32.load_f16 (i32.const 8))
;;           (f16x8.extract_lane 7 (f16x8.add (f16x8.splat (f32.const 20)) (f16x8.splat (f32.const 2))))))))
(module binary
  "\00asm\01\00\00\00"
  "\01\05\01\60\00\01\7f" ;; types
  "\03\02\01\00" ;; functions
  "\05\03\01\00\01" ;; memory
  "\07\09\01\05probe\00\00" ;; exports
  "\0a\2e\01\2c\00"
  "\41\08\43\00\00\a0\41\fc\31\01\00" ;; i32.const 8, f32.const 20, f32.store_f16
  "\41\08\fc\30\01\00" ;; i32.const 8, f32.load_f16
  "\43\00\00\a0\41\fd\a0\02" ;; f32.const 20, f16x8.splat
  "\43\00\00\00\40\fd\a0\02" ;; f32.const 2, f16x8.splat
  "\fd\bd\02\fd\a1\02\07" ;; f16x8.add, f16x8.extract_lane 7
  "\92\a8\0b") ;; f32.add, i32.trunc_f32_s, end
