# The parts of litmus.wat with plain accesses: what must not come out of atomic ones may come out of these.
/(type $part) (/s/i32\.atomic\./i32./g
