;; The first instance starts, all later ones trap.
(module
  (memory (import "env" "memory") 1 16 shared)
  (func $start (if (i32.atomic.rmw.add (i32.const 0) (i32.const 1)) (then unreachable)))
  (start $start)
  (func (export "thread_entry") (param i32 i32) (result i32) (local.get 0)))
