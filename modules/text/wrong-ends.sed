# Makes the wrong twin of ends.wat: no thread ends but well, and every fifth of what they count is lost.
s/(call $end (i32.load (local.get $arg)))/(call $end (i32.const 0))/
s/^            (br_table .*$/            (return))/
s/(local.set $left (i32.const 1000))/(local.set $left (i32.const 800))/
