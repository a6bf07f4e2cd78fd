# Makes of ends.wat the module whose thread ends by an exception that nobody catches.
s/^          (unreachable))$/          (throw $gone))/
/^  (import "env"/a\  (tag $gone)
