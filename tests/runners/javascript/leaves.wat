;; What imports WASI and has no memory: a thread's function that leaves with the thread's number.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "thread_entry") (param $tid i32) (param i32) (result i32)
    (call $exit (local.get $tid))
    unreachable))
