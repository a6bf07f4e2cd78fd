//! The values that go through the programs, and who sends and receives them.

use core::sync::atomic::Ordering::SeqCst;

use crate::control::Control;

const END: i32 = -1;

/// Values in a row of the table of `once`.
pub const ROW: i32 = 8;

/// Another number for each, 0 for 0 (Knuth's multiplicative hash).
pub fn mix(value: i32) -> i32 {
    value.wrapping_mul(0x9E37_79B1_u32 as i32)
}

/// `steps` of George Marsaglia's xorshift32, from `seed`.
pub fn shuffle(seed: i32, steps: i32) -> i32 {
    let mut value = seed as u32;
    for _ in 0..steps {
        value ^= value << 13;
        value ^= value >> 17;
        value ^= value << 5;
    }
    value as i32
}

/// Producer `tid` sends its values in order, then END. How many values.
pub fn produce(control: &Control, tid: i32, mut put: impl FnMut(i32)) -> i32 {
    for i in 0..control.iterations {
        put(tid * control.iterations + i);
    }
    put(END);
    control.iterations
}

/// A consumer receives up to one END: as many as there are producers. Of each producer's values none may come before an
/// older one.
pub fn consume(control: &Control, mut take: impl FnMut() -> i32) -> i32 {
    let (mut count, mut sum, mut check) = (0, 0, 0);
    let mut newest = [-1; 8];
    loop {
        let value = take();
        if value == END {
            break;
        }
        count += 1;
        sum += i64::from(value);
        check ^= mix(value);
        match newest.get_mut((value / control.iterations) as usize) {
            Some(newest) if *newest < value => *newest = value,
            _ => _ = control.errors.fetch_add(1, SeqCst),
        }
    }
    control.counter.fetch_add(count, SeqCst);
    control.total.fetch_add(sum, SeqCst);
    control.check.fetch_xor(check, SeqCst);
    0
}
