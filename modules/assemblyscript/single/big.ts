/** Limbs of 32 bits: room for 801 decimal digits times 2¹⁰⁷⁶, the most that comparing a decimal with a double takes. */
const CAPACITY = 128;

/** A natural number of up to 4096 bits that only grows. */
export class Big {
  private limbs: StaticArray<u32> = new StaticArray<u32>(CAPACITY);
  private length: i32 = 0;

  constructor(value: u64 = 0) {
    for (; value != 0; value >>= 32) this.limbs[this.length++] = <u32>value;
  }

  clone(): Big {
    const copy = new Big();
    for (let i = 0; i < this.length; i++) copy.limbs[i] = this.limbs[i];
    copy.length = this.length;
    return copy;
  }

  multiplyAdd(factor: u32, addend: u32): void {
    let carry: u64 = addend;
    for (let i = 0; i < this.length; i++) {
      carry += <u64>this.limbs[i] * factor;
      this.limbs[i] = <u32>carry;
      carry >>= 32;
    }
    if (carry != 0) this.limbs[this.length++] = <u32>carry;
  }

  /** By 5^exponent; not at all where that is no natural number. */
  multiplyByPowerOf5(exponent: i32): void {
    for (; exponent >= 13; exponent -= 13) this.multiplyAdd(1220703125, 0); // 5¹³, the last below 2³².
    for (; exponent > 0; exponent--) this.multiplyAdd(5, 0);
  }

  /** By 2^exponent; not at all where that is no natural number. */
  multiplyByPowerOf2(exponent: i32): void {
    if (exponent <= 0) return;
    this.multiplyAdd(1 << (exponent & 31), 0);
    const whole = exponent >> 5;
    for (let i = this.length - 1; i >= 0; i--) this.limbs[i + whole] = this.limbs[i];
    for (let i = 0; i < whole; i++) this.limbs[i] = 0;
    this.length += whole;
  }

  /** Negative, 0 or positive as this is less than, equal to or greater than `other`. */
  compare(other: Big): i32 {
    if (this.length != other.length) return this.length - other.length;
    for (let i = this.length - 1; i >= 0; i--) {
      const a = this.limbs[i];
      const b = other.limbs[i];
      if (a != b) return a < b ? -1 : 1;
    }
    return 0;
  }
}
