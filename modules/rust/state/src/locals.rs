//! Variables of each thread's own.

use core::cell::Cell;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Control;

const FRESH: i32 = 0x5eed;
const ALIGNMENT: usize = 64;

#[repr(align(64))]
struct Own {
    set: Cell<i32>,
    zero: Cell<i32>,
}

#[thread_local]
static OWN: Own = Own { set: Cell::new(FRESH), zero: Cell::new(0) };

/// The thread-locals are as they begin, lie where the host said, and keep in each round what this worker alone writes.
/// How many rounds.
pub fn locals(control: &Control, tid: i32) -> i32 {
    control.demand(OWN.set.get() == FRESH && OWN.zero.get() == 0);
    let address = &raw const OWN as usize;
    control.demand(control.owns(tid, address, size_of::<Own>()) && address.is_multiple_of(ALIGNMENT));
    control.slot(tid).store(address, SeqCst);
    control.meet();
    for other in (0..control.workers).filter(|&other| other != tid) {
        control.demand(control.slot(other).load(SeqCst) != address);
    }
    for round in 0..control.iterations {
        let (set, zero) = (tid << 16 | round, !(tid << 16 | round));
        OWN.set.set(set);
        OWN.zero.set(zero);
        control.meet();
        control.demand(OWN.set.get() == set && OWN.zero.get() == zero);
        control.checked.fetch_add(1, SeqCst);
        control.meet();
    }
    control.iterations
}
