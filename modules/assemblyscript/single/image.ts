// Pictures are RGBA, 8 bits a channel, rows without padding.

const CHANNELS = 4;

function clamp(value: i32, last: i32): i32 {
  return min(max(value, 0), last);
}

/** Writes the mean of each pixel's (2 * radius + 1)² window, rounded to the nearest integer; the edge is repeated. */
export function boxBlur(src: usize, width: i32, height: i32, radius: i32, dst: usize): void {
  const side: u32 = 2 * radius + 1;
  const area = side * side;
  const row = width * CHANNELS;

  // Windows overlap: keep the sum of each column's window, move it down a row at a time.
  const columns = new StaticArray<u32>(row);
  for (let y = -radius - 1; y < radius; y++) {
    const line = src + row * clamp(y, height - 1);
    for (let i = 0; i < row; i++) columns[i] += load<u8>(line + i);
  }
  for (let y = 0; y < height; y++) {
    const enter = src + row * clamp(y + radius, height - 1);
    const leave = src + row * clamp(y - radius - 1, height - 1);
    for (let i = 0; i < row; i++) columns[i] += <u32>load<u8>(enter + i) - <u32>load<u8>(leave + i);

    const out = dst + row * y;
    for (let channel = 0; channel < CHANNELS; channel++) {
      let sum: u32 = 0;
      for (let x = -radius - 1; x < radius; x++) sum += columns[clamp(x, width - 1) * CHANNELS + channel];
      for (let x = 0; x < width; x++) {
        sum += columns[clamp(x + radius, width - 1) * CHANNELS + channel];
        sum -= columns[clamp(x - radius - 1, width - 1) * CHANNELS + channel];
        store<u8>(out + x * CHANNELS + channel, (sum + area / 2) / area);
      }
    }
  }
}

/** Where the target coordinate reads from the source, in 1/65536; centres aligned. */
function position(target: i32, targets: i32, sources: i32): i32 {
  // Never negative before the subtraction, so the division is a floor.
  const at = ((2 * target + 1) * <i64>sources * 65536) / (2 * targets) - 32768;
  return <i32>min<i64>(max<i64>(at, 0), (<i64>sources - 1) * 65536);
}

/** Scales by bilinear interpolation in fixed point. */
export function resize(src: usize, width: i32, height: i32, dst: usize, dstWidth: i32, dstHeight: i32): void {
  for (let y = 0; y < dstHeight; y++) {
    const v = position(y, dstHeight, height);
    const wy: u32 = (v & 0xffff) >> 8;
    const upper = src + (v >> 16) * width * CHANNELS;
    const lower = src + min((v >> 16) + 1, height - 1) * width * CHANNELS;
    for (let x = 0; x < dstWidth; x++) {
      const h = position(x, dstWidth, width);
      const wx: u32 = (h & 0xffff) >> 8;
      const left = (h >> 16) * CHANNELS;
      const right = min((h >> 16) + 1, width - 1) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        const top = <u32>load<u8>(upper + left + channel) * (256 - wx) + <u32>load<u8>(upper + right + channel) * wx;
        const bottom = <u32>load<u8>(lower + left + channel) * (256 - wx) + <u32>load<u8>(lower + right + channel) * wx;
        store<u8>(dst, (top * (256 - wy) + bottom * wy + 32768) >> 16);
        dst++;
      }
    }
  }
}
