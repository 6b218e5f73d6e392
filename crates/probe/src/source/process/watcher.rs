//! Follows one process, or a group of them, from reading to reading: notices when it is another one.

use std::path::PathBuf;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{CgroupReading, Fact, FailureKind, Gauge, Text};

use super::Selection;
use super::figures::{Counters, Figures};
use super::find::{self, Found};
use crate::source::attempt::Fault;
use crate::source::host::cgroup;
use crate::source::host::files::Files;
use crate::source::host::process::{Life, Stat};
use crate::source::host::pss::{PSS_SPAN, pss_bytes};
use crate::source::host::rate::{Previous, per_second};

/// Rates are over this at least: the kernel counts processor time in ticks of 10 ms.
const RATE_SPAN: Duration = Duration::from_millis(900);

/// A port can pass to another process while the old one lives on, as in a graceful restart.
const FIND_AGAIN: Duration = Duration::from_secs(10);

/// What is known of a process at one moment.
pub(super) struct Reading {
    pub gauges: Vec<Gauge>,
    pub facts: Vec<Fact>,
}

/// The process that stands for all that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leader {
    pid: u32,
    started: u64,
}

pub(super) struct Watcher {
    selection: Selection,
    children: bool,
    files: Files,
    cgroup: cgroup::Reader,
    limits: CgroupReading,
    leader: Option<Leader>,
    group: Option<PathBuf>,
    found: Option<Timestamp>,
    restarts: u32,
    counters: Previous<Counters>,
    /// When `counters` were read.
    counted: Option<Timestamp>,
    /// Of all together, as of the last look.
    pss_bytes: Option<u64>,
    pss_read: Option<Timestamp>,
    rates: Rates,
    ticks_per_s: f64,
    page_bytes: u64,
}

#[derive(Clone, Copy, Default)]
struct Rates {
    cpu_ratio: Option<f64>,
    read_bytes_per_s: Option<f64>,
    write_bytes_per_s: Option<f64>,
}

impl Watcher {
    #[expect(clippy::unnecessary_wraps, reason = "other systems refuse")]
    pub(super) fn try_new(selection: Selection, children: bool) -> Result<Self, String> {
        Ok(Self {
            selection,
            children,
            files: Files::default(),
            cgroup: cgroup::Reader::default(),
            limits: CgroupReading::default(),
            leader: None,
            group: None,
            found: None,
            restarts: 0,
            counters: Previous::default(),
            counted: None,
            pss_bytes: None,
            pss_read: None,
            rates: Rates::default(),
            ticks_per_s: rustix::param::clock_ticks_per_second() as f64,
            page_bytes: rustix::param::page_size() as u64,
        })
    }

    /// Takes a fraction of a millisecond while the process stays the same.
    pub(super) fn read(&mut self, now: Timestamp) -> Result<Reading, Fault> {
        let pids = self.pids(now)?;
        let files = &mut self.files;
        let processes: Vec<_> = pids.into_iter().filter_map(|pid| Figures::read(pid, files)).collect();
        let leader = match &self.group {
            Some(_) => processes
                .iter()
                .map(|figures| &figures.stat)
                .min_by_key(|stat| stat.time.started),
            None => processes.first().map(|figures| &figures.stat),
        };
        let leader = leader.ok_or_else(|| Fault::new(FailureKind::Refused, "the process has ended"))?;
        let name = Text::clean(&String::from_utf8_lossy(&leader.name));
        let leader = Leader {
            pid: leader.pid,
            started: leader.time.started,
        };
        self.follow(leader);
        let uptime_ticks = self.uptime_ticks();
        self.count(&processes, uptime_ticks, now);
        self.share(&processes, now);
        let age = uptime_ticks.saturating_sub(leader.started) as f64 / self.ticks_per_s;
        Ok(Reading {
            gauges: self.gauges(&processes),
            facts: facts(leader.pid, &name, Duration::from_secs(age as u64)),
        })
    }

    /// Who is counted, the leader first unless it is a group.
    fn pids(&mut self, now: Timestamp) -> Result<Vec<u32>, Fault> {
        if !self.is_known(now) {
            let found = find::find(&self.selection, &mut self.files);
            let found = found.inspect_err(|_| self.found = None)?;
            self.found = Some(now);
            match found {
                Found::Process(stat) => {
                    self.follow(Leader {
                        pid: stat.pid,
                        started: stat.time.started,
                    });
                }
                Found::Group(group) => self.group = Some(group),
            }
        }
        match (&self.group, self.leader) {
            (Some(group), _) => {
                let pids = find::members(group, &mut self.files);
                if pids.is_empty() {
                    self.found = None;
                    return Err(Fault::new(FailureKind::Refused, "no process is in the control group"));
                }
                Ok(pids)
            }
            (None, Some(leader)) if self.children => Ok(find::family(leader.pid, &mut self.files)),
            (None, Some(leader)) => Ok(vec![leader.pid]),
            (None, None) => Err(Fault::new(FailureKind::Refused, "no process was found")),
        }
    }

    /// Whether who was found still is who is meant. The start time tells a process from a later one with its number.
    fn is_known(&self, now: Timestamp) -> bool {
        let lately = self.found.is_some_and(|found| now.since(found) < FIND_AGAIN);
        let alive = || {
            let stat = self.leader.and_then(|leader| Stat::read(leader.pid).zip(Some(leader)));
            stat.is_some_and(|(stat, leader)| stat.life == Life::Running && stat.time.started == leader.started)
        };
        match self.selection {
            Selection::Program(_) => self.found.is_some() && alive(),
            // The file is as quickly read as the process.
            Selection::PidFile(_) => false,
            Selection::Port(_) => lately && alive(),
            Selection::Cgroup(_) => lately && self.group.is_some(),
        }
    }

    fn follow(&mut self, leader: Leader) {
        if self.leader.is_some_and(|before| before != leader) {
            self.restarts = self.restarts.saturating_add(1);
        }
        self.leader = Some(leader);
    }

    fn uptime_ticks(&mut self) -> u64 {
        let uptime = self.files.text("/proc/uptime");
        let seconds = uptime.and_then(|text| text.split_ascii_whitespace().next()?.parse::<f64>().ok());
        (seconds.unwrap_or(0.0) * self.ticks_per_s) as u64
    }

    /// Takes new rates when enough time has passed since the last ones.
    fn count(&mut self, processes: &[Figures], uptime_ticks: u64, now: Timestamp) {
        if self.counted.is_some_and(|counted| now.since(counted) < RATE_SPAN) {
            return;
        }
        self.counted = Some(now);
        if let Some(leader) = self.leader {
            let path = format!("/proc/{}/cgroup", leader.pid);
            let limits = self.cgroup.read_of(&path, &mut self.files, now);
            self.limits = limits.unwrap_or_default();
        }
        let ticks_per_s = self.ticks_per_s;
        let counters = Counters::of(processes, uptime_ticks);
        let rates = self.counters.compare(now, counters, |before, after, elapsed| {
            let used = after.since(before);
            let rate = |used: Option<u64>| per_second(0, used?, elapsed);
            Rates {
                cpu_ratio: rate(Some(used.ticks)).map(|ticks| ticks / ticks_per_s),
                read_bytes_per_s: rate(used.read_bytes),
                write_bytes_per_s: rate(used.write_bytes),
            }
        });
        self.rates = rates.unwrap_or_default();
    }

    /// Looks at shared memory when the last look is long enough ago: the kernel goes through every page for it.
    fn share(&mut self, processes: &[Figures], now: Timestamp) {
        if self.pss_read.is_some_and(|read| now.since(read) < PSS_SPAN) {
            return;
        }
        self.pss_read = Some(now);
        let files = &mut self.files;
        let mut each = processes.iter().map(|figures| pss_bytes(figures.stat.pid, files));
        // A part would pass for the whole.
        self.pss_bytes = each.try_fold(0_u64, |sum, bytes| Some(sum.saturating_add(bytes?)));
    }

    fn gauges(&self, processes: &[Figures]) -> Vec<Gauge> {
        let sum = |figure: fn(&Figures) -> u64| processes.iter().map(figure).fold(0, u64::saturating_add) as f64;
        let mut each = processes.iter().map(|figures| figures.open_files);
        let open_files = each.try_fold(0_u64, |sum, count| Some(sum.saturating_add(count?)));
        let closest = processes.iter().filter_map(Figures::open_files_ratio);
        let rates = self.rates;
        let all = [
            ("cpu_ratio", rates.cpu_ratio),
            (
                "rss_bytes",
                Some(sum(|figures| figures.stat.rss_pages) * self.page_bytes as f64),
            ),
            ("pss_bytes", self.pss_bytes.map(|bytes| bytes as f64)),
            ("threads", Some(sum(|figures| figures.stat.threads))),
            ("processes", Some(processes.len() as f64)),
            ("open_files", open_files.map(|count| count as f64)),
            ("open_files_ratio", closest.reduce(f64::max)),
            ("read_bytes_per_s", rates.read_bytes_per_s),
            ("write_bytes_per_s", rates.write_bytes_per_s),
            ("restarts", Some(f64::from(self.restarts))),
            ("cpu_limit_ratio", self.limits.cpu_used_ratio()),
            ("cpu_throttled_ratio", self.limits.cpu_throttled_ratio),
            ("memory_limit_ratio", self.limits.memory_used_ratio()),
        ];
        let known = all
            .into_iter()
            .filter_map(|(name, value)| Some(Gauge::new(name, value?)));
        known.collect()
    }
}

fn facts(pid: u32, name: &Text, age: Duration) -> Vec<Fact> {
    vec![
        Fact {
            name: "process".into(),
            value: Text::clean(&format!("{name}, pid {pid}")),
        },
        Fact {
            name: "runs_for".into(),
            value: humantime::format_duration(age).to_string().into(),
        },
    ]
}
