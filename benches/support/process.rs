//! What a process and its children cost, from /proc; nobody knows where there is none.

use std::time::Duration;

#[cfg(target_os = "linux")]
use procfs::process::{Process, all_processes};

/// Processor time so far and memory now, summed over a process and its children.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub cpu: Duration,
    pub rss_bytes: u64,
}

#[cfg(target_os = "linux")]
impl Usage {
    /// `None` when the process is gone.
    pub fn of_tree(pid: i32) -> Option<Self> {
        let mut total = Self::of_one(&Process::new(pid).ok()?)?;
        for child in children(pid) {
            let child = Self::of_tree(child).unwrap_or_default();
            total.cpu += child.cpu;
            total.rss_bytes += child.rss_bytes;
        }
        Some(total)
    }

    /// The scheduler's own count in nanoseconds: utime and stime only move in hundredths of a second.
    fn of_one(process: &Process) -> Option<Self> {
        let threads = process.tasks().ok()?.filter_map(Result::ok);
        let nanos = threads
            .filter_map(|thread| thread.schedstat().ok())
            .map(|stat| stat.sum_exec_runtime)
            .sum();
        Some(Self {
            cpu: Duration::from_nanos(nanos),
            rss_bytes: process.statm().ok()?.resident * procfs::page_size(),
        })
    }
}

#[cfg(target_os = "linux")]
fn children(pid: i32) -> Vec<i32> {
    let stats = all_processes()
        .into_iter()
        .flatten()
        .filter_map(|process| process.ok()?.stat().ok());
    stats.filter(|stat| stat.ppid == pid).map(|stat| stat.pid).collect()
}

#[cfg(not(target_os = "linux"))]
impl Usage {
    pub fn of_tree(_: i32) -> Option<Self> {
        None
    }
}
