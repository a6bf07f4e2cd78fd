;; Shared memory and atomic instructions. Waiting and a second thread are the cases' business.
(module
  (memory 1 1 shared)
  (func (export "probe") (result i32)
    (i32.atomic.store (i32.const 8) (i32.const 30))
    (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 2)))
    (drop (i32.atomic.rmw.cmpxchg (i32.const 8) (i32.const 32) (i32.const 42)))
    (atomic.fence)
    (i32.add (memory.atomic.notify (i32.const 8) (i32.const 1)) (i32.atomic.load (i32.const 8)))))
