# Makes of ends.wat the module whose thread ends by WASI's proc_exit(7).
s/^          (unreachable))$/          (call $exit (i32.const 7)))/
/^  (import "env"/a\  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
/^  (func (export "thread_entry")/i\  (export "memory" (memory 0)) ;; as WASI wants it
