//! Chooses which processes are worth a line.

use std::cmp::Reverse;
use std::collections::HashSet;

use probetop_core::sample::{ProcessReading, Text};

/// How many of the largest are kept, by CPU and by memory each: more than any screen has lines for at once.
const LARGEST_BY_CPU: usize = 20;
const LARGEST_BY_MEMORY: usize = 20;

/// A process before it is known whether anybody will see it: the name is as the system has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Process {
    pub pid: u32,
    pub parent: Option<u32>,
    pub name: Vec<u8>,
    /// Tells it from a later process with the same number.
    pub started: u64,
    /// 1.0 is one core.
    pub cpu_ratio: f64,
    pub rss_bytes: u64,
}

/// The largest by CPU and the largest by memory, each once, largest CPU first, then largest memory.
pub(super) fn largest(mut processes: Vec<Process>) -> Vec<Process> {
    processes.sort_by_key(|process| (Reverse(process.rss_bytes), process.pid));
    let by_memory = processes
        .iter()
        .filter(|process| process.rss_bytes > 0)
        .take(LARGEST_BY_MEMORY);
    let mut kept: HashSet<u32> = by_memory.map(|process| process.pid).collect();
    // Stable: equally busy processes stay in the order of their memory.
    processes.sort_by(|a, b| b.cpu_ratio.total_cmp(&a.cpu_ratio));
    let by_cpu = processes
        .iter()
        .filter(|process| process.cpu_ratio > 0.0)
        .take(LARGEST_BY_CPU);
    kept.extend(by_cpu.map(|process| process.pid));
    processes.retain(|process| kept.contains(&process.pid));
    processes
}

impl Process {
    pub(super) fn reading(&self) -> ProcessReading {
        ProcessReading {
            pid: self.pid,
            name: Text::clean_bytes(&self.name),
            cpu_ratio: self.cpu_ratio,
            rss_bytes: self.rss_bytes,
            pss_bytes: None,
            parent: self.parent,
            user: None,
            command: None,
            started: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, cpu_ratio: f64, rss_bytes: u64) -> Process {
        Process {
            pid,
            parent: Some(1),
            started: 0,
            name: b"\x1b[2Jname".to_vec(),
            cpu_ratio,
            rss_bytes,
        }
    }

    #[test]
    fn both_the_busy_and_the_big_are_kept_once_busiest_first() {
        let idle = (1..=100).map(|pid| process(pid, 0.0, 1000 + u64::from(pid)));
        let kernel_thread = process(200, 0.3, 0);
        let both = process(201, 1.7, 1 << 30);
        let sleeping_kernel_thread = process(202, 0.0, 0);
        let kept = largest(idle.chain([kernel_thread, both, sleeping_kernel_thread]).collect());
        let pids: Vec<u32> = kept.iter().map(|process| process.pid).collect();
        let expected: Vec<u32> = [201, 200].into_iter().chain((82..=100).rev()).collect();
        assert_eq!(pids, expected);
    }

    #[test]
    fn a_name_cannot_write_to_the_terminal() {
        assert_eq!(process(1, 1.0, 1).reading().name.as_str(), "[2Jname");
    }

    #[test]
    fn at_most_the_named_counts_are_kept() {
        let busy = (0..50).map(|pid| process(pid, 1.0, 0));
        let big = (100..150).map(|pid| process(pid, 0.0, 1));
        assert_eq!(
            largest(busy.chain(big).collect()).len(),
            LARGEST_BY_CPU + LARGEST_BY_MEMORY
        );
    }
}
