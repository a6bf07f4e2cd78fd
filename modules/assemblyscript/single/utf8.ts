/** The length in bytes of the well-formed UTF-8 sequence at `at` (Unicode 16.0, table 3-7); 0 where there is none. */
export function sequenceLength(at: usize, end: usize): usize {
  const lead = load<u8>(at);
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0; // A continuation, or the overlong form of ASCII.
  if (lead < 0xe0) return end - at >= 2 && isWithin(at + 1, 0x80, 0xbf) ? 2 : 0;
  if (lead < 0xf0) {
    const low: u8 = lead == 0xe0 ? 0xa0 : 0x80; // Overlong below.
    const high: u8 = lead == 0xed ? 0x9f : 0xbf; // Surrogates above.
    return end - at >= 3 && isWithin(at + 1, low, high) && isWithin(at + 2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead > 0xf4 || end - at < 4) return 0;
  const low: u8 = lead == 0xf0 ? 0x90 : 0x80; // Overlong below.
  const high: u8 = lead == 0xf4 ? 0x8f : 0xbf; // Past U+10FFFF above.
  return isWithin(at + 1, low, high) && isWithin(at + 2, 0x80, 0xbf) && isWithin(at + 3, 0x80, 0xbf) ? 4 : 0;
}

function isWithin(at: usize, low: u8, high: u8): bool {
  const byte = load<u8>(at);
  return low <= byte && byte <= high;
}
