//! Objectives as they are shown: what was promised, what was kept, and how fast the rest is used up.

use std::sync::Arc;
use std::time::Duration;

use crate::sample::{Level, Micros, Severity, Text};

/// One objective as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectiveSnapshot {
    pub name: Text,
    /// In words, as it is written: `95% under 2s`, `99.9% available`.
    pub promise: Text,
    /// The share that shall be good, 0 to 1.
    pub goal_ratio: f64,
    /// What a good probe takes at most; `None`: any that succeeds is good.
    pub limit: Option<Micros>,
    /// Names of the targets whose probes count.
    pub targets: Arc<[Text]>,
    pub period: Duration,
    /// How much of the period was watched.
    pub covered: Duration,
    pub level: Level,
    pub reason: Option<Text>,
    /// Probes in the period, and those that were not good.
    pub events: u64,
    pub bad: u64,
    /// `None` without events.
    pub attained_ratio: Option<f64>,
    /// 1 when nothing is used up, 0 when all is, below 0 when the promise is broken.
    pub budget_left_ratio: Option<f64>,
    /// The same at the end of each step of the period that is over, oldest first; `None`: it was not known.
    pub burn_down: Arc<[Option<f32>]>,
    /// What one of these steps stands for.
    pub burn_down_step: Duration,
    /// Fastest first.
    pub burn: Vec<BurnRate>,
    /// Until the budget is used up at the rate of now; `None`: not at this rate.
    pub exhausted_in: Option<Duration>,
    /// Share of bad probes in each step of the query's axis, oldest first; `None` where there were none.
    pub course: Vec<Option<f32>>,
}

/// How fast the budget goes, over two windows; 1 uses it up exactly at the end of the period.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnRate {
    pub severity: Severity,
    pub long: Duration,
    pub short: Duration,
    /// Burning begins above this, in both windows.
    pub factor: f64,
    pub long_rate: Option<f64>,
    pub short_rate: Option<f64>,
    pub state: BurnState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BurnState {
    Calm,
    Burning,
    /// Too few probes in the windows to say.
    Unknown,
}

/// Application performance index: satisfied ones count whole, tolerated ones half, all others and failures not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Apdex {
    /// 0 to 1.
    pub score: f64,
    /// Up to this a probe satisfies; up to four times this it is tolerated.
    pub threshold: Micros,
}
