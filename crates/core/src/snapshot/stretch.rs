//! A stretch of time as its steps: what a baseline is made of, whether it was measured just now or read from a file.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::sample::{Micros, Point, Purpose, TargetId, Text, Unit, Worse};

/// What was measured in it, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    pub side: Side,
    /// What one point stands for.
    pub step: Duration,
    pub targets: Vec<StretchTarget>,
    /// What was read of each of [`HOST_FIGURES`], oldest first; empty where nothing was.
    pub host: [Vec<f32>; HOST_FIGURES.len()],
}

/// When a side of a comparison was.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub from: SystemTime,
    pub length: Duration,
    /// The file it was read from; `None`: it was measured by this run.
    pub file: Option<Text>,
}

impl Side {
    /// Excluded.
    pub fn to(&self) -> SystemTime {
        self.from.checked_add(self.length).unwrap_or(self.from)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct StretchTarget {
    /// `None`: it was read from a file.
    pub id: Option<TargetId>,
    pub name: Text,
    pub url: Text,
    pub kind: Text,
    /// What it is probed for; of a baseline, whose rows are only held against, it is not known.
    pub purpose: Purpose,
    /// Whole steps, oldest first.
    pub points: Arc<[Point]>,
    /// The latencies in each of them.
    pub spreads: Arc<Spreads>,
    /// p50, p95 and p99 of all of them together; each absent where there are too few probes for it.
    pub latency: [Option<Micros>; 3],
}

/// The latencies of successful probes, step by step: shortest first, and how many there were of each, as exactly as they are
/// kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spreads {
    entries: Vec<(Micros, u32)>,
    /// Where each step ends among them.
    ends: Vec<usize>,
}

impl Spreads {
    /// Adds the next step.
    pub fn push(&mut self, step: impl IntoIterator<Item = (Micros, u32)>) {
        self.entries.extend(step);
        self.ends.push(self.entries.len());
    }

    /// Takes the newest step away.
    pub fn pop(&mut self) {
        self.ends.pop();
        self.entries.truncate(self.ends.last().copied().unwrap_or_default());
    }

    /// Step by step, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &[(Micros, u32)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.entries[start..*end])
    }
}

/// A gauge of the machine that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostFigure {
    /// As documents name it, with its unit.
    pub key: &'static str,
    /// As people read it.
    pub name: &'static str,
    pub unit: Unit,
    /// `None`: more of it is neither good nor bad.
    pub worse: Option<Worse>,
    /// The time over which the system averages it before it is read.
    pub memory: Duration,
}

/// In the order of [`super::HostHistory`].
pub const HOST_FIGURES: [HostFigure; 10] = [
    load("cpu_ratio", "cpu", Unit::Ratio),
    load("memory_ratio", "memory", Unit::Ratio),
    smooth("load_1m", "load", Unit::Number, 60),
    traffic("network_received_bytes_per_s", "received/s"),
    traffic("network_transmitted_bytes_per_s", "sent/s"),
    traffic("disk_read_bytes_per_s", "read/s"),
    traffic("disk_write_bytes_per_s", "written/s"),
    smooth("cpu_pressure_ratio", "cpu wait", Unit::Ratio, 10),
    smooth("memory_pressure_ratio", "memory wait", Unit::Ratio, 10),
    smooth("io_pressure_ratio", "disk wait", Unit::Ratio, 10),
];

const fn load(key: &'static str, name: &'static str, unit: Unit) -> HostFigure {
    smooth(key, name, unit, 0)
}

const fn smooth(key: &'static str, name: &'static str, unit: Unit, memory_s: u64) -> HostFigure {
    HostFigure {
        key,
        name,
        unit,
        worse: Some(Worse::Higher),
        memory: Duration::from_secs(memory_s),
    }
}

const fn traffic(key: &'static str, name: &'static str) -> HostFigure {
    HostFigure {
        key,
        name,
        unit: Unit::Bytes,
        worse: None,
        memory: Duration::ZERO,
    }
}
