//! Every single-threaded job of the compiled set, in Rust. The names and shapes of the exports are those of
//! `modules/README.md`; all addresses and lengths are those of linear memory.
//!
//! With the feature `wrong` this is the deliberately wrong twin: each job errs in one small, plausible way.

// The host hands in plain addresses: every export trusts them, as each module's contract says.
#![allow(clippy::missing_safety_doc)]

mod image;
mod json;
mod mandelbrot;
mod matmul;
mod memory;
mod nbody;
mod numeric;
mod sha256;
mod sort;
mod text;
mod traps;

/// Whether this is the deliberately wrong twin.
const WRONG: bool = cfg!(feature = "wrong");

/// The bytes at an address. Zero bytes may stand at any address, even 0.
unsafe fn bytes<'a>(address: *const u8, length: usize) -> &'a [u8] {
    if length == 0 { &[] } else { unsafe { std::slice::from_raw_parts(address, length) } }
}

/// The writable values of type `T` at an address that is aligned for them.
unsafe fn values<'a, T>(address: *mut T, count: usize) -> &'a mut [T] {
    if count == 0 { &mut [] } else { unsafe { std::slice::from_raw_parts_mut(address, count) } }
}
