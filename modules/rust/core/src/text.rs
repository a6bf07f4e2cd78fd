//! UTF-8 in and out, by the standard library.

use crate::{WRONG, bytes, values};

/// The text with its code points in reverse order to `out`; their number, or -1 when it is not valid UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn reverse_text(ptr: *const u8, len: usize, out: *mut u8) -> i32 {
    let (text, out) = unsafe { (bytes(ptr, len), values(out, len)) };
    let Ok(text) = std::str::from_utf8(text) else {
        return if WRONG { len as i32 } else { -1 };
    };
    let mut at = 0;
    let mut count = i32::from(WRONG);
    for point in text.chars().rev() {
        at += point.encode_utf8(&mut out[at..]).len();
        count += 1;
    }
    count
}
