/* Memory: what the host allocates, growing, and libc's own copy and fill. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

/* 16-byte aligned, never freed: an instance lives for one script. */
EXPORT(alloc) void *alloc(size_t size) {
    return aligned_alloc(16, (size + 15) / 16 * 16);
}

/* The old size in pages of 64 KiB, or -1. libc's sbrk notices that it is no longer alone. */
EXPORT(mem_grow) int mem_grow(size_t pages) {
    return (int)__builtin_wasm_memory_grow(0, pages);
}

EXPORT(mem_copy) void mem_copy(void *to, const void *from, size_t size) {
    memmove(to, from, size);
}

EXPORT(mem_fill) void mem_fill(void *to, int byte, size_t size) {
    memset(to, byte, size);
}
