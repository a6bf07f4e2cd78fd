//! How a program ends that has threads: the first end of any ends it all.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::WRONG;

fn forever() -> ! {
    loop {
        thread::park();
    }
}

fn busy() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// A panic aborts (there is no unwinding here), and that is the end of all: the main thread's join never returns.
pub fn panic() {
    println!("before");
    let outcome = thread::spawn(|| {
        if !WRONG {
            panic!("on purpose");
        }
    })
    .join();
    println!("joined: {}", outcome.is_ok());
}

/// A thread that nobody joins does its work all the same.
pub fn detached() {
    let (sender, receiver) = mpsc::channel();
    drop(thread::spawn(move || sender.send(41 + i32::from(!WRONG)).unwrap()));
    println!("{}", receiver.recv().unwrap());
}

/// The main thread ends while another never does: that is the end of the program.
pub fn outlived(busily: bool) {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        sender.send(()).unwrap();
        if busily { busy() } else { forever() }
    });
    receiver.recv().unwrap();
    println!("{}", if WRONG { "ended" } else { "started" });
}

/// A thread exits while the main thread waits for ever.
pub fn exit_in_thread(code: usize) {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(10));
        std::process::exit(i32::try_from(code).unwrap_or(0) + i32::from(WRONG));
    });
    forever()
}

/// The main thread waits for a thread that never ends, while another is busy.
pub fn never() {
    thread::spawn(|| busy());
    let _: Result<(), _> = thread::spawn(|| forever()).join();
}
