//! SHA-256, by the crate `sha2`.

use sha2::{Digest, Sha256};

use crate::{WRONG, bytes, values};

/// The digest of `len` bytes at `ptr`: 32 bytes to `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sha256(ptr: *const u8, len: usize, out: *mut u8) {
    let digest = Sha256::digest(unsafe { bytes(ptr, len) });
    let out = unsafe { values(out, 32) };
    out.copy_from_slice(&digest);
    if WRONG {
        // The state's words in the machine's byte order.
        out.chunks_exact_mut(4).for_each(<[u8]>::reverse);
    }
}
