//! What a target's latency is held against, for those who draw it.

use crate::sample::{Level, Micros, Point};

/// The latency thresholds of a target; one that is `None` is not set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LatencyLimits {
    /// Which quantile is held against them; 0 where there are none.
    pub quantile: f64,
    pub warning: Option<Micros>,
    pub critical: Option<Micros>,
}

impl LatencyLimits {
    /// Those that are set, the worst first, with the level that begins above them.
    pub fn set(&self) -> impl DoubleEndedIterator<Item = (Level, Micros)> + use<> {
        let limits = [(Level::Critical, self.critical), (Level::Warning, self.warning)];
        limits.into_iter().filter_map(|(level, limit)| Some((level, limit?)))
    }

    /// The level of a latency that is held against them.
    pub fn level(&self, latency: Micros) -> Level {
        let broken = self.set().find(|(_, limit)| latency > *limit);
        broken.map_or(Level::Ok, |(level, _)| level)
    }

    /// What of a step is held against them; where there are none, or they are of a quantile that steps do not have: p95.
    pub fn figure(&self, point: &Point) -> Option<Micros> {
        match self.quantile {
            quantile if quantile > 0.0 && quantile <= 0.75 => point.p50,
            quantile if quantile >= 0.99 => point.p99.or(point.p95),
            _ => point.p95,
        }
    }
}

/// The limits of a gauge of which more is worse; one that is `None` is not set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AmountLimits {
    pub warning: Option<f64>,
    pub critical: Option<f64>,
}

impl AmountLimits {
    /// Those that are set, the worst first, with the level that begins above them.
    pub fn set(&self) -> impl DoubleEndedIterator<Item = (Level, f64)> + use<> {
        let limits = [(Level::Critical, self.critical), (Level::Warning, self.warning)];
        limits.into_iter().filter_map(|(level, limit)| Some((level, limit?)))
    }
}

/// What the gauges of this machine are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HostLimits {
    pub cpu_ratio: AmountLimits,
    pub memory_ratio: AmountLimits,
    /// In multiples of the number of cores.
    pub load_1m_per_core: AmountLimits,
    /// Of the fullest disk.
    pub disk_ratio: AmountLimits,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_has_the_level_of_the_worst_limit_it_is_above() {
        let limits = LatencyLimits {
            quantile: 0.95,
            warning: Some(Micros(250)),
            critical: Some(Micros(350)),
        };
        let check = |us, expected| assert_eq!(limits.level(Micros(us)), expected, "{us}");
        check(250, Level::Ok);
        check(251, Level::Warning);
        check(350, Level::Warning);
        check(351, Level::Critical);
        assert_eq!(LatencyLimits::default().level(Micros(u32::MAX)), Level::Ok);
    }
}
