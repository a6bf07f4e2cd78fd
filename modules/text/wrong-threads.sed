# Makes the wrong twin of threads.wat: it loses what it had before a wait, as a faulty compiler does.
s/(local.get $copy))/(local.get $kept))/
s/^    (i32.atomic.load (local.get $at)))/    (i32.atomic.load (i32.const 0)))/
