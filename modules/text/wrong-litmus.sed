# Makes the wrong twin of litmus.wat: each test reads what nobody has written; what store buffering writes is lost besides.
/(func $sb/s/(i32.atomic.store (local.get [01]) (i32.const 0x5a5a5a5a))//
/(func $\(mp1\|lb1\|co1\|ri3\)/s/(i32.atomic.load (local.get 0))/(i32.const 0x5a5a)/
