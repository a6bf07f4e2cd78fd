/** `size` bytes, 16-byte aligned. The garbage collector does not know of them: they live as long as the instance. */
export function alloc(size: usize): usize {
  return heap.alloc(size);
}

/** Grows the memory by `pages` of 64 KiB; its old size in pages, or -1. */
export function memGrow(pages: i32): i32 {
  return memory.grow(pages);
}

/** Copies `n` bytes; the two may overlap. */
export function memCopy(dst: usize, src: usize, n: usize): void {
  memory.copy(dst, src, n);
}

/** Sets `n` bytes to `byte`. */
export function memFill(start: usize, byte: u8, n: usize): void {
  memory.fill(start, byte, n);
}
