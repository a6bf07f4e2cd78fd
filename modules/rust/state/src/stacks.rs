//! A stack of each thread's own.

use core::hint::black_box;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Control;

const FRAMES: u32 = 180;
const WORDS: usize = 64;

fn word(tid: i32, round: i32, left: u32, at: usize) -> u32 {
    (tid as u32) << 24 | (round as u32) << 16 | left << 8 | at as u32
}

/// A frame whose words are those of no other. It meets the other workers when the stack is full, and looks at its words then.
#[inline(never)]
fn frame(control: &Control, tid: i32, round: i32, left: u32) {
    let mut words = [0u32; WORDS];
    let words = black_box(&mut words);
    control.demand(control.owns(tid, words.as_ptr() as usize, size_of_val(words)));
    for (at, own) in words.iter_mut().enumerate() {
        *own = word(tid, round, left, at);
    }
    let words = black_box(words);
    if left == 1 {
        control.meet();
    } else {
        frame(control, tid, round, left - 1);
    }
    for (at, &mut seen) in black_box(words).iter_mut().enumerate() {
        control.demand(seen == word(tid, round, left, at));
    }
    control.checked.fetch_add(1, SeqCst);
}

/// Fills the stack and looks at it, once a round; how many rounds.
pub fn stacks(control: &Control, tid: i32) -> i32 {
    for round in 0..control.iterations {
        frame(control, tid, round, FRAMES);
        control.meet();
    }
    control.iterations
}
