# Makes the wrong twin of bits.wat: what clears a bit clears nothing.
s/(i\(32\|64\)\.xor .* (i\1\.const -1))/(i\1.const -1)/
