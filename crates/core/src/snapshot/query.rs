//! What a consumer asks for: which figures, of which targets, over which time.

use std::time::Duration;

use super::{ComparisonQuery, Matter, Scope};
use crate::clock::Timestamp;
use crate::sample::{TargetId, Window};

/// What a consumer wants to know. Everything not asked for is left out, not computed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Query {
    /// The window of the figures in [`super::TargetSnapshot::stats`].
    pub window: Window,
    /// The time axis of every series.
    pub axis: Axis,
    /// Which targets get a series.
    pub series: Rows,
    /// Which targets get a [`super::Detail`].
    pub detail: Rows,
    pub feed: Feed,
    /// The second that a cursor is at, where another one is shown: its levels, alerts and score are wanted as well.
    pub cursor: Option<Timestamp>,
    /// What is compared with what; `None`: nothing is.
    pub comparison: Option<ComparisonQuery>,
    /// Whose course is wanted step by step, with how its latencies are spread.
    pub course: Option<Scope>,
    /// Of what the figure is wanted over the axis.
    pub evidence: Option<Matter>,
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

/// Whether the figures follow the time or stand as they were at some second. Collection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Feed {
    #[default]
    Live,
    /// As of the last tick that is not later.
    At(Timestamp),
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

    /// How far back it reaches.
    pub const fn length(self) -> Duration {
        Duration::from_secs(self.step().as_secs() * self.points() as u64)
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
