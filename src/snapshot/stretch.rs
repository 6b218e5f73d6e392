//! A stretch of time as its steps: what a baseline is made of, whether it was measured just now or read from a file.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::sample::{Micros, Point, TargetId, Text, Unit, Worse};

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
    /// Whole steps, oldest first.
    pub points: Arc<[Point]>,
    /// p50, p95 and p99 of all of them together; each absent where there are too few probes for it.
    pub latency: [Option<Micros>; 3],
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
}

/// In the order of [`super::HostHistory`].
pub const HOST_FIGURES: [HostFigure; 10] = [
    load("cpu_ratio", "cpu", Unit::Ratio),
    load("memory_ratio", "memory", Unit::Ratio),
    load("load_1m", "load", Unit::Number),
    traffic("network_received_bytes_per_s", "received/s"),
    traffic("network_transmitted_bytes_per_s", "sent/s"),
    traffic("disk_read_bytes_per_s", "read/s"),
    traffic("disk_write_bytes_per_s", "written/s"),
    load("cpu_pressure_ratio", "cpu wait", Unit::Ratio),
    load("memory_pressure_ratio", "memory wait", Unit::Ratio),
    load("io_pressure_ratio", "disk wait", Unit::Ratio),
];

const fn load(key: &'static str, name: &'static str, unit: Unit) -> HostFigure {
    HostFigure {
        key,
        name,
        unit,
        worse: Some(Worse::Higher),
    }
}

const fn traffic(key: &'static str, name: &'static str) -> HostFigure {
    HostFigure {
        key,
        name,
        unit: Unit::Bytes,
        worse: None,
    }
}
