;; Would be a thread, had it a memory to share.
(module
  (memory (import "env" "memory") 1)
  (func (export "thread_entry") (param i32 i32) (result i32) (local.get 0)))
