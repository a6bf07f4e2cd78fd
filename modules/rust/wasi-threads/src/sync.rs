//! What threads agree by: the standard library's locks, conditions, barriers, channels.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock, mpsc};
use std::thread;

use crate::WRONG;

/// `times` additions by each thread under one lock.
pub fn mutex(threads: usize, times: usize) {
    let total = Mutex::new(0_u64);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in usize::from(WRONG)..times {
                    *total.lock().unwrap() += 1;
                }
            });
        }
    });
    println!("{}", total.into_inner().unwrap());
}

/// Threads that take turns: in each round each writes its number, when the one before it has.
pub fn condvar(threads: usize, rounds: usize) {
    let (turn, changed) = (Mutex::new(Vec::new()), Condvar::new());
    thread::scope(|scope| {
        for n in 0..threads {
            let (turn, changed) = (&turn, &changed);
            scope.spawn(move || {
                for _ in usize::from(WRONG)..rounds {
                    let mut said = changed.wait_while(turn.lock().unwrap(), |said| said.len() % threads != n).unwrap();
                    said.push(n);
                    changed.notify_all();
                }
            });
        }
    });
    let said = turn.into_inner().unwrap();
    let in_turn = said.iter().enumerate().all(|(at, n)| at % threads == *n);
    println!("{} {in_turn}", said.len());
}

/// Half of the threads write two equal numbers, the others read them: never different ones. Then all read at once.
pub fn rwlock(threads: usize, times: usize) {
    let pair = RwLock::new((0_u64, 0_u64));
    let torn: usize = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|n| {
                let pair = &pair;
                scope.spawn(move || {
                    if n % 2 == 0 {
                        return (0..times).filter(|_| pair.read().is_ok_and(|pair| pair.0 != pair.1)).count();
                    }
                    for _ in usize::from(WRONG)..times {
                        let mut pair = pair.write().unwrap();
                        pair.0 += 1;
                        pair.1 += 1;
                    }
                    0
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    let (together, readers) = (Barrier::new(threads), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _held = pair.read().unwrap();
                together.wait(); // each of them holds the lock now
                readers.fetch_add(1, SeqCst);
            });
        }
    });
    let pair = pair.into_inner().unwrap();
    println!("{} {} torn {torn} readers {}", pair.0, pair.1, readers.load(SeqCst));
}

/// `rounds` times all store the round, meet, look at the others' and meet again; in each meeting one is the leader.
pub fn barrier(threads: usize, rounds: usize) {
    let slots: Vec<AtomicUsize> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
    let (meeting, others, leaders) = (Barrier::new(threads), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 0..threads {
            let (slots, meeting, others, leaders) = (&slots, &meeting, &others, &leaders);
            scope.spawn(move || {
                for round in 1 + usize::from(WRONG)..=rounds {
                    slots[n].store(round, SeqCst);
                    leaders.fetch_add(usize::from(meeting.wait().is_leader()), SeqCst);
                    others.fetch_add(slots.iter().filter(|slot| slot.load(SeqCst) != round).count(), SeqCst);
                    meeting.wait();
                }
            });
        }
    });
    println!("leaders {} others {}", leaders.load(SeqCst), others.load(SeqCst));
}

/// `times` messages by each thread to one that receives them: all come, each sender's in order.
pub fn channel(threads: usize, times: usize) {
    let (sender, receiver) = mpsc::channel();
    for n in 0..threads {
        let sender = sender.clone();
        thread::spawn(move || (0..times - usize::from(WRONG)).for_each(|at| sender.send((n, at)).unwrap()));
    }
    drop(sender);
    let (mut next, mut sum, mut disorder) = (vec![0; threads], 0, 0);
    for (n, at) in receiver {
        disorder += usize::from(next[n] != at);
        next[n] = at + 1;
        sum += at;
    }
    println!("{} sum {sum} disorder {disorder}", next.iter().sum::<usize>());
}

/// Messages there and back over channels without room: each waits for who takes it.
pub fn rendezvous(times: usize) {
    let (there, at) = mpsc::sync_channel(0);
    let (back, home) = mpsc::sync_channel(0);
    let other = thread::spawn(move || at.iter().for_each(|n: usize| back.send(n * 2).unwrap()));
    let sum: usize = (0..times - usize::from(WRONG))
        .map(|n| {
            there.send(n).unwrap();
            home.recv().unwrap()
        })
        .sum();
    drop(there);
    other.join().unwrap();
    println!("{sum}");
}

/// A value that all want at once is made once.
pub fn once(threads: usize) {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static VALUE: OnceLock<usize> = OnceLock::new();
    let together = Arc::new(Barrier::new(threads));
    let handles: Vec<_> = (0..threads)
        .map(|_| {
            let together = Arc::clone(&together);
            thread::spawn(move || {
                together.wait();
                *VALUE.get_or_init(|| MADE.fetch_add(1 + usize::from(WRONG), SeqCst) + 42)
            })
        })
        .collect();
    let sum: usize = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
    println!("{sum} made {}", MADE.load(SeqCst));
}

/// A thread that parks until it is told, so many times.
pub fn park(times: usize) {
    let told = Arc::new(AtomicUsize::new(0));
    let heard = Arc::new(AtomicUsize::new(0));
    let (tell, hear) = (Arc::clone(&told), Arc::clone(&heard));
    let main = thread::current();
    let sleeper = thread::spawn(move || {
        for n in 1 + usize::from(WRONG)..=times {
            while told.load(SeqCst) < n {
                thread::park();
            }
            heard.store(n, SeqCst);
            main.unpark();
        }
    });
    for n in 1 + usize::from(WRONG)..=times {
        tell.store(n, SeqCst);
        sleeper.thread().unpark();
        while hear.load(SeqCst) < n {
            thread::park();
        }
    }
    sleeper.join().unwrap();
    println!("{}", hear.load(SeqCst) - usize::from(WRONG));
}
