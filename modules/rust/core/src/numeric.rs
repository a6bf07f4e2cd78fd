//! Integers of 64 bits across the border, and the edges of floats.

use crate::WRONG;

/// An answer of one of these types; the twin's flaw is one bit of it.
trait Answer {
    fn told(self) -> Self;
}

impl Answer for i32 {
    fn told(self) -> Self {
        self ^ i32::from(WRONG)
    }
}

impl Answer for i64 {
    fn told(self) -> Self {
        self ^ i64::from(WRONG)
    }
}

impl Answer for f32 {
    fn told(self) -> Self {
        if WRONG { f32::from_bits(self.to_bits() ^ 0x40_0001) } else { self }
    }
}

impl Answer for f64 {
    fn told(self) -> Self {
        if WRONG { f64::from_bits(self.to_bits() ^ 0x8_0000_0000_0001) } else { self }
    }
}

macro_rules! exports {
    ($($name:ident($($arg:ident: $from:ty),+) -> $to:ty = $answer:expr;)+) => {
        $(#[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: $from),+) -> $to {
            Answer::told($answer)
        })+
    };
}

exports! {
    i64_add(a: i64, b: i64) -> i64 = a.wrapping_add(b);
    i64_sub(a: i64, b: i64) -> i64 = a.wrapping_sub(b);
    i64_mul(a: i64, b: i64) -> i64 = a.wrapping_mul(b);
    i64_div_s(a: i64, b: i64) -> i64 = a / b;
    i64_xor(a: i64, b: i64) -> i64 = a ^ b;
    i64_rotl(a: i64, b: i64) -> i64 = a.rotate_left((b & 63) as u32);
    i64_clz(a: i64) -> i64 = i64::from(a.leading_zeros());
    i64_ctz(a: i64) -> i64 = i64::from(a.trailing_zeros());
    i64_popcnt(a: i64) -> i64 = i64::from(a.count_ones());

    f64_floor(x: f64) -> f64 = x.floor();
    f64_ceil(x: f64) -> f64 = x.ceil();
    f64_trunc(x: f64) -> f64 = x.trunc();
    f64_nearest(x: f64) -> f64 = x.round_ties_even();
    f64_sqrt(x: f64) -> f64 = x.sqrt();
    f64_abs(x: f64) -> f64 = x.abs();
    f64_copysign(x: f64, y: f64) -> f64 = x.copysign(y);

    f64_from_i64(a: i64) -> f64 = a as f64;
    f32_from_f64(x: f64) -> f32 = x as f32;
    i64_trunc_sat_f64(x: f64) -> i64 = x as i64;

    f64_bits(x: f64) -> i64 = x.to_bits() as i64;
    f64_from_bits(a: i64) -> f64 = f64::from_bits(a as u64);
    f32_bits(x: f32) -> i32 = x.to_bits() as i32;
    f32_from_bits(a: i32) -> f32 = f32::from_bits(a as u32);
}
