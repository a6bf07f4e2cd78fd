# The same instructions on a memory that is not shared, and the module's own.
s/(memory (import "env" "memory") 1 256 shared)/(memory (export "memory") 1 2)/
