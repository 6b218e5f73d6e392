//! What a load run came to, for those who read it.

use std::time::{Duration, SystemTime};

use crate::profile::{Amount, Profile, StagePurpose};
use crate::sample::load::LoadFailure;
use crate::sample::{Micros, Phase, Text};

/// A run so far, or at its end. All figures of the whole are of the stages that measure, without the warm-up.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadReport {
    /// What was asked, as people read it: `GET https://shop.example/`.
    pub request: Text,
    pub profile: Profile,
    pub timeout: Duration,
    pub workers: u16,
    /// Connections there could be at once.
    pub connections: u32,
    pub began: SystemTime,
    /// How far the timetable was followed.
    pub elapsed: Duration,
    pub completeness: Completeness,
    pub whole: LoadFigures,
    /// One for each stage that was begun, warm-ups included.
    pub stages: Vec<LoadStage>,
    pub generator: Generator,
    pub thresholds: Vec<ThresholdReport>,
    pub verdict: Verdict,
}

/// Whether the timetable was followed to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Completeness {
    #[default]
    Whole,
    /// It was stopped before: what was measured is right, and decides nothing.
    Partial,
}

/// One stage, as far as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadStage {
    pub purpose: StagePurpose,
    pub from: Amount,
    pub to: Amount,
    pub figures: LoadFigures,
}

/// What became of the requests that were due in some stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadFigures {
    /// How long it was by the timetable.
    pub length: Duration,
    /// How long it took: the last stage ends with the last answer.
    pub lasted: Duration,
    /// Those that were due.
    pub offered: u64,
    /// Those that were due and not started, since all connections were taken.
    pub blocked: u64,
    /// Those that were made, without those that failed for want of something here.
    pub requests: u64,
    pub failed: u64,
    /// Those that failed for want of something on this machine: descriptors, ports, memory.
    pub not_made: u64,
    /// Those that were given up on their way.
    pub cut_off: u64,
    pub connections: u64,
    pub received_bytes: u64,
    /// From when it was due to the last byte: what a caller feels.
    pub response: Spread,
    /// On the wire: what the service took.
    pub service: Spread,
    /// From when it was due to when it was sent: our own lateness.
    pub lag: Spread,
    /// Phases that occurred, in order.
    pub phases: Vec<(Phase, Spread)>,
    /// Service times of those that were the first on their connection.
    pub cold: Spread,
    /// Answers by status, ascending.
    pub statuses: Vec<(u16, u64)>,
    /// Commonest first.
    pub failures: Vec<LoadFailure>,
}

impl LoadFigures {
    pub fn ok(&self) -> u64 {
        self.requests.saturating_sub(self.failed)
    }

    /// `None` without requests.
    pub fn error_ratio(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.failed as f64 / self.requests as f64)
    }

    /// Requests a second that were made.
    pub fn achieved_per_s(&self) -> Option<f64> {
        self.per_s(self.requests)
    }

    /// Requests a second that were due.
    pub fn offered_per_s(&self) -> Option<f64> {
        (!self.length.is_zero()).then(|| self.offered as f64 / self.length.as_secs_f64())
    }

    /// So many over the time that it took; `None` of no time at all.
    pub fn per_s(&self, count: u64) -> Option<f64> {
        (!self.lasted.is_zero()).then(|| count as f64 / self.lasted.as_secs_f64())
    }
}

/// How durations are spread. Minimum, mean and maximum are of those that succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    pub count: u64,
    pub min: Option<Micros>,
    pub mean: Option<Micros>,
    pub p50: Reading,
    pub p90: Reading,
    pub p95: Reading,
    pub p99: Reading,
    pub p99_9: Reading,
    pub max: Option<Micros>,
}

/// What a quantile reads. A failed request has no duration: it is counted as longer than any that succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Of fewer requests than it needs.
    #[default]
    TooFew,
    At(Micros),
    /// The share of failures reaches into it: the caller had nothing within the time limit.
    AtLeast(Duration),
}

/// What probetop itself did, and whether that is why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generator {
    /// The most processor time that one worker took in a second; 1.0 is a core.
    pub busiest_ratio: Option<f64>,
    /// Users or requests on their way, on average over time.
    pub in_flight: Option<f64>,
    /// What Little's law makes of rate and service time: how far that is from what was counted, as a share.
    pub little_deviation_ratio: Option<f64>,
    /// Why the figures are those of probetop and not of the service; nothing where they are not.
    pub limits: Vec<GeneratorLimit>,
}

/// A way in which probetop was the limit.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneratorLimit {
    pub effect: Effect,
    /// What, and after a semicolon the remedy.
    pub words: Text,
}

/// What a limit of probetop does to the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// They may be worse than the service is.
    Worse,
    /// They may be better: a condition that is broken all the same is broken.
    Better,
}

/// A condition, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdReport {
    /// As it was written.
    pub condition: Text,
    /// What was measured, as people read it.
    pub value: Text,
    pub outcome: ThresholdOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdOutcome {
    Kept,
    Broken,
    /// Too few requests to say.
    Unknown,
}

/// What may be concluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was asked.
    #[default]
    None,
    Passed,
    Broken,
    /// probetop was at its limit, or a threshold had too few requests.
    Inconclusive,
    /// The run was cut short: it decides nothing.
    Undecided,
}

impl Verdict {
    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Passed => "passed",
            Self::Broken => "broken",
            Self::Inconclusive => "inconclusive",
            Self::Undecided => "undecided",
        }
    }
}

/// What a search for the highest rate that holds came to.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchReport {
    pub request: Text,
    /// What had to hold, as it was written.
    pub condition: Text,
    pub completeness: Completeness,
    pub found: Found,
    /// In the order in which they were made.
    pub trials: Vec<Trial>,
}

/// One rate, tried for some time.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub rate: Amount,
    pub outcome: TrialOutcome,
    /// Why it did not hold, or what it says nothing for.
    pub reason: Option<Text>,
    pub figures: LoadFigures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialOutcome {
    Held,
    Missed,
    /// probetop was the limit.
    Inconclusive,
}

/// What is known of the rate that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The highest that does.
    pub holds: Option<Amount>,
    /// The lowest that does not.
    pub does_not: Option<Amount>,
    pub end: SearchEnd,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchEnd {
    /// The two are close enough.
    Bracketed,
    /// Not even the lowest rate holds.
    NothingHolds,
    /// The highest rate that can be asked for holds.
    Highest,
    /// probetop was the limit: of higher rates nothing is known.
    GeneratorLimit,
    /// It came to no end.
    TooLong,
    /// Somebody stopped it.
    Stopped,
}

impl SearchEnd {
    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bracketed => "bracketed",
            Self::NothingHolds => "nothing_holds",
            Self::Highest => "highest",
            Self::GeneratorLimit => "generator_limit",
            Self::TooLong => "too_long",
            Self::Stopped => "stopped",
        }
    }
}
