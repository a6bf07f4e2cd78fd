//! Rust's own failure: a panic, which on this target traps. There is nothing to recover with.

use crate::WRONG;

/// Panics.
#[unsafe(no_mangle)]
pub extern "C" fn fail_panic() {
    if !WRONG {
        panic!("asked to fail");
    }
}

/// x * 2 + 1: asked of a new instance after a failure.
#[unsafe(no_mangle)]
pub extern "C" fn after(x: i32) -> i32 {
    x.wrapping_mul(2).wrapping_add(if WRONG { 0 } else { 1 })
}
