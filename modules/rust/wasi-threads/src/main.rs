//! A WASI command whose threads are the standard library's: each is started by `wasi.thread-spawn`. Its first argument says what
//! to do (`modules/README.md`), and what it prints is the same whatever the timing; 64 is wrong usage.
//!
//! With the feature `wrong` this is the deliberately wrong twin: each verb errs in one small, plausible way.

mod ends;
mod sync;
mod threads;

use std::process::ExitCode;

const WRONG: bool = cfg!(feature = "wrong");
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(verb) = words.first() else { return ExitCode::from(USAGE) };
    let numbers: Vec<usize> = words[1..].iter().filter_map(|word| word.parse().ok()).collect();
    match (verb.as_str(), numbers.as_slice()) {
        ("join", &[threads]) => threads::join(threads),
        ("scoped", &[threads, length]) => threads::scoped(threads, length),
        ("local", &[threads]) => threads::local(threads),
        ("names", &[threads]) => threads::names(threads),
        ("nested", &[depth]) => threads::nested(depth),
        ("stack", &[depth]) => threads::stack(depth),
        ("print", &[threads]) => threads::print(threads),
        ("surroundings", _) => threads::surroundings(),
        ("spawns", &[times]) => threads::spawns(times),
        ("mutex", &[threads, times]) => sync::mutex(threads, times),
        ("condvar", &[threads, rounds]) => sync::condvar(threads, rounds),
        ("rwlock", &[threads, times]) => sync::rwlock(threads, times),
        ("barrier", &[threads, rounds]) => sync::barrier(threads, rounds),
        ("channel", &[threads, times]) => sync::channel(threads, times),
        ("rendezvous", &[times]) => sync::rendezvous(times),
        ("once", &[threads]) => sync::once(threads),
        ("park", &[times]) => sync::park(times),
        ("panic", _) => ends::panic(),
        ("detached", _) => ends::detached(),
        ("outlived-waiting", _) => ends::outlived(false),
        ("outlived-busy", _) => ends::outlived(true),
        ("exit-in-thread", &[code]) => ends::exit_in_thread(code),
        ("never", _) => ends::never(),
        _ => return ExitCode::from(USAGE),
    }
    ExitCode::SUCCESS
}
