//! What all instances share: the module's own data, which an instance that comes late must leave as they are.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Control;

const WORDS: usize = 16;

static SET: [AtomicI32; WORDS] = {
    let mut words = [const { AtomicI32::new(0) }; WORDS];
    let mut at = 0;
    while at < WORDS {
        words[at] = AtomicI32::new(FRESH + at as i32);
        at += 1;
    }
    words
};
static ZERO: [AtomicI32; WORDS] = [const { AtomicI32::new(0) }; WORDS];

const FRESH: i32 = 0x1000;
const CHANGED: i32 = 0x5eed;

/// How many words stand at `by` past what they began with.
fn count(by: i32) -> i32 {
    let set = SET.iter().enumerate().filter(|(at, word)| word.load(SeqCst) == FRESH + *at as i32 + by);
    let zero = ZERO.iter().filter(|word| word.load(SeqCst) == by);
    (set.count() + zero.count()) as i32
}

/// Phase 1: how many words are as they began, before it changes them all. 2: how many are changed. 3: how many are so at the
/// least, for as long as the host does not say `go`.
pub fn late(control: &Control, _tid: i32) -> i32 {
    match control.iterations {
        1 => {
            let fresh = count(0);
            for word in SET.iter().chain(&ZERO) {
                word.fetch_add(CHANGED, SeqCst);
            }
            fresh
        }
        2 => count(CHANGED),
        _ => {
            let mut least = count(CHANGED);
            while control.go.load(SeqCst) == 0 {
                least = least.min(count(CHANGED));
            }
            least.min(count(CHANGED))
        }
    }
}
