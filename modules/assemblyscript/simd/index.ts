// The AssemblyScript module with v128 instructions.

/** `size` bytes, 16-byte aligned; never freed. */
export function alloc(size: usize): usize {
  return heap.alloc(size);
}

/** Writes the product of two n × n matrices of f32, row-major, to `c`; four columns at a time, summed over k in order. */
export function matmul(a: usize, b: usize, c: usize, n: usize): void {
  const row = n * sizeof<f32>();
  const vectors = row & ~(16 - 1);
  memory.fill(c, 0, n * row);
  for (let i: usize = 0; i < n; i++) {
    const out = c + i * row;
    for (let k: usize = 0; k < n; k++) {
      const factor = load<f32>(a + i * row + k * sizeof<f32>());
      const factors = f32x4.splat(factor);
      const from = b + k * row;
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.mul(factors, v128.load(from + at))));
      }
      for (; at < row; at += sizeof<f32>()) {
        store<f32>(out + at, load<f32>(out + at) + factor * load<f32>(from + at));
      }
    }
  }
}
