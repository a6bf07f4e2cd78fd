;; A generator: it gives 20 and then 22 to whoever resumes it.
(module
  (type $body (func))
  (type $generator (cont $body))
  (tag $yield (param i32))
  (elem declare func $numbers)
  (func $numbers
    (suspend $yield (i32.const 20))
    (suspend $yield (i32.const 22)))
  (func (export "probe") (result i32)
    (local $sum i32)
    (local $next (ref null $generator))
    (local.set $next (cont.new $generator (ref.func $numbers)))
    (loop $again
      (block $yielded (result i32 (ref $generator))
        (resume $generator (on $yield $yielded) (local.get $next))
        (return (local.get $sum)))
      (local.set $next)
      (local.set $sum (i32.add (local.get $sum)))
      (br $again))
    (unreachable)))
