//! Figures: what samples come to over a window or a step of time. Computed by `metric`, read by everybody after it.
//!
//! A figure that cannot be known (no samples, too few for the quantile) is `None`, never 0.

use std::time::Duration;

use super::{Failure, FailureKind, Micros, Phase};
use crate::clock::Timestamp;

/// What one window holds. Shares and rates are methods: they follow from the counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowStats {
    /// The part of the window that was watched.
    pub covered: Duration,
    /// The part of the window in which probetop did not run: stopped, or on a machine that slept.
    pub unwatched: Duration,
    /// Without those that failed for want of something on this machine.
    pub attempts: u64,
    pub failed: u64,
    pub overruns: u64,
    /// Steps of a flow that were not made, because an earlier one failed.
    pub skipped: u64,
    /// Probes that were under way while probetop did not run; they say nothing about the target.
    pub cut_off: u64,
    /// Of successful probes.
    pub latency: Quantiles,
    pub lag: Quantiles,
    /// Kinds that occurred, commonest first.
    pub failures: Vec<(FailureKind, u64)>,
}

impl WindowStats {
    /// Probes that failed for want of something on this machine: no attempts at the target.
    pub fn not_made(&self) -> u64 {
        let ours = self.failures.iter().filter(|(kind, _)| kind.is_ours());
        ours.map(|(_, count)| count).sum()
    }

    /// The kind that occurred most, of the target's own.
    pub fn commonest(&self) -> Option<FailureKind> {
        let mut kinds = self.failures.iter().map(|(kind, _)| *kind);
        kinds.find(|kind| !kind.is_ours())
    }

    pub fn ok(&self) -> u64 {
        self.attempts.saturating_sub(self.failed)
    }

    /// `None` without attempts.
    pub fn success_ratio(&self) -> Option<f64> {
        (self.attempts > 0).then(|| self.ok() as f64 / self.attempts as f64)
    }

    /// `None` without attempts.
    pub fn error_ratio(&self) -> Option<f64> {
        (self.attempts > 0).then(|| self.failed as f64 / self.attempts as f64)
    }

    /// Attempts per second over the part that was watched.
    pub fn rate_per_s(&self) -> Option<f64> {
        (!self.covered.is_zero()).then(|| self.attempts as f64 / self.covered.as_secs_f64())
    }
}

/// Figures of one distribution, in microseconds. `None`: no samples, or fewer than the quantile needs, 1/(1-q).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantiles {
    pub count: u64,
    pub min: Option<Micros>,
    pub mean: Option<Micros>,
    pub p10: Option<Micros>,
    pub p25: Option<Micros>,
    pub p50: Option<Micros>,
    pub p75: Option<Micros>,
    pub p90: Option<Micros>,
    pub p95: Option<Micros>,
    pub p99: Option<Micros>,
    pub p99_9: Option<Micros>,
    pub max: Option<Micros>,
}

/// One step of a target's time axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    pub attempts: u32,
    pub failed: u32,
    pub min: Option<Micros>,
    /// The step's own quantiles; of few samples they are the nearest rank, so that a chart has a line to draw.
    pub p50: Option<Micros>,
    pub p95: Option<Micros>,
    pub p99: Option<Micros>,
    pub max: Option<Micros>,
}

/// What one window holds, phases included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowDetail {
    pub stats: WindowStats,
    /// Latency of the successful probes that were the first on their connection; nothing where a probe is no more
    /// than a connection.
    pub cold: Quantiles,
    /// Phases that occurred, in order.
    pub phases: Vec<(Phase, Quantiles)>,
}

/// Successful probes with a latency of at least `low` and below `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub low: Micros,
    pub high: Micros,
    pub count: u64,
}

/// A failed probe, and when it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureRecord {
    pub at: Timestamp,
    pub failure: Failure,
}
