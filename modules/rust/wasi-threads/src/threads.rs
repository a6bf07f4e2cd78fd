//! Threads that are started and joined: values, borrowed data, thread-locals, names, stacks, what they see of the program.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use crate::WRONG;

/// The square of its number by each thread, joined in order.
pub fn join(threads: usize) {
    let handles: Vec<_> = (0..threads).map(|n| thread::spawn(move || n * n + usize::from(WRONG))).collect();
    for handle in handles {
        println!("{}", handle.join().unwrap());
    }
}

/// The sum of 0 … length-1 by threads that borrow a part each of the parent's vector, and write into another.
pub fn scoped(threads: usize, length: usize) {
    let numbers: Vec<u64> = (0..(length - usize::from(WRONG)) as u64).collect();
    let mut doubled = vec![0; numbers.len()];
    let part = length.div_ceil(threads);
    let total: u64 = thread::scope(|scope| {
        let handles: Vec<_> = numbers
            .chunks(part)
            .zip(doubled.chunks_mut(part))
            .map(|(from, to)| {
                scope.spawn(move || {
                    for (to, from) in to.iter_mut().zip(from) {
                        *to = 2 * from;
                    }
                    from.iter().sum::<u64>()
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    println!("{total} {}", doubled.iter().sum::<u64>());
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Own(Cell<usize>);

impl Drop for Own {
    fn drop(&mut self) {
        DROPPED.fetch_add(self.0.get(), SeqCst);
    }
}

thread_local! {
    static OWN: Own = const { Own(Cell::new(1000)) };
    static COUNT: Cell<usize> = const { Cell::new(7) };
}

/// Each thread adds its number to thread-locals of its own, whose destructors run at its end; the main thread's stay.
pub fn local(threads: usize) {
    let handles: Vec<_> = (0..threads)
        .map(|n| {
            thread::spawn(move || {
                for _ in 0..n {
                    OWN.with(|own| own.0.set(own.0.get() + 1));
                    COUNT.with(|count| count.set(count.get() + 1));
                    thread::yield_now();
                }
                OWN.with(|own| own.0.get()) + COUNT.with(Cell::get) + usize::from(WRONG)
            })
        })
        .collect();
    for handle in handles {
        println!("{}", handle.join().unwrap());
    }
    println!("{} {} {}", DROPPED.load(SeqCst), OWN.with(|own| own.0.get()), COUNT.with(Cell::get));
}

/// Names of a Builder, and as many different ids as threads.
pub fn names(threads: usize) {
    let handles: Vec<_> = (0..threads)
        .map(|n| {
            let name = format!("thread {}", n + usize::from(WRONG));
            thread::Builder::new().name(name).spawn(|| {
                let current = thread::current();
                (current.name().unwrap_or("none").to_owned(), current.id())
            })
        })
        .collect();
    let mut ids = std::collections::HashSet::from([thread::current().id()]);
    for handle in handles {
        let (name, id) = handle.unwrap().join().unwrap();
        ids.insert(id);
        println!("{name}");
    }
    println!("{} ids", ids.len());
}

/// A thread that starts a thread that starts a thread.
pub fn nested(depth: usize) {
    fn below(depth: usize) -> usize {
        if depth == 0 { usize::from(WRONG) } else { 1 + thread::spawn(move || below(depth - 1)).join().unwrap() }
    }
    println!("{}", below(depth));
}

/// A thread with a stack of 8 MiB, of which it uses a KiB and more for each of `depth` calls.
pub fn stack(depth: usize) {
    #[inline(never)]
    fn descend(depth: usize) -> usize {
        let frame = black_box([depth; 256]);
        if depth == 0 { 0 } else { descend(depth - 1) + frame[depth % 256] }
    }
    let thread = thread::Builder::new().stack_size(8 << 20).spawn(move || descend(depth - usize::from(WRONG)));
    println!("{}", thread.unwrap().join().unwrap());
}

/// A line by each thread, one after the other, to the standard output that all share.
pub fn print(threads: usize) {
    println!("main");
    for n in usize::from(WRONG)..threads {
        thread::spawn(move || println!("thread {n}")).join().unwrap();
    }
    thread::spawn(|| eprintln!("to the other")).join().unwrap();
    println!("main again");
}

/// Arguments and environment, as a thread sees them.
pub fn surroundings() {
    let seen = thread::spawn(|| {
        let arguments: Vec<String> = std::env::args().skip(1 + usize::from(WRONG)).collect();
        let mut variables: Vec<String> = std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
        variables.sort();
        format!("{}\n{}", arguments.join(" "), variables.join(" "))
    });
    println!("{}", seen.join().unwrap());
}

/// So many threads, each started when the one before it has ended.
pub fn spawns(times: usize) {
    let mut sum = 0;
    for n in usize::from(WRONG)..times {
        sum += thread::Builder::new().stack_size(64 << 10).spawn(move || n + 1).unwrap().join().unwrap();
    }
    println!("{sum}");
}
