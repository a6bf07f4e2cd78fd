//! What the workers of the deliberately wrong twin do: a classic mistake in each program. Where a mistake shows only
//! on an unlucky day, the workers meet in its gap, so that every day is one: two workers or more get it wrong on
//! every engine, always, and come to an end.

use core::cell::Cell;
use core::slice;
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicI32, AtomicI64};

use crate::barrier::Barrier;
use crate::condition::Mailbox;
use crate::control::{Control, Zeroed};
use crate::deque::Deque;
use crate::mandelbrot::rows;
use crate::queue::{Mpmc, Spsc};
use crate::room::visits;
use crate::values::{ROW, consume, mix, produce, shuffle};

/// What a twin works on, and where its workers meet: once in each place, so that it tells where barriers break when
/// used again.
#[repr(C)]
struct Flawed<T> {
    gaps: [Barrier; 2],
    inner: T,
}

unsafe impl<T: Sync> Zeroed for Flawed<T> {}

impl<T> Flawed<T> {
    fn meet(&self, gap: usize, control: &Control) {
        self.gaps[gap].meet(control.workers);
    }
}

/// A box that is filled whether it is empty or not: of a producer's first values all but one are lost, for nobody
/// takes yet.
pub fn condition(control: &Control, tid: i32) -> i32 {
    let flawed: &Flawed<Mailbox> = control.shared();
    let mailbox = &flawed.inner;
    if !control.is_first_half(tid) {
        flawed.meet(0, control);
        return consume(control, || mailbox.take());
    }
    produce(control, tid, |value| match value - tid * control.iterations {
        0..4 => mailbox.overwrite(value),
        4 => {
            mailbox.overwrite(value);
            flawed.meet(0, control);
        }
        _ => mailbox.put(value),
    })
}

/// One permit too many.
pub fn semaphore(control: &Control, _tid: i32) -> i32 {
    visits(control, control.limit + 1)
}

/// Readers that do not look for a writer: they read between its two halves.
pub fn rwlock(control: &Control, tid: i32) -> i32 {
    let flawed: &Flawed<()> = control.shared();
    let (total, check) = (control.total.as_ptr(), control.check.as_ptr());
    if tid == 0 {
        unsafe { total.write_volatile(1) };
    }
    flawed.meet(0, control);
    if !control.is_first_half(tid) && unsafe { check.read_volatile() != mix(total.read_volatile() as i32) } {
        control.errors.fetch_add(1, SeqCst);
    }
    flawed.meet(1, control);
    if tid == 0 {
        unsafe { check.write_volatile(mix(1)) };
    }
    control.iterations
}

/// Whether it was done is looked up, and later noted down: all do it.
pub fn once(control: &Control, _tid: i32) -> i32 {
    let flawed: &Flawed<AtomicI32> = control.shared();
    let table = control.out::<i32>();
    let is_done = flawed.inner.load(SeqCst) != 0;
    flawed.meet(0, control);
    if !is_done {
        for i in 0..control.iterations * ROW {
            unsafe { *table.add(i as usize) = mix(i + 1) };
        }
        control.counter.fetch_add(control.iterations, SeqCst);
        flawed.inner.store(1, SeqCst);
    }
    control.iterations
}

/// The lock that is looked at, and later taken: two are inside, and additions are lost.
pub fn spinlock(control: &Control, _tid: i32) -> i32 {
    let flawed: &Flawed<AtomicI32> = control.shared();
    let is_free = flawed.inner.load(SeqCst) == 0;
    flawed.meet(0, control);
    if is_free {
        flawed.inner.store(1, SeqCst);
        let total: &AtomicI64 = &control.total;
        let seen = total.load(SeqCst);
        flawed.meet(1, control);
        total.store(seen + i64::from(control.iterations), SeqCst);
    }
    control.iterations
}

/// A queue that loses what comes when it is full. Nobody takes before it has been.
pub fn spsc(control: &Control, tid: i32) -> i32 {
    let flawed: &Flawed<[Spsc; 8]> = control.shared();
    let queue = &flawed.inner[(tid % (control.workers / 2)) as usize];
    if !control.is_first_half(tid) {
        flawed.meet(0, control);
        return consume(control, || queue.take(control.limit));
    }
    let lost = Cell::new(false);
    produce(control, tid, |value| {
        if lost.get() {
            queue.put(value, control.limit);
        } else if !queue.try_put(value, control.limit) {
            lost.set(true);
            flawed.meet(0, control);
        }
    })
}

/// A queue that gives one value twice: the first consumer's first.
pub fn mpmc(control: &Control, tid: i32) -> i32 {
    let queue: &Mpmc = control.shared();
    if control.is_first_half(tid) {
        return produce(control, tid, |value| queue.put(value, control.limit));
    }
    let again = Cell::new(None);
    consume(control, || {
        again.take().unwrap_or_else(|| {
            let value = queue.take(control.limit);
            again.set((value == 0).then_some(value));
            value
        })
    })
}

/// A thief that leaves what it takes.
pub fn stealing(control: &Control, tid: i32) -> i32 {
    let flawed: &Flawed<Deque> = control.shared();
    let deque = &flawed.inner;
    let run = |task: i32| {
        let out = unsafe { &*control.out::<AtomicI32>().add(task as usize) };
        out.fetch_add(shuffle(task + 1, control.iterations), SeqCst);
        control.counter.fetch_add(1, SeqCst);
    };
    if tid == 0 {
        (0..control.workers).for_each(|task| deque.push(task));
    }
    flawed.meet(0, control);
    if tid != 0 {
        deque.copy().into_iter().for_each(run);
    }
    flawed.meet(1, control);
    if tid == 0 {
        while let Some(task) = deque.pop() {
            run(task);
            let first = control.workers + 2 * task;
            (first..control.length.min(first + 2)).for_each(|task| deque.push(task));
        }
    }
    0
}

/// Nobody merges.
pub fn sort(control: &Control, tid: i32) -> i32 {
    let band = control.band(tid);
    unsafe { slice::from_raw_parts_mut(control.data::<i32>().add(band.start), band.len()) }.sort_unstable();
    0
}

/// The border that belongs to nobody: each band lacks its first row.
pub fn mandelbrot(control: &Control, tid: i32) -> i32 {
    rows(control, control.band(tid).skip(1));
    0
}

/// The sums from their last product to the first.
pub fn matmul(control: &Control, tid: i32) -> i32 {
    let n = control.length as usize;
    let factors = unsafe { slice::from_raw_parts(control.data::<f32>(), 2 * n * n) };
    let (a, b) = factors.split_at(n * n);
    for y in control.band(tid) {
        for x in 0..n {
            let products = (0..n).rev().map(|k| a[y * n + k] * b[k * n + x]);
            unsafe { *control.out::<f32>().add(y * n + x) = products.fold(0.0, |sum, product| sum + product) };
        }
    }
    0
}
