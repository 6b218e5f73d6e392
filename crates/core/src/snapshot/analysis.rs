//! What was found out without being asked: anomalies, trends, what moves together, and what holds everything up.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::sample::{Severity, TargetId, Text, Unit};

/// All of it, as of the last time each was looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Newest first.
    pub anomalies: Vec<Anomaly>,
    /// `None`: nobody looks for anomalies.
    pub anomaly_watch: Option<AnomalyWatch>,
    /// Soonest at their limit first.
    pub trends: Vec<Trend>,
    /// By target, closest first.
    pub correlations: Vec<Correlation>,
    /// Most urgent first.
    pub bottlenecks: Vec<Bottleneck>,
}

/// What can be known of anomalies: without it, none found and none knowable look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnomalyWatch {
    pub since: Timestamp,
    /// From when a shift of every target that answers can be known; reckoned from its interval while that is ahead. `None`:
    /// none has answered yet.
    pub known_from: Option<Timestamp>,
    /// Targets of which nothing can be known yet.
    pub unknown_targets: usize,
}

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    pub kind: AnomalyKind,
    pub subject: Text,
    pub target: Option<TargetId>,
    pub since: Timestamp,
    /// When it was over; `None`: it is not.
    pub until: Option<Timestamp>,
    /// What was seen, and what was usual.
    pub seen: f64,
    pub usual: f64,
    pub unit: Unit,
    /// How far out, in the detector's own measure: robust standard deviations for latency.
    pub score: f64,
    /// All of it in words: `p50 412ms against 98ms, 14 deviations`.
    pub text: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnomalyKind {
    /// Slower than usual, for now.
    Spike,
    /// Slower, or faster, and it stays so.
    LevelShift,
    ErrorBurst,
    RateDrop,
    /// First requests on new connections are far slower than those after.
    ColdStart,
}

impl AnomalyKind {
    pub const ALL: [Self; 5] = [
        Self::Spike,
        Self::LevelShift,
        Self::ErrorBurst,
        Self::RateDrop,
        Self::ColdStart,
    ];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// As people and documents read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::LevelShift => "level shift",
            Self::ErrorBurst => "error burst",
            Self::RateDrop => "rate drop",
            Self::ColdStart => "cold start",
        }
    }
}

/// A figure that creeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    pub subject: Text,
    pub target: Option<TargetId>,
    /// `p50`, `memory`, a gauge's name.
    pub figure: Text,
    pub unit: Unit,
    pub per_hour: f64,
    /// Where it stands by the fitted line.
    pub now: f64,
    /// Two-sided, corrected for autocorrelation.
    pub p_value: f64,
    /// The time it was fitted over.
    pub span: Duration,
    pub limit: Option<f64>,
    pub reaches_limit_in: Option<Duration>,
    pub text: Text,
}

/// A figure that moves with a target's latency.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    pub subject: Text,
    pub target: TargetId,
    /// What moves with it: `host cpu`, `orders-db pool_usage_ratio`.
    pub with: Text,
    /// Rank correlation, -1 to 1.
    pub coefficient: f64,
    /// By how much the other figure is ahead of the latency.
    pub ahead: Duration,
    /// How many seconds it was taken over.
    pub points: u32,
    pub text: Text,
}

/// What holds something up.
#[derive(Clone, Debug, PartialEq)]
pub struct Bottleneck {
    pub resource: Resource,
    pub subject: Text,
    pub target: Option<TargetId>,
    /// In a few words: `connection pool nearly used up`.
    pub what: Text,
    /// The figures that show it.
    pub evidence: Text,
    /// The share of targets, or of a target's latency, that it touches, 0 to 1.
    pub impact_ratio: f64,
    /// The share of the last minutes in which it was seen, 0 to 1.
    pub frequency_ratio: f64,
    /// How urgent it is: no graver than its subject's own level, where that level is of the same figure, critical only where
    /// the subject is, and information alone once it is over.
    pub priority: Severity,
    /// What to do about it.
    pub recommendation: Text,
    pub since: Timestamp,
    /// When it was seen last; `None`: it holds now.
    pub until: Option<Timestamp>,
}

/// Where a bottleneck is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    Service,
    NameResolution,
    Network,
    Tls,
    Database,
    Cache,
    Cpu,
    Memory,
    Disk,
    LoadGenerator,
    /// probetop itself, whose lateness would else be taken for somebody's latency.
    Monitor,
}

impl Resource {
    /// As people and documents read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::NameResolution => "name resolution",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::LoadGenerator => "load generator",
            Self::Monitor => "probetop",
        }
    }
}
