//! Waiting that ends: for something that another thread or program does, which no channel tells of.

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take: far beyond what it needs on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

const LOOK: Duration = Duration::from_millis(5);

/// Returns once `is_so`.
///
/// # Panics
/// It does not come about within [`PATIENCE`]; `what` says what was waited for.
#[track_caller]
#[allow(clippy::disallowed_methods, reason = "the patience of a test is by its own clock")]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        thread::sleep(LOOK);
    }
}

/// What `work` gives, which is done on another thread: it may wait for a program or a peer that never answers.
///
/// # Panics
/// It does not end within [`PATIENCE`], or panics itself; `what` says what was waited for.
#[track_caller]
pub fn finished<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    result
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|error| panic!("waited in vain until {what}: {error}"))
}

/// What `command` says until it ends. One that does not end is killed.
///
/// # Panics
/// It cannot be started, or does not end within [`PATIENCE`].
#[track_caller]
pub fn output(command: &mut Command) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let pid = rustix::process::Pid::from_child(&child);
    let (done, output) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    match output.recv_timeout(PATIENCE) {
        Ok(output) => output.expect("its output can be read"),
        Err(_) => {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            panic!("{command:?} does not end");
        }
    }
}
