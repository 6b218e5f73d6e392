//! The health score with its arithmetic.

use crate::sample::{Level, TargetId, Text};

/// One number for everything, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// 0 to 100, rounded down.
    pub score: u8,
    /// That of the worst group.
    pub level: Level,
    /// Whether all that makes the level was so, and is clearing.
    pub clearing: bool,
    /// What costs the most; `None` when nothing does.
    pub worst: Option<Text>,
    /// By weight, heaviest first.
    pub groups: Vec<HealthGroup>,
}

impl HealthGroup {
    /// Points of the whole score that it costs; `None`: nothing in it is known.
    pub fn lost(&self) -> Option<f64> {
        self.score.map(|score| (100.0 - score) * self.share_ratio)
    }
}

/// Things that count together.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthGroup {
    pub name: Text,
    /// As configured.
    pub weight: f64,
    /// Its part of the whole, after the weights of missing groups went to the others; 0 for a missing one.
    pub share_ratio: f64,
    /// 0 to 100; `None`: nothing in it is known.
    pub score: Option<f64>,
    /// That of its worst component.
    pub level: Level,
    /// Whether what is wrong in it was so, and is clearing.
    pub clearing: bool,
    /// Targets in it of which something is known; this machine counts as one.
    pub subjects: usize,
    /// How many of them are at a warning or critical level.
    pub broken: usize,
    /// Figures that are wrong and cost nothing, because they are acknowledged, silenced or under maintenance.
    pub set_aside: usize,
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
    /// Whether its figure is back within its limit, though not for long enough.
    pub clearing: bool,
    /// 0 to 100.
    pub score: f64,
    /// The figure and its levels in words.
    pub reason: Text,
}
