//! What processes use: counters of each, and the rates between two moments of them together.

use std::collections::HashMap;
use std::fs;

use crate::source::host::files::{Files, field};
use crate::source::host::process::{Life, Stat};

/// One process at one moment. `None`: the system does not tell us, because it is another user's.
#[derive(Debug)]
pub(super) struct Figures {
    pub stat: Stat,
    pub read_bytes: Option<u64>,
    pub write_bytes: Option<u64>,
    pub open_files: Option<u64>,
    /// Descriptors it may open; `None` also without limit.
    pub file_limit: Option<u64>,
}

impl Figures {
    /// `None` when the process has ended.
    pub(super) fn read(pid: u32, files: &mut Files) -> Option<Self> {
        let stat = Stat::read(pid).filter(|stat| stat.life == Life::Running)?;
        let io = files.text(format!("/proc/{pid}/io")).unwrap_or_default().into_owned();
        let limits = files.text(format!("/proc/{pid}/limits")).unwrap_or_default();
        Some(Self {
            stat,
            read_bytes: field(&io, "read_bytes"),
            write_bytes: field(&io, "write_bytes"),
            open_files: open_files(pid),
            file_limit: file_limit(&limits),
        })
    }

    /// Descriptors over those it may open.
    pub(super) fn open_files_ratio(&self) -> Option<f64> {
        let limit = self.file_limit.filter(|limit| *limit > 0)?;
        Some(self.open_files? as f64 / limit as f64)
    }
}

/// Since Linux 6.2 the directory's size is their number; before, they are to be counted.
fn open_files(pid: u32) -> Option<u64> {
    let path = format!("/proc/{pid}/fd");
    let size = fs::metadata(&path).ok()?.len();
    if size > 0 {
        return Some(size);
    }
    Some(fs::read_dir(&path).ok()?.count() as u64)
}

/// The soft limit in `Max open files            1024                 524288               files`.
fn file_limit(limits: &str) -> Option<u64> {
    let rest = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

/// Counters of all, by pid, at one moment.
#[derive(Debug, Default)]
pub(super) struct Counters {
    by_pid: HashMap<u32, Counter>,
    /// After boot, in ticks, as start times are.
    read_at: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    started: u64,
    ticks: u64,
    read_bytes: Option<u64>,
    write_bytes: Option<u64>,
}

/// What was used between two moments. `None`: not told of each of them, and a part would pass for the whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Used {
    pub ticks: u64,
    pub read_bytes: Option<u64>,
    pub write_bytes: Option<u64>,
}

impl Counters {
    pub(super) fn of(processes: &[Figures], read_at: u64) -> Self {
        let counter = |figures: &Figures| Counter {
            started: figures.stat.time.started,
            ticks: figures.stat.time.used,
            read_bytes: figures.read_bytes,
            write_bytes: figures.write_bytes,
        };
        Self {
            by_pid: processes
                .iter()
                .map(|figures| (figures.stat.pid, counter(figures)))
                .collect(),
            read_at,
        }
    }

    /// Process by process: those that came count from their start, those that went no longer count. One that is older
    /// than the reading before but was not in it has joined meanwhile, and counts from now on.
    pub(super) fn since(&self, before: &Self) -> Used {
        let mut used = Used {
            ticks: 0,
            read_bytes: Some(0),
            write_bytes: Some(0),
        };
        for (pid, now) in &self.by_pid {
            let base = match before.by_pid.get(pid) {
                Some(counter) if counter.started == now.started => *counter,
                _ if now.started >= before.read_at => Counter {
                    read_bytes: Some(0),
                    write_bytes: Some(0),
                    ..Counter::default()
                },
                _ => *now,
            };
            used.ticks = used.ticks.saturating_add(now.ticks.saturating_sub(base.ticks));
            used.read_bytes = grown(used.read_bytes, base.read_bytes, now.read_bytes);
            used.write_bytes = grown(used.write_bytes, base.write_bytes, now.write_bytes);
        }
        used
    }
}

fn grown(sum: Option<u64>, before: Option<u64>, after: Option<u64>) -> Option<u64> {
    let growth = after?.saturating_sub(before?);
    Some(sum?.saturating_add(growth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(read_at: u64, processes: &[(u32, u64, u64, u64)]) -> Counters {
        let counter = |&(pid, started, ticks, bytes): &(u32, u64, u64, u64)| {
            let counter = Counter {
                started,
                ticks,
                read_bytes: Some(bytes),
                write_bytes: None,
            };
            (pid, counter)
        };
        Counters {
            by_pid: processes.iter().map(counter).collect(),
            read_at,
        }
    }

    #[test]
    fn what_was_used_is_counted_process_by_process() {
        let check = |before: &Counters, after: &Counters, ticks, bytes| {
            let used = after.since(before);
            assert_eq!(
                (used.ticks, used.read_bytes, used.write_bytes),
                (ticks, Some(bytes), None)
            );
        };
        let before = counters(1000, &[(7, 500, 40, 100), (8, 600, 10, 0)]);
        check(&before, &counters(1100, &[(7, 500, 90, 150), (8, 600, 11, 5)]), 51, 55);
        // One ended, one came.
        check(&before, &counters(1100, &[(7, 500, 90, 150), (9, 1050, 3, 7)]), 53, 57);
        // The number was used again.
        check(&before, &counters(1100, &[(7, 1050, 2, 1)]), 2, 1);
        // An old process joined the group.
        check(&before, &counters(1100, &[(10, 300, 9000, 9000)]), 0, 0);
        check(&before, &counters(1100, &[(7, 500, 39, 99)]), 0, 0);
    }

    #[test]
    fn the_soft_limit_counts() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max open files            1024                 524288               files     \n";
        assert_eq!(file_limit(text), Some(1024));
        assert_eq!(
            file_limit("Max open files            unlimited            unlimited            files"),
            None
        );
        assert_eq!(file_limit(""), None);
    }
}
