/** Writes the product of two n × n matrices of f32, row-major, to `c`; summed over k in order. */
export function matmul(a: usize, b: usize, c: usize, n: usize): void {
  const row = n * sizeof<f32>();
  memory.fill(c, 0, n * row);
  for (let i: usize = 0; i < n; i++) {
    const out = c + i * row;
    for (let k: usize = 0; k < n; k++) {
      const factor = load<f32>(a + i * row + k * sizeof<f32>());
      const from = b + k * row;
      for (let at: usize = 0; at < row; at += sizeof<f32>()) {
        store<f32>(out + at, load<f32>(out + at) + factor * load<f32>(from + at));
      }
    }
  }
}
