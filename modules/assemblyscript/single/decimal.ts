// Decimal text to the nearest f64, ties to even. The standard library's parseFloat is not exact: in AssemblyScript 0.28.20
// it misses by a unit in the last place for 1.4 % of doubles with random bits, 1.6006110058250998e+46 among them.

import { Big } from './big';

const POINT: u8 = 0x2e;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;

/** Digits that a u64 holds whatever they are. */
const HEAD = 19;

/** Digits past which only matters whether one of them is not 0: a midpoint of two doubles has at most 767. */
const KEPT = 800;

/** Far beyond what any double needs, and far from overflow when digits are added to it. */
const EXPONENT_LIMIT = 100_000_000;

const EXACT_INTEGERS: u64 = 1 << 53;
const EXACT_POWER = 22; // 10²² is the greatest power of ten that a double holds.
const INFINITE: u64 = 0x7ff0_0000_0000_0000;

/** A decimal number: its digits without leading zeros, the first HEAD of them, and the power of ten that they count. */
class Decimal {
  head: u64 = 0;
  digits: i32 = 0;
  exponent: i32 = 0;
  private headExponent: i32 = 0;
  private start: usize;
  private end: usize;

  constructor(start: usize, end: usize) {
    this.start = start;
    let isFraction = false;
    let at = start;
    for (; at < end; at++) {
      const char = load<u8>(at);
      if (char == POINT) {
        isFraction = true;
        continue;
      }
      if ((char | 0x20) == 0x65 /* e */) break;
      if (isFraction) this.exponent--;
      this.push(char - ZERO);
    }
    this.end = at;
    if (at < end) this.exponent += writtenExponent(at + 1, end);
    this.headExponent += this.exponent;
  }

  private push(digit: u32): void {
    if (this.digits == 0 && digit == 0) return;
    if (this.digits < HEAD) this.head = this.head * 10 + digit;
    else this.headExponent++;
    this.digits++;
  }

  /** True when `guess` is the answer already, for being one exact number multiplied or divided by another. */
  get isExactByOneStep(): bool {
    return this.digits <= HEAD && this.head <= EXACT_INTEGERS && abs(this.exponent) <= EXACT_POWER;
  }

  /** The value to within a few units in the last place. */
  guess(): f64 {
    let value = <f64>this.head;
    let exponent = this.headExponent;
    for (; exponent > EXACT_POWER; exponent -= EXACT_POWER) value *= 1e22;
    for (; exponent < -EXACT_POWER; exponent += EXACT_POWER) value /= 1e22;
    let power: f64 = 1;
    for (let i = abs(exponent); i > 0; i--) power *= 10;
    return exponent < 0 ? value / power : value * power;
  }

  /** The digits as one number; past KEPT of them a single 1 stands for all that are not 0. `exponent` follows. */
  toBig(): Big {
    const big = new Big();
    let taken = 0;
    let isLost = false;
    for (let at = this.start; at < this.end; at++) {
      const char = load<u8>(at);
      if (char == POINT || (char == ZERO && taken == 0)) continue;
      if (taken < KEPT) big.multiplyAdd(10, char - ZERO);
      else isLost = isLost || char != ZERO;
      taken++;
    }
    if (taken > KEPT) this.exponent += taken - KEPT;
    if (isLost) {
      big.multiplyAdd(10, 1);
      this.exponent--;
    }
    return big;
  }
}

function writtenExponent(at: usize, end: usize): i32 {
  const isNegative = load<u8>(at) == MINUS;
  let value = 0;
  for (; at < end; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit <= 9) value = min(value * 10 + digit, EXPONENT_LIMIT); // A sign is no digit.
  }
  return isNegative ? -value : value;
}

/** Compares digits × 10^exponent with the midpoint of the double of these bits and the next one up. */
function compareWithMidpoint(digits: Big, exponent: i32, bits: u64): i32 {
  const fraction = bits & 0x000f_ffff_ffff_ffff;
  const isSubnormal = bits >> 52 == 0;
  const significand = isSubnormal ? fraction : fraction | 0x0010_0000_0000_0000;
  const binary = (isSubnormal ? 1 : <i32>(bits >> 52)) - 1075;

  // digits × 5^exponent × 2^exponent against (2 × significand + 1) × 2^(binary - 1), without negative powers.
  const left = digits.clone();
  const right = new Big(2 * significand + 1);
  left.multiplyByPowerOf5(exponent);
  right.multiplyByPowerOf5(-exponent);
  left.multiplyByPowerOf2(exponent - (binary - 1));
  right.multiplyByPowerOf2(binary - 1 - exponent);
  return left.compare(right);
}

function nearest(decimal: Decimal): f64 {
  const magnitude = decimal.exponent + decimal.digits; // 10^(magnitude - 1) ≤ value < 10^magnitude
  if (decimal.digits == 0 || magnitude < -330) return 0;
  if (magnitude > 310) return Infinity;
  const guess = decimal.guess();
  if (decimal.isExactByOneStep) return guess;

  const digits = decimal.toBig();
  let bits = min(reinterpret<u64>(guess), INFINITE - 1);
  const first = bits;
  for (; bits < INFINITE; bits++) {
    const order = compareWithMidpoint(digits, decimal.exponent, bits);
    if (order < 0 || (order == 0 && (bits & 1) == 0)) break;
  }
  if (bits > first) return reinterpret<f64>(bits);
  for (; bits > 0; bits--) {
    const order = compareWithMidpoint(digits, decimal.exponent, bits - 1);
    if (order > 0 || (order == 0 && (bits & 1) == 0)) break;
  }
  return reinterpret<f64>(bits);
}

/** The double nearest to a number in JSON's grammar, written from `start` to `end`; an infinity where it is too great. */
export function parseDecimal(start: usize, end: usize): f64 {
  const isNegative = load<u8>(start) == MINUS;
  const value = nearest(new Decimal(start + usize(isNegative), end));
  return isNegative ? -value : value;
}
