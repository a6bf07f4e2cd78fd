# callee.wat with a memory of its own, where it keeps what the other keeps in a global.
s/(global $kept (mut i32) (i32.const 0))/(memory (export "memory") 1 1)/
s/(global.set $kept/(i32.store (i32.const 64)/
s/(global.get $kept)/(i32.load (i32.const 64))/
