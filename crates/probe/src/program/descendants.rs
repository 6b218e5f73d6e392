//! All processes that a run of a program has started, wherever they went: each inherits a mark in its environment, also
//! in a session of its own. Only what cleared its environment, or runs as somebody else, is not found.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::guard;

/// The variable that holds the mark.
pub(super) const VARIABLE: &str = "PROBETOP_RUN";

/// A second: what is still there by then hangs in the kernel, or starts others faster than they can be killed.
const ROUNDS_LIMIT: usize = 50;

/// How long the killed get to be gone, before those that are left are looked for.
const PAUSE: Duration = Duration::from_millis(20);

/// A number for the next run of this process.
pub(super) fn next_run() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// What stands in [`VARIABLE`] of everything that belongs to `run`.
pub(super) fn mark(run: u64) -> String {
    format!("{}.{run}", owner())
}

/// This process, told from any that has or had the same id.
pub(super) fn owner() -> &'static str {
    static OWNER: OnceLock<String> = OnceLock::new();
    OWNER.get_or_init(|| format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(())))
}

/// Has all processes of `run` killed by a thread of its own, because looking at every process takes a while.
pub(super) fn kill_soon(run: u64) {
    static QUEUE: OnceLock<Option<Sender<u64>>> = OnceLock::new();
    let queue = QUEUE.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::Builder::new().name("leftovers".to_owned());
        // Without the thread they are left to the guard.
        thread.spawn(move || kill_each(&receiver)).ok().map(|_| sender)
    });
    if let Some(queue) = queue {
        // The receiver is never dropped.
        let _ = queue.send(run);
    }
}

fn kill_each(queue: &Receiver<u64>) {
    while let Ok(first) = queue.recv() {
        thread::sleep(PAUSE);
        let runs = queue.try_iter().chain([first]).collect();
        kill_all(owner(), &runs);
        for run in runs {
            guard::is_over(run);
        }
    }
}

/// Kills what belongs to these runs of `owner`, until nothing is found any more: who is not dead yet may have started
/// another.
pub(super) fn kill_all(owner: &str, runs: &BTreeSet<u64>) {
    for _ in 0..ROUNDS_LIMIT {
        if kill_found(owner, runs) == 0 {
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// How many there were. Where there is no /proc, none.
fn kill_found(owner: &str, runs: &BTreeSet<u64>) -> usize {
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let mut found = 0;
    for entry in processes.flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(process) = id.and_then(Pid::from_raw) else {
            continue;
        };
        let run = run_of(owner, &entry.path());
        if run.is_some_and(|run| runs.contains(&run)) {
            // Fails when it has ended meanwhile.
            let _ = kill_process(process, Signal::KILL);
            found += 1;
        }
    }
    found
}

/// The run of `owner` that the process in this folder of /proc belongs to.
fn run_of(owner: &str, process: &Path) -> Option<u64> {
    // Empty once it has ended, and unreadable when it is somebody else's.
    let environment = fs::read(process.join("environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    variables.find_map(|variable| {
        let mark = variable.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"=")?;
        let run = mark.strip_prefix(owner.as_bytes())?.strip_prefix(b".")?;
        str::from_utf8(run).ok()?.parse().ok()
    })
}
