//! What consumers read: one moment of everything measured, as plain data, and the [`Query`] that asks for it.
//!
//! The screen, the headless printer and every exporter read the same [`Snapshot`]; none of them computes statistics.
//! Cheap to clone: what is large is behind `Arc`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock::Timestamp;
use crate::sample::{
    Answer, HostReading, Level, Micros, Outcome, OwnUsage, Phases, Severity, TargetId, TargetInfo, Text, Unit, Window,
};

pub use crate::sample::{Bucket, FailureRecord, Point, Quantiles, WindowDetail, WindowStats};

/// What a consumer wants to know. Everything not asked for is left out, not computed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Query {
    /// The window of the figures in [`TargetSnapshot::stats`].
    pub window: Window,
    /// The time axis of every series.
    pub axis: Axis,
    /// Which targets get a series.
    pub series: Rows,
    /// Which targets get a [`Detail`].
    pub detail: Rows,
    pub feed: Feed,
}

/// A choice among the targets.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Rows {
    #[default]
    All,
    None,
    Only(Vec<TargetId>),
}

impl Rows {
    pub fn contains(&self, id: TargetId) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(ids) => ids.contains(&id),
        }
    }
}

/// Whether the figures follow the time or stand as they were when the freeze was asked for. Collection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Feed {
    #[default]
    Live,
    Frozen,
}

/// How far back the time axis reaches, and in which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Axis {
    OneMinute,
    #[default]
    TwoMinutes,
    FiveMinutes,
    FifteenMinutes,
    OneHour,
}

impl Axis {
    pub const ALL: [Self; 5] = [
        Self::OneMinute,
        Self::TwoMinutes,
        Self::FiveMinutes,
        Self::FifteenMinutes,
        Self::OneHour,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OneMinute => "1m",
            Self::TwoMinutes => "2m",
            Self::FiveMinutes => "5m",
            Self::FifteenMinutes => "15m",
            Self::OneHour => "1h",
        }
    }

    /// The time that one point of a series stands for.
    pub const fn step(self) -> Duration {
        match self {
            Self::OneMinute | Self::TwoMinutes => Duration::from_secs(1),
            Self::FiveMinutes | Self::FifteenMinutes => Duration::from_secs(10),
            Self::OneHour => Duration::from_secs(60),
        }
    }

    /// How many points a series has at most.
    pub const fn points(self) -> usize {
        match self {
            Self::OneMinute => 60,
            Self::TwoMinutes => 120,
            Self::FiveMinutes => 30,
            Self::FifteenMinutes => 90,
            Self::OneHour => 60,
        }
    }

    /// One step closer (`+`), or the same at the end.
    pub fn closer(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }

    /// One step farther (`-`), or the same at the end.
    pub fn farther(self) -> Self {
        Self::ALL[(self as usize + 1).min(Self::ALL.len() - 1)]
    }
}

/// One moment of everything measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The tick this was taken at; windows end here.
    pub taken: Timestamp,
    /// The newest tick; later than `taken` while the feed is frozen.
    pub now: Timestamp,
    /// The wall clock at [`Timestamp::ZERO`], as of `taken`.
    pub wall_origin: SystemTime,
    pub window: Window,
    pub axis: Axis,
    pub feed: Feed,
    /// Number of the newest step on the time axis, counted from the clock's origin. Two snapshots with the same step
    /// place a moment at the same number, so that a chart can be swept in place.
    pub axis_end: u64,
    /// In the order of the configuration.
    pub targets: Vec<TargetSnapshot>,
    /// `None`: the machine is not watched, or not read yet.
    pub host: Option<HostSnapshot>,
    pub alerts: Arc<AlertBoard>,
    pub monitor: MonitorSnapshot,
}

impl Snapshot {
    /// Before anything was measured.
    pub fn empty(wall_origin: SystemTime) -> Self {
        Self {
            taken: Timestamp::ZERO,
            now: Timestamp::ZERO,
            wall_origin,
            window: Window::default(),
            axis: Axis::default(),
            feed: Feed::Live,
            axis_end: 0,
            targets: Vec::new(),
            host: None,
            alerts: Arc::default(),
            monitor: MonitorSnapshot::default(),
        }
    }

    /// The wall clock at `at`.
    pub fn wall(&self, at: Timestamp) -> SystemTime {
        self.wall_origin + at.since_origin()
    }

    pub fn target(&self, id: TargetId) -> Option<&TargetSnapshot> {
        self.targets.iter().find(|target| target.info.id == id)
    }
}

/// One target as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetSnapshot {
    pub info: Arc<TargetInfo>,
    pub level: Level,
    /// Why the level is not ok: figure and threshold.
    pub reason: Option<Text>,
    pub last: Option<Arc<LastSample>>,
    /// Over the query's window.
    pub stats: WindowStats,
    /// Over the query's axis, oldest first; shorter while the run is young, empty when not asked for.
    pub series: Arc<[Point]>,
    pub detail: Option<Arc<Detail>>,
}

/// The newest finished probe.
#[derive(Clone, Debug, PartialEq)]
pub struct LastSample {
    pub at: Timestamp,
    pub latency: Micros,
    pub lag: Micros,
    pub outcome: Outcome,
    pub phases: Phases,
    pub answer: Option<Box<Answer>>,
}

/// Everything about one target, for the pane that shows it and for exports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// Every window, shortest first.
    pub windows: Vec<(Window, WindowDetail)>,
    /// The distribution over the query's window, fastest first.
    pub distribution: Vec<Bucket>,
    /// The last failures, newest first.
    pub failures: Vec<FailureRecord>,
}

/// This machine: the newest reading, and how its gauges went over the query's axis.
#[derive(Clone, Debug, PartialEq)]
pub struct HostSnapshot {
    pub level: Level,
    pub reason: Option<Text>,
    pub reading: Arc<HostReading>,
    pub history: Arc<HostHistory>,
}

/// Gauges over the query's axis, oldest first; `None` where nothing was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostHistory {
    pub cpu_ratio: Vec<Option<f32>>,
    pub memory_ratio: Vec<Option<f32>>,
    pub load_1m: Vec<Option<f32>>,
    /// Summed over interfaces other than loopback.
    pub network_received_bytes_per_s: Vec<Option<f32>>,
    pub network_transmitted_bytes_per_s: Vec<Option<f32>>,
    /// Summed over disks.
    pub disk_read_bytes_per_s: Vec<Option<f32>>,
    pub disk_write_bytes_per_s: Vec<Option<f32>>,
}

/// Alerts that are pending or firing, worst first, and those that have ended, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertBoard {
    pub active: Vec<AlertSnapshot>,
    pub history: Vec<AlertSnapshot>,
}

impl AlertBoard {
    /// The ones that fire, worst first.
    pub fn firing(&self) -> impl Iterator<Item = &AlertSnapshot> {
        self.active.iter().filter(|alert| alert.state == AlertState::Firing)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlertSnapshot {
    pub name: Text,
    /// The target's name, or `host`.
    pub subject: Text,
    /// `None` for the machine.
    pub target: Option<TargetId>,
    pub severity: Severity,
    pub state: AlertState,
    /// When the condition became true.
    pub since: Timestamp,
    /// When it began to fire; `None` while pending.
    pub fired: Option<Timestamp>,
    /// When it was resolved.
    pub resolved: Option<Timestamp>,
    /// The figure that is judged, now and at its worst.
    pub value: Option<f64>,
    pub worst: Option<f64>,
    pub unit: Unit,
    /// Figures and threshold in words.
    pub reason: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertState {
    Pending,
    Firing,
    Resolved,
}

impl AlertState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// probetop about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MonitorSnapshot {
    pub own: OwnUsage,
    pub samples_total: u64,
    pub failed_total: u64,
    pub overruns_total: u64,
    /// Inputs lost because a queue was full.
    pub dropped_total: u64,
    /// Start lag of all probes over the last minute.
    pub lag: Quantiles,
    /// What the last reload of the configuration did, or why the old one was kept.
    pub notice: Option<Notice>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub at: Timestamp,
    pub severity: Severity,
    pub text: Text,
}
