import { sequenceLength } from './utf8';

/** How many code points the UTF-8 text has; -1 when it is not valid. */
function countCodePoints(text: usize, length: usize): i32 {
  const end = text + length;
  let count = 0;
  while (text < end) {
    const size = sequenceLength(text, end);
    if (size == 0) return -1;
    text += size;
    count++;
  }
  return count;
}

/** Writes the UTF-8 text with its code points in reverse order to `out`; their number, or -1 when it is not valid. */
export function reverseText(text: usize, length: usize, out: usize): i32 {
  // String.UTF8 reads and writes whatever it is given, so validity comes first.
  const count = countCodePoints(text, length);
  if (count < 0) return count;

  const source = String.UTF8.decodeUnsafe(text, length);
  const units = new StaticArray<u16>(source.length);
  let to = 0;
  for (let from = source.length - 1; from >= 0; from--) {
    const unit = source.charCodeAt(from);
    const isTrail = (unit & 0xfc00) == 0xdc00;
    if (isTrail) units[to++] = <u16>source.charCodeAt(--from);
    units[to++] = <u16>unit;
  }
  String.UTF8.encodeUnsafe(changetype<usize>(units), to, out);
  return count;
}
