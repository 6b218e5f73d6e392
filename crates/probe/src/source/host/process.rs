//! The processes that use most, from `/proc/PID/stat`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::ProcessReading;

use super::details;
use super::largest::{Process, largest};
use super::pss;
use super::rate::Previous;

/// One line of numbers and a name of at most 64 bytes; what is needed of it stands in the first 24 of 52 fields.
const STAT_LIMIT: usize = 1024;

/// PF_KTHREAD of the kernel's `include/linux/sched.h`: a thread of the kernel, without memory of its own.
const KERNEL_THREAD: u64 = 0x0020_0000;

#[derive(Debug)]
pub(super) struct Reader {
    ticks_per_s: u64,
    page_bytes: u64,
    previous: Previous<Times>,
    table: Table,
    shared: pss::Reader,
    details: details::Reader,
}

/// Of whom is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Largest,
    All,
}

/// The processes of the last time they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub largest: Vec<ProcessReading>,
    /// Empty unless all were asked for.
    pub all: Arc<[ProcessReading]>,
    pub count: Option<u32>,
}

/// Which processes had used how much, by pid. The start time tells a process from a later one with the same pid.
#[derive(Debug, Default, PartialEq)]
struct Times {
    /// Time since boot, in ticks, as start times are.
    read_at: Option<u64>,
    by_pid: HashMap<u32, ProcessTime>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::source) struct ProcessTime {
    /// After boot, in ticks.
    pub started: u64,
    pub used: u64,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            ticks_per_s: rustix::param::clock_ticks_per_second(),
            page_bytes: rustix::param::page_size() as u64,
            previous: Previous::default(),
            table: Table::default(),
            shared: pss::Reader::default(),
            details: details::Reader::default(),
        }
    }
}

impl Reader {
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// Reads all processes. Who uses most is known from the second time on.
    pub(super) fn refresh(&mut self, told: Told, uptime: Option<Duration>, now: Timestamp) {
        let stats = read_all();
        let read_at = uptime.map(|uptime| (uptime.as_secs_f64() * self.ticks_per_s as f64) as u64);
        let by_pid = stats.iter().map(|stat| (stat.pid, stat.time)).collect();
        let times = Times { read_at, by_pid };
        let (ticks_per_s, page_bytes) = (self.ticks_per_s, self.page_bytes);
        self.table.count = u32::try_from(stats.len()).ok().filter(|count| *count > 0);
        let processes = self.previous.compare(now, times, |before, _, elapsed| {
            let ticks = elapsed.as_secs_f64() * ticks_per_s as f64;
            stats
                .into_iter()
                .map(|stat| stat.process(before, ticks, page_bytes))
                .collect::<Vec<_>>()
        });
        let processes = processes.unwrap_or_default();
        let mut all: Vec<ProcessReading> = match told {
            Told::Largest => Vec::new(),
            Told::All => processes.iter().map(Process::reading).collect(),
        };
        let processes = largest(processes);
        self.table.largest = processes.iter().map(Process::reading).collect();
        self.shared.fill(&mut self.table.largest, now);
        if told == Told::All {
            self.details.fill(&processes, &mut self.table.largest, now);
            repeat(&self.table.largest, &mut all);
        }
        self.table.all = all.into();
    }
}

/// Writes down among `all` what is known of the largest alone.
fn repeat(largest: &[ProcessReading], all: &mut [ProcessReading]) {
    let by_pid: HashMap<u32, &ProcessReading> = largest.iter().map(|process| (process.pid, process)).collect();
    for process in all {
        if let Some(known) = by_pid.get(&process.pid) {
            process.clone_from(known);
        }
    }
}

/// Processes that end meanwhile are left out.
pub(in crate::source) fn read_all() -> Vec<Stat> {
    pids().filter_map(Stat::read).collect()
}

/// Of all processes that run now.
fn pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// What is needed of one line of `/proc/PID/stat`.
#[derive(Debug, PartialEq)]
pub(in crate::source) struct Stat {
    pub pid: u32,
    /// 0 is the kernel.
    pub parent: u32,
    pub name: Vec<u8>,
    pub life: Life,
    pub threads: u64,
    pub time: ProcessTime,
    pub rss_pages: u64,
    kernel_thread: bool,
}

/// Whether a process still does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Life {
    Running,
    /// It has ended, and its parent has not asked how.
    Ended,
}

impl Stat {
    /// `None` when there is no such process.
    pub(in crate::source) fn read(pid: u32) -> Option<Self> {
        let mut buffer = [0; STAT_LIMIT];
        let length = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut buffer).ok()?;
        Self::parse(pid, buffer.get(..length)?)
    }

    /// The name stands in parentheses and may hold any byte, parentheses and spaces too: it ends at the last one.
    fn parse(pid: u32, line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|byte| *byte == b'(')?;
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let name = line.get(open + 1..close)?.to_vec();
        // The first field after the name is the third in proc_pid_stat(5).
        let fields: Vec<&str> = str::from_utf8(line.get(close + 1..)?)
            .ok()?
            .split_ascii_whitespace()
            .take(22)
            .collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            pid,
            name,
            life: match *fields.first()? {
                "Z" | "X" => Life::Ended,
                _ => Life::Running,
            },
            parent: number(4).and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0),
            threads: number(20).unwrap_or(0),
            kernel_thread: number(9)? & KERNEL_THREAD != 0,
            time: ProcessTime {
                used: number(14)?.saturating_add(number(15)?),
                started: number(22)?,
            },
            rss_pages: number(24).unwrap_or(0),
        })
    }

    fn process(self, before: &Times, ticks: f64, page_bytes: u64) -> Process {
        let used = self.time.used.saturating_sub(self.used_before(before));
        Process {
            pid: self.pid,
            parent: Some(self.parent),
            started: self.time.started,
            cpu_ratio: if ticks > 0.0 { used as f64 / ticks } else { 0.0 },
            rss_bytes: if self.kernel_thread {
                0
            } else {
                self.rss_pages.saturating_mul(page_bytes)
            },
            name: self.name,
        }
    }

    /// Ticks used before the table was read last: none if it started since. An older process that was not seen then
    /// is counted from now on.
    fn used_before(&self, before: &Times) -> u64 {
        match before.by_pid.get(&self.pid) {
            Some(time) if time.started == self.time.started => time.used,
            _ if before.read_at.is_some_and(|read_at| self.time.started >= read_at) => 0,
            _ => self.time.used,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(line: &[u8]) -> Option<(String, u64, u64, u64)> {
        let stat = Stat::parse(1, line)?;
        let name = String::from_utf8_lossy(&stat.name).into_owned();
        Some((name, stat.time.used, stat.time.started, stat.rss_pages))
    }

    #[test]
    fn a_name_may_hold_parentheses_and_spaces() {
        let expected = Some((") (evil) R 1".to_owned(), 300, 4242, 55));
        assert_eq!(
            parse(include_bytes!("../../../fixtures/host/pid-stat-parentheses")),
            expected
        );
    }

    #[test]
    fn kernel_threads_have_no_memory() {
        let line = include_bytes!("../../../fixtures/host/pid-stat-kthread");
        let stat = Stat::parse(2, line).expect("it is whole");
        assert!(stat.kernel_thread);
        assert_eq!(stat.process(&Times::default(), 100.0, 4096).rss_bytes, 0);
    }

    #[test]
    fn a_cut_or_junk_line_is_no_process() {
        let whole = include_bytes!("../../../fixtures/host/pid-stat-parentheses");
        let start = b"4711 (name) S 1 2 3 0 -1 4194304";
        let check = |line: &[u8]| assert_eq!(parse(line), None, "{}", line.escape_ascii());
        check(start);
        check(&whole[..40]);
        check(b")(");
        check(b"1 (x");
        check(b"");
        check(b"1 (x) S a b c d e f g h i j k l m n o p q r s t u");
        check(b"1 (x) \xff\xfe");
    }

    #[test]
    fn a_name_that_is_not_utf8_is_kept_as_bytes() {
        let mut line = b"9 (caf\xe9) S 1 1 1 0 -1 0 0 0 0 0 10 5 0 0 20 0 1 0 700 0 8".to_vec();
        assert_eq!(parse(&line), Some(("caf\u{fffd}".to_owned(), 15, 700, 8)));
        line.truncate(line.len() - 1);
        assert_eq!(parse(&line).map(|stat| stat.3), Some(0));
    }

    /// A process that started at tick `started` and has used `used`; the table was read at tick 1000, 100 ticks ago.
    #[track_caller]
    fn check_cpu(before: &[(u32, u64, u64)], (started, used): (u64, u64), expected: f64) {
        let by_pid = before
            .iter()
            .map(|(pid, started, used)| {
                (
                    *pid,
                    ProcessTime {
                        started: *started,
                        used: *used,
                    },
                )
            })
            .collect();
        let stat = Stat {
            pid: 7,
            parent: 1,
            name: b"worker".to_vec(),
            life: Life::Running,
            threads: 1,
            time: ProcessTime { started, used },
            rss_pages: 3,
            kernel_thread: false,
        };
        let process = stat.process(
            &Times {
                read_at: Some(1000),
                by_pid,
            },
            100.0,
            4096,
        );
        assert_eq!((process.cpu_ratio, process.rss_bytes), (expected, 12_288));
    }

    #[test]
    fn cpu_is_what_was_used_since_the_table_before() {
        check_cpu(&[(7, 500, 40)], (500, 90), 0.5);
        check_cpu(&[(7, 500, 40)], (500, 240), 2.0);
        check_cpu(&[(7, 500, 40)], (500, 39), 0.0);
    }

    #[test]
    fn a_pid_used_again_starts_from_nothing() {
        check_cpu(&[(7, 500, 9000)], (1050, 25), 0.25);
        check_cpu(&[], (1050, 25), 0.25);
    }

    #[test]
    fn an_old_process_that_appears_is_not_charged_for_its_life() {
        check_cpu(&[], (500, 9000), 0.0);
    }

    #[test]
    fn what_we_use_ourselves_is_seen() {
        let own = || {
            read_all()
                .into_iter()
                .find(|stat| stat.pid == std::process::id())
                .expect("we run")
        };
        let start = own();
        let before = Times {
            read_at: None,
            by_pid: HashMap::from([(start.pid, start.time)]),
        };
        let mut stat = own();
        while stat.time.used < start.time.used + 2 {
            std::hint::black_box((0..100_000_u64).sum::<u64>());
            stat = own();
        }
        let process = stat.process(&before, 100.0, 4096);
        assert!(process.cpu_ratio >= 0.02 && process.rss_bytes > 0, "{process:?}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(line in proptest::collection::vec(any::<u8>(), 0..200), text in "[0-9]* \\(.{0,9}\\) S( -?[0-9]{1,22}){0,30}") {
            Stat::parse(1, &line);
            if let Some(stat) = Stat::parse(1, text.as_bytes()) {
                stat.process(&Times::default(), 0.0, u64::MAX);
            }
        }
    }
}
