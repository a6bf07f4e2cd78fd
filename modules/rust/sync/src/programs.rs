//! What the workers do.

use core::slice;
use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::barrier::Barrier;
use crate::condition::Mailbox;
use crate::control::{Control, Zeroed};
use crate::deque::Deque;
use crate::futex::{nap, wait_until, wake_all};
use crate::mandelbrot::rows;
use crate::once::Once;
use crate::queue::{Mpmc, Spsc};
use crate::room::visits;
use crate::rwlock::RwLock;
use crate::spinlock::SpinLock;
use crate::values::{ROW, consume, mix, produce, shuffle};

/// Values from hand to hand through a box for one.
pub fn condition(control: &Control, tid: i32) -> i32 {
    let mailbox: &Mailbox = control.shared();
    if control.is_first_half(tid) {
        produce(control, tid, |value| mailbox.put(value))
    } else {
        consume(control, || mailbox.take())
    }
}

/// In and out of a room for `limit`.
pub fn semaphore(control: &Control, _tid: i32) -> i32 {
    visits(control, control.limit)
}

#[repr(C)]
struct Pair {
    lock: RwLock,
    start: Barrier,
}

unsafe impl Zeroed for Pair {}

/// Writers change a pair of values, readers look whether they belong together. Before that all readers are inside at
/// once.
pub fn rwlock(control: &Control, tid: i32) -> i32 {
    let Pair { lock, start } = control.shared();
    let (total, check) = (control.total.as_ptr(), control.check.as_ptr());
    if control.is_first_half(tid) {
        start.meet(control.workers);
        for _ in 0..control.iterations {
            lock.write(|| unsafe {
                *total += 1;
                *check = mix(*total as i32);
            });
        }
    } else {
        let readers = control.workers - control.workers / 2;
        lock.read(|| {
            control.counter.fetch_add(1, SeqCst);
            wake_all(&control.counter);
            wait_until(&control.counter, readers);
        });
        start.meet(control.workers);
        for _ in 0..control.iterations {
            if lock.read(|| unsafe { *check != mix(*total as i32) }) {
                control.errors.fetch_add(1, SeqCst);
            }
        }
    }
    control.iterations
}

const ONCES: usize = 1024;

/// Rows of a table, each written by whoever comes to it first and complete for everybody.
pub fn once(control: &Control, _tid: i32) -> i32 {
    let onces: &[Once; ONCES] = control.shared();
    let table = control.out::<i32>();
    for (row, once) in (0..control.iterations).zip(onces) {
        let values = row * ROW..(row + 1) * ROW;
        once.call(|| {
            control.counter.fetch_add(1, SeqCst);
            for i in values.clone() {
                unsafe { *table.add(i as usize) = mix(i + 1) };
            }
        });
        for i in values {
            if unsafe { *table.add(i as usize) } != mix(i + 1) {
                control.errors.fetch_add(1, SeqCst);
            }
        }
    }
    control.iterations
}

/// Plain additions to the total, each under the lock.
pub fn spinlock(control: &Control, tid: i32) -> i32 {
    let lock: &SpinLock = control.shared();
    for _ in 0..control.iterations {
        lock.lock(control.slot(tid));
        unsafe { *control.total.as_ptr() += 1 };
        lock.unlock();
    }
    control.iterations
}

const PAIRS: usize = 8;

/// Values through a queue of `limit` places for each producer and its consumer.
pub fn spsc(control: &Control, tid: i32) -> i32 {
    let (queues, half): (&[Spsc; PAIRS], _) = (control.shared(), control.workers / 2);
    let queue = &queues[(tid % half) as usize];
    if control.is_first_half(tid) {
        produce(control, tid, |value| queue.put(value, control.limit))
    } else {
        consume(control, || queue.take(control.limit))
    }
}

/// Values through one queue of `limit` places.
pub fn mpmc(control: &Control, tid: i32) -> i32 {
    let queue: &Mpmc = control.shared();
    if control.is_first_half(tid) {
        produce(control, tid, |value| queue.put(value, control.limit))
    } else {
        consume(control, || queue.take(control.limit))
    }
}

const NAP: i64 = 20_000; // ns

#[repr(C)]
pub struct Tasks {
    pub deques: [Deque; 8],
    pub stolen: AtomicI32,
}

unsafe impl Zeroed for Tasks {}

/// Tasks that make tasks, each done by who made it or by who stole it. Worker 0 has the first ones and waits until the
/// others have stolen theirs.
pub fn stealing(control: &Control, tid: i32) -> i32 {
    let Tasks { deques, stolen }: &Tasks = control.shared();
    let (own, workers) = (&deques[tid as usize], control.workers);
    let out = control.out::<AtomicI32>();
    if tid == 0 {
        (0..workers).for_each(|task| own.push(task));
        wait_until(stolen, workers - 1);
    }
    let steal = || {
        let task = (1..workers).find_map(|next| deques[((tid + next) % workers) as usize].steal())?;
        stolen.fetch_add(1, SeqCst);
        wake_all(stolen);
        Some(task)
    };
    while control.counter.load(SeqCst) < control.length {
        let Some(task) = own.pop().or_else(steal) else {
            nap(control.slot(tid), NAP);
            continue;
        };
        let result = shuffle(task + 1, control.iterations);
        unsafe { &*out.add(task as usize) }.fetch_add(result, SeqCst);
        let first = workers + 2 * task;
        (first..control.length.min(first + 2)).for_each(|task| own.push(task));
        control.counter.fetch_add(1, SeqCst);
    }
    0
}

/// Each sorts its band; then neighbours' bands are merged, until there is one.
pub fn sort(control: &Control, tid: i32) -> i32 {
    let (barrier, workers): (&Barrier, _) = (control.shared(), control.workers);
    let (data, out) = (control.data::<i32>(), control.out::<i32>());
    let band = control.band(tid);
    unsafe { slice::from_raw_parts_mut(data.add(band.start), band.len()) }.sort_unstable();
    barrier.meet(workers);
    let mut bands = 1;
    while bands < workers {
        if tid % (2 * bands) == 0 && tid + bands < workers {
            let border = |tid: i32| control.border(tid.min(workers));
            let (start, middle, end) = (border(tid), border(tid + bands), border(tid + 2 * bands));
            let values = unsafe { slice::from_raw_parts_mut(data.add(start), end - start) };
            let merged = unsafe { slice::from_raw_parts_mut(out.add(start), end - start) };
            merge(values.split_at(middle - start), merged);
            values.copy_from_slice(merged);
        }
        barrier.meet(workers);
        bands *= 2;
    }
    0
}

fn merge((mut a, mut b): (&[i32], &[i32]), merged: &mut [i32]) {
    for place in merged {
        let first = match (a, b) {
            ([x, ..], [y, ..]) if y < x => &mut b,
            ([_, ..], _) => &mut a,
            _ => &mut b,
        };
        *place = *first.split_off_first().unwrap();
    }
}

/// The rows of its band of the picture.
pub fn mandelbrot(control: &Control, tid: i32) -> i32 {
    rows(control, control.band(tid));
    0
}

/// The rows of its band of the product of two matrices.
pub fn matmul(control: &Control, tid: i32) -> i32 {
    let n = control.length as usize;
    let factors = unsafe { slice::from_raw_parts(control.data::<f32>(), 2 * n * n) };
    let (a, b) = factors.split_at(n * n);
    let band = control.band(tid);
    let c = unsafe { slice::from_raw_parts_mut(control.out::<f32>().add(band.start * n), band.len() * n) };
    for (c, a) in c.chunks_exact_mut(n).zip(a[band.start * n..].chunks_exact(n)) {
        c.fill(0.0);
        for (a, b) in a.iter().zip(b.chunks_exact(n)) {
            for (c, b) in c.iter_mut().zip(b) {
                *c += a * b;
            }
        }
    }
    0
}
