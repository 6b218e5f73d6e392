//! What consumers read: one moment of everything measured, as plain data, the [`Query`] that asks for it, and what else a
//! [`Reader`] may ask for.
//!
//! The screen, the headless printer and every exporter read the same [`Snapshot`]; none of them computes statistics.
//! Cheap to clone: what is large is behind `Arc`.

mod query;
mod request;
mod present;
mod limits;
mod alert;
mod announcement;
mod objective;
mod health;
mod analysis;
mod comparison;
mod stretch;
mod course;
mod evidence;
pub mod load;

use std::sync::Arc;
use std::time::SystemTime;

use crate::clock::Timestamp;
use crate::sample::{
    Answer, ChannelReport, Gauge, GaugeName, HostReading, Level, Mark, Micros, Outcome, OwnUsage, Phases, Severity,
    TargetId, TargetInfo, Text, Window,
};

pub use alert::{
    AlertBoard, AlertSnapshot, AlertState, Cause, SilenceSnapshot, Stability, Suppression, TimelineEntry, Turn,
    before_this_run,
};
pub use analysis::{Analysis, Anomaly, AnomalyKind, AnomalyWatch, Bottleneck, Correlation, Resource, Trend};
pub use announcement::{Announcement, AnnouncementReason, Route};
pub use comparison::{
    Change, Comparison, ComparisonQuery, ComparisonRow, FigureChange, Lack, SharedBin, Significance, Span,
};
pub use course::{Course, Scope, rolling};
pub use evidence::{Evidence, FigureCourse, FigureLine, Matter};
pub use health::{Health, HealthComponent, HealthGroup};
pub use limits::{AmountLimits, HostLimits, LatencyLimits};
pub use objective::{Apdex, BurnRate, BurnState, ObjectiveSnapshot};
pub use present::Present;
pub use query::{Axis, Feed, Query, Rows};
pub use request::{Document, Errand, Offer, ProcessSignal, Reader, Request, Shown, SignalKind};
pub use stretch::{HOST_FIGURES, HostFigure, Side, Spreads, Stretch, StretchTarget};

pub use crate::sample::{Bucket, FailureRecord, Point, Quantiles, WindowDetail, WindowStats};

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
    /// In the order of the configuration.
    pub objectives: Arc<[ObjectiveSnapshot]>,
    /// `None`: nothing is judged yet.
    pub health: Option<Arc<Health>>,
    /// The health score over the query's axis, oldest first.
    pub health_course: Arc<[Option<f32>]>,
    pub analysis: Arc<Analysis>,
    /// How the channels of notification do, in the order of the configuration.
    pub channels: Arc<[ChannelReport]>,
    /// Levels, alerts and score at the query's cursor; `None`: it has none, or nothing is kept of it.
    pub cursor: Option<Arc<Snapshot>>,
    /// What the query wants compared; `None`: it wants nothing, or there is nothing yet.
    pub comparison: Option<Arc<Comparison>>,
    /// `None`: the query asks for none.
    pub course: Option<Arc<Course>>,
    /// `None`: the query asks for none, or of something that is no more.
    pub evidence: Option<Arc<Evidence>>,
    /// Oldest first; also those that were set after the second that is shown.
    pub marks: Arc<[Mark]>,
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
            objectives: Arc::default(),
            health: None,
            health_course: Arc::default(),
            analysis: Arc::default(),
            channels: Arc::default(),
            cursor: None,
            comparison: None,
            course: None,
            evidence: None,
            marks: Arc::default(),
            monitor: MonitorSnapshot::default(),
        }
    }

    /// The wall clock at `at`.
    pub fn wall(&self, at: Timestamp) -> SystemTime {
        at.wall(self.wall_origin)
    }

    /// The wall clock at `at`, the `since` or `fired` of an alert, which may have been in a run before this one.
    pub fn wall_of(&self, alert: &AlertSnapshot, at: Timestamp) -> SystemTime {
        before_this_run(self.wall(at), alert.carried)
    }

    /// How many of the targets are steps of flows: each has a row, and none is configured as a target or probed by itself.
    pub fn steps(&self) -> usize {
        let targets = self.targets.iter();
        targets.filter(|target| !target.info.purpose.counts_alone()).count()
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
    /// When the level is left, if no figure goes beyond its limit until then; `None`: one is beyond it now, or the level is ok.
    pub clears: Option<Timestamp>,
    /// Whether all that is wrong is acknowledged, silenced or under maintenance; else the level is that of the rest.
    pub set_aside: bool,
    /// Why the level is not ok: figure, window and threshold.
    pub reason: Option<Text>,
    /// How its share of failed probes stands against its threshold now.
    pub errors_level: Level,
    /// What its latency is held against.
    pub limits: LatencyLimits,
    pub last: Option<Arc<LastSample>>,
    /// `None`: the newest probe was good, or none has finished yet.
    pub failing: Option<Arc<Failing>>,
    /// Over the query's window.
    pub stats: WindowStats,
    /// Over the query's window; `None` without enough probes.
    pub apdex: Option<Apdex>,
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

/// How a target fails whose newest probes were none of them good.
#[derive(Clone, Debug, PartialEq)]
pub struct Failing {
    /// When the first of them began.
    pub since: Timestamp,
    /// How many there were.
    pub attempts: u64,
    /// The probe before them; `None`: none was good since it is watched.
    pub last_ok: Option<Arc<LastSample>>,
}

impl LastSample {
    /// What the target told of itself; nothing when the last probe came to no answer.
    pub fn gauges(&self) -> &[Gauge] {
        self.answer.as_deref().map_or(&[], |answer| &answer.gauges)
    }
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
    /// Every gauge the target told lately over the query's axis, by name; oldest first.
    pub gauges: Vec<(GaugeName, Vec<Option<f32>>)>,
}

/// This machine: the newest reading, and how its gauges went over the query's axis.
#[derive(Clone, Debug, PartialEq)]
pub struct HostSnapshot {
    pub level: Level,
    /// As of a target.
    pub clears: Option<Timestamp>,
    pub set_aside: bool,
    pub reason: Option<Text>,
    pub limits: HostLimits,
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
    /// What the machine sent to itself.
    pub loopback_bytes_per_s: Vec<Option<f32>>,
    /// Summed over disks.
    pub disk_read_bytes_per_s: Vec<Option<f32>>,
    pub disk_write_bytes_per_s: Vec<Option<f32>>,
    /// Share of time in which some task waited for it, over 10 s (PSI).
    pub cpu_pressure_ratio: Vec<Option<f32>>,
    pub memory_pressure_ratio: Vec<Option<f32>>,
    pub io_pressure_ratio: Vec<Option<f32>>,
    /// Each core over time; of a machine with very many, neighbours together by their mean.
    pub cores_ratio: Vec<Vec<Option<f32>>>,
    /// The processors' time of each process that the reading lists, in its order, over the last seconds whatever the
    /// axis is: oldest first, 1.0 is one core. The newest second is the last; young ones are shorter.
    pub processes_cpu_ratio: Vec<Vec<f32>>,
}

/// probetop about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MonitorSnapshot {
    pub own: OwnUsage,
    pub samples_total: u64,
    pub failed_total: u64,
    pub overruns_total: u64,
    /// Probes that were on their way when their target left or changed, the run ended, or nobody watched.
    pub cut_off_total: u64,
    /// Inputs lost because a queue was full.
    pub dropped_total: u64,
    /// Start lag of all probes over the last minute.
    pub lag: Quantiles,
    /// How far back can be gone.
    pub history: HistoryReport,
    /// What fills up while it runs; of the present, whatever second is shown.
    pub stores: Vec<Store>,
    /// What the last reload of the configuration did, or why the old one was kept.
    pub notice: Option<Notice>,
}

/// How far back the past is kept, and what that takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryReport {
    /// The earliest second that can be shown again; `None`: none can.
    pub oldest: Option<Timestamp>,
    pub bytes: u64,
}

/// How full something is that has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    /// What it holds, with the unit at its end where these are no pieces: `past_bytes`, `marks`.
    pub name: &'static str,
    pub held: u64,
    pub limit: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub at: Timestamp,
    pub severity: Severity,
    pub text: Text,
}
