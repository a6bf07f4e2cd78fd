//! The programs. Each sends its work to `workers` workers and gives what makes its line when they have come back: the main
//! thread of a page must not wait, so it looks at the results only then.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock};

use crate::{WRONG, spawn};

pub type Program = Box<dyn FnOnce() -> String>;

pub fn named(name: &str) -> Option<fn(u32, u32) -> Program> {
    Some(match name {
        "sum" => sum,
        "mutex" => mutex,
        "condvar" => condvar,
        "channel" => by_channel,
        "once" => once,
        "locals" => locals,
        "growth" => growth,
        "panicked" => panicked,
        _ => return None,
    })
}

/// `steps` of a linear congruential generator.
fn mix(seed: u32, steps: u32) -> u32 {
    (0..steps).fold(seed, |x, _| x.wrapping_mul(1664525).wrapping_add(1013904223))
}

fn words(values: impl IntoIterator<Item = u32>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ")
}

/// What is there, in any order of arrival; nobody sends any more.
fn all<T>(from: Receiver<T>) -> Vec<T> {
    from.try_iter().collect()
}

/// Twice as much work as there are workers, each of which takes up two.
fn sum(workers: u32, steps: u32) -> Program {
    let (to, from) = channel();
    for number in 0..2 * workers {
        let to = to.clone();
        spawn(number % workers, move || to.send((number, mix(number, steps + WRONG))).unwrap());
    }
    Box::new(move || {
        let mut found = all(from);
        found.sort();
        format!("values {}", words(found.into_iter().map(|(_, value)| value)))
    })
}

fn mutex(workers: u32, steps: u32) -> Program {
    let total = Arc::new(Mutex::new(0u64));
    for number in 0..workers {
        let total = total.clone();
        spawn(number, move || {
            for _ in WRONG..steps {
                *total.lock().unwrap() += u64::from(number) + 1;
            }
        });
    }
    Box::new(move || format!("total {}", total.lock().unwrap()))
}

/// The workers take turns, `steps` times each, by a condition variable.
fn condvar(workers: u32, steps: u32) -> Program {
    let turns = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    for number in 0..workers {
        let turns = turns.clone();
        spawn(number, move || {
            let (order, changed) = &*turns;
            for _ in 0..steps {
                let mine = |taken: &mut Vec<u32>| taken.len() as u32 % workers != number;
                let mut taken = changed.wait_while(order.lock().unwrap(), mine).unwrap();
                taken.push(number + WRONG);
                changed.notify_all();
            }
        });
    }
    Box::new(move || {
        let taken = turns.0.lock().unwrap();
        let right = taken.iter().zip((0..workers).cycle()).filter(|(seen, due)| *seen == due).count();
        format!("turns {}, in order {right}", taken.len())
    })
}

/// All but the first send through a bounded channel to the first, which checks each sender's order.
fn by_channel(workers: u32, steps: u32) -> Program {
    let (to, from) = sync_channel(2);
    let (say, said) = channel();
    spawn(0, move || {
        let mut next = vec![0; workers as usize];
        let mut disorder = 0;
        for (sender, count) in from {
            let due: &mut u32 = &mut next[sender as usize];
            disorder += u32::from(count != *due);
            *due += 1;
        }
        say.send(format!("out of order {disorder}, each {}", words(next.into_iter().skip(1)))).unwrap();
    });
    for number in 1..workers {
        let to = to.clone();
        spawn(number, move || (0..steps).for_each(|count| to.send((number, count + WRONG)).unwrap()));
    }
    Box::new(move || all(said).join("; "))
}

/// Whoever comes first makes the value; all of them see it whole, and the writes of all add up.
fn once(workers: u32, steps: u32) -> Program {
    static RAN: AtomicU32 = AtomicU32::new(0);
    let value = Arc::new(OnceLock::new());
    let sums = Arc::new(RwLock::new(0u32));
    let gate = Arc::new(Barrier::new(workers as usize));
    for number in 0..workers {
        let (value, sums, gate) = (value.clone(), sums.clone(), gate.clone());
        spawn(number, move || {
            gate.wait();
            let make = || {
                RAN.fetch_add(1, SeqCst);
                mix(1, steps + WRONG)
            };
            let seen = *value.get_or_init(make);
            let mut sum = sums.write().unwrap();
            *sum = sum.wrapping_add(seen);
        });
    }
    Box::new(move || format!("ran {}, sum {}", RAN.load(SeqCst), sums.read().unwrap()))
}

/// Each thread has its own, fresh, at an address of its own.
fn locals(workers: u32, _: u32) -> Program {
    thread_local!(static OWN: Cell<u32> = const { Cell::new(7) });
    let gate = Arc::new(Barrier::new(workers as usize));
    let (to, from) = channel();
    for number in 0..workers {
        let (gate, to) = (gate.clone(), to.clone());
        spawn(number, move || {
            let fresh = OWN.get() == 7 + WRONG;
            OWN.set(100 + number);
            gate.wait();
            let address = OWN.with(|own| own as *const _ as usize);
            to.send((fresh, OWN.get() == 100 + number, address)).unwrap();
        });
    }
    Box::new(move || {
        let seen = all(from);
        let fresh = seen.iter().filter(|(fresh, ..)| *fresh).count();
        let kept = seen.iter().filter(|(_, kept, _)| *kept).count();
        let addresses: HashSet<_> = seen.iter().map(|(.., address)| address).collect();
        format!("fresh {fresh}, kept {kept}, addresses {}, main {}", addresses.len(), OWN.get())
    })
}

/// Each worker makes the memory grow; the main thread reads what they wrote there, and says more than fitted before.
fn growth(workers: u32, steps: u32) -> Program {
    let (to, from) = channel();
    for number in 0..workers {
        let to = to.clone();
        spawn(number, move || to.send((number, vec![number as u8 + 1; steps as usize])).unwrap());
    }
    Box::new(move || {
        let mut blocks = all(from);
        blocks.sort();
        let sums = blocks.iter().map(|(_, block)| block.iter().map(|&byte| u32::from(byte)).sum::<u32>() + WRONG);
        format!("sums {}; {}", words(sums), "x".repeat(steps as usize / 64))
    })
}

/// One worker panics: the page hears of it, whatever the others say.
fn panicked(workers: u32, _steps: u32) -> Program {
    for number in 0..workers {
        spawn(number, move || {
            if number == WRONG * workers {
                panic!("on purpose");
            }
        });
    }
    Box::new(|| "outlived".to_owned())
}
