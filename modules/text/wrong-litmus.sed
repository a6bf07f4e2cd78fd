# Makes the wrong twin of litmus.wat: what store buffering writes is lost, and coherence reads what nobody has written.
/(func $sb/s/(i32.atomic.store (local.get [01]) (i32.const 0x5a5a5a5a))//
/(func $co1/s/(i32.atomic.load (local.get 0))/(i32.const 0x5a5a)/
