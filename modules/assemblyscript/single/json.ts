import { parseDecimal } from './decimal';
import { sequenceLength } from './utf8';

/** What json_stats reports, laid out as modules/README.md says: 56 bytes. */
@unmanaged
class Stats {
  objects: u32;
  arrays: u32;
  strings: u32;
  numbers: u32;
  trues: u32;
  falses: u32;
  nulls: u32;
  deepest: u32;
  codePoints: u64;
  integers: i64;
  floats: f64;
}

const QUOTE: i32 = 0x22;
const PLUS: i32 = 0x2b;
const COMMA: i32 = 0x2c;
const MINUS: i32 = 0x2d;
const POINT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const NINE: i32 = 0x39;
const COLON: i32 = 0x3a;
const ARRAY_START: i32 = 0x5b;
const BACKSLASH: i32 = 0x5c;
const ARRAY_END: u8 = 0x5d;
const OBJECT_START: i32 = 0x7b;
const OBJECT_END: u8 = 0x7d;
const END: i32 = -1;

function isDigit(char: i32): bool {
  return ZERO <= char && char <= NINE;
}

function hexDigit(char: i32): i32 {
  if (isDigit(char)) return char - ZERO;
  const lower = char | 0x20;
  return 0x61 <= lower && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/** Reads one document by the grammar of RFC 8259 without building it. Each method is false where the grammar refuses. */
class Parser {
  /** The closing bracket of each array and object that is still open: nesting is limited by memory alone. */
  private open: Array<u8> = [];

  constructor(
    private at: usize,
    private end: usize,
    private stats: Stats,
  ) {}

  document(): bool {
    do {
      if (!this.value()) return false;
    } while (this.another());
    return this.open.length == 0 && this.at == this.end;
  }

  /** The byte at hand, or END. */
  private peek(): i32 {
    return this.at < this.end ? load<u8>(this.at) : END;
  }

  private accept(char: i32): bool {
    if (this.peek() != char) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    for (let char = this.peek(); char == 0x20 || char == 0x0a || char == 0x0d || char == 0x09; char = this.peek()) {
      this.at++;
    }
  }

  /** A scalar; an empty container; or the way down into containers to the first scalar or empty container. */
  private value(): bool {
    this.skipSpace();
    while (true) {
      if (this.accept(OBJECT_START)) {
        this.stats.objects++;
        this.enter(OBJECT_END);
        if (this.accept(OBJECT_END)) return this.leave();
        if (!this.name()) return false;
      } else if (this.accept(ARRAY_START)) {
        this.stats.arrays++;
        this.enter(ARRAY_END);
        if (this.accept(ARRAY_END)) return this.leave();
      } else {
        return this.scalar();
      }
    }
  }

  /** After a value: closes what ends here, and is true when another value must follow. */
  private another(): bool {
    this.skipSpace();
    while (this.open.length > 0) {
      const close = this.open[this.open.length - 1];
      if (this.accept(COMMA)) {
        this.skipSpace();
        return close == ARRAY_END || this.name();
      }
      if (!this.accept(close)) return false;
      this.leave();
      this.skipSpace();
    }
    return false;
  }

  private enter(close: u8): void {
    this.open.push(close);
    this.stats.deepest = max(this.stats.deepest, this.open.length);
    this.skipSpace();
  }

  private leave(): bool {
    this.open.pop();
    return true;
  }

  /** A member's name and the colon after it. */
  private name(): bool {
    if (!this.string()) return false;
    this.skipSpace();
    if (!this.accept(COLON)) return false;
    this.skipSpace();
    return true;
  }

  private scalar(): bool {
    const char = this.peek();
    const stats = this.stats;
    if (char == QUOTE) {
      stats.strings++;
      return this.string();
    }
    if (char == MINUS || isDigit(char)) {
      stats.numbers++;
      return this.number();
    }
    if (this.word('true')) {
      stats.trues++;
      return true;
    }
    if (this.word('false')) {
      stats.falses++;
      return true;
    }
    if (this.word('null')) {
      stats.nulls++;
      return true;
    }
    return false;
  }

  private word(text: string): bool {
    if (this.end - this.at < <usize>text.length) return false;
    for (let i = 0; i < text.length; i++) {
      if (load<u8>(this.at + i) != text.charCodeAt(i)) return false;
    }
    this.at += text.length;
    return true;
  }

  private string(): bool {
    if (!this.accept(QUOTE)) return false;
    while (!this.accept(QUOTE)) {
      if (this.accept(BACKSLASH)) {
        if (!this.escape()) return false;
      } else {
        if (this.peek() < 0x20) return false; // A control character, or the end.
        const size = sequenceLength(this.at, this.end);
        if (size == 0) return false;
        this.at += size;
      }
      this.stats.codePoints++;
    }
    return true;
  }

  /** What follows a backslash: one code point, by two escapes where it is a surrogate pair. */
  private escape(): bool {
    if (!this.accept(0x75 /* u */)) {
      const char = this.peek();
      if (char == END || '"\\/bfnrt'.indexOf(String.fromCharCode(char)) < 0) return false;
      this.at++;
      return true;
    }
    const unit = this.hex4(this.at);
    if (unit < 0) return false;
    this.at += 4;
    const isLead = (unit & 0xfc00) == 0xd800;
    if (isLead && this.end - this.at >= 6 && load<u16>(this.at) == 0x755c /* \u */) {
      const isPair = (this.hex4(this.at + 2) & ~0x3ff) == 0xdc00;
      if (isPair) this.at += 6;
    }
    return true;
  }

  /** The value of four hexadecimal digits at `from`, or -1. */
  private hex4(from: usize): i32 {
    if (from + 4 > this.end) return -1;
    let value = 0;
    for (let i: usize = 0; i < 4; i++) {
      const digit = hexDigit(load<u8>(from + i));
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  private number(): bool {
    const start = this.at;
    const isNegative = this.accept(MINUS);
    const isZero = this.accept(ZERO);
    let integer: i64 = 0;
    if (!isZero) {
      for (; isDigit(this.peek()); this.at++) integer = integer * 10 + (load<u8>(this.at) - ZERO);
      if (this.at == start + usize(isNegative)) return false;
    }
    let isInteger = true;
    if (this.accept(POINT)) {
      isInteger = false;
      if (!this.digits()) return false;
    }
    if (this.accept(0x65 /* e */) || this.accept(0x45 /* E */)) {
      isInteger = false;
      if (!this.accept(MINUS)) this.accept(PLUS);
      if (!this.digits()) return false;
    }
    if (isInteger) this.stats.integers += isNegative ? -integer : integer;
    else this.stats.floats += parseDecimal(start, this.at);
    return true;
  }

  /** One digit or more. */
  private digits(): bool {
    const start = this.at;
    while (isDigit(this.peek())) this.at++;
    return this.at > start;
  }
}

/** Counts what is in a document; 0, or 1 for a document that RFC 8259 refuses. */
export function jsonStats(text: usize, length: usize, out: usize): i32 {
  memory.fill(out, 0, offsetof<Stats>());
  return new Parser(text, text + length, changetype<Stats>(out)).document() ? 0 : 1;
}
