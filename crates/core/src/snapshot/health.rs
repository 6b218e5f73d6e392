//! The health score with its arithmetic.

use crate::sample::{Level, TargetId, Text};

/// One number for everything, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// 0 to 100, rounded down.
    pub score: u8,
    pub level: Level,
    /// What costs the most; `None` when nothing does.
    pub worst: Option<Text>,
    /// By weight, heaviest first.
    pub groups: Vec<HealthGroup>,
}

/// Things that count together.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthGroup {
    pub name: Text,
    /// As configured.
    pub weight: f64,
    /// Its part of the whole, after the weights of missing groups went to the others; 0 for a missing one.
    pub share_ratio: f64,
    /// 0 to 100, of its worst component; `None`: nothing in it is known.
    pub score: Option<f64>,
    /// Worst first.
    pub components: Vec<HealthComponent>,
}

/// One figure with levels.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthComponent {
    /// `checkout latency`, `cpu`.
    pub name: Text,
    pub target: Option<TargetId>,
    pub level: Level,
    /// 0 to 100.
    pub score: f64,
    /// The figure and its levels in words.
    pub reason: Text,
}
