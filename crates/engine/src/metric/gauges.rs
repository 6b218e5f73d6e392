//! The histories of the gauges that one target tells, by name.

use std::collections::BTreeMap;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Gauge, GaugeName, Window};

use super::gauge::GaugeHistory;
use super::step::Step;

/// Gauges of one target that are remembered, 3 kB each: a page of metrics may hold thousands, and nobody looks at them.
pub const GAUGE_LIMIT: usize = 64;

/// Remembers the first [`GAUGE_LIMIT`] names it hears.
#[derive(Clone, Debug, Default)]
pub struct Gauges(BTreeMap<GaugeName, GaugeHistory>);

impl Gauges {
    /// Counts what a probe told in the second that is open at `now`, and says how many of them are not remembered.
    pub fn record(&mut self, gauges: &[Gauge], now: Timestamp) -> usize {
        let mut left_out = 0;
        for gauge in gauges {
            if let Some(history) = self.0.get_mut(&gauge.name) {
                history.record(gauge.value as f32);
            } else if self.0.len() < GAUGE_LIMIT {
                let mut history = GaugeHistory::new(now);
                history.record(gauge.value as f32);
                self.0.insert(gauge.name.clone(), history);
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        let entries = self.0.len() * size_of::<(GaugeName, GaugeHistory)>();
        entries + self.0.values().map(GaugeHistory::heap_bytes).sum::<usize>()
    }

    pub fn rotate(&mut self, now: Timestamp) {
        for history in self.0.values_mut() {
            history.rotate(now);
        }
    }

    /// The mean of one of them; see [`GaugeHistory::mean_over`].
    pub fn mean_over(&self, name: &str, window: Window) -> Option<f32> {
        self.0.get(name)?.mean_over(window)
    }

    /// The history of each gauge, by name.
    pub fn histories(&self) -> impl Iterator<Item = (&GaugeName, &GaugeHistory)> {
        self.0.iter()
    }

    /// Each gauge over the newest `count` steps, by name; see [`GaugeHistory::points`].
    pub fn points(&self, step: Step, count: usize) -> Vec<(GaugeName, Vec<Option<f32>>)> {
        self.0
            .iter()
            .map(|(name, history)| (name.clone(), history.points(step, count)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_kept_apart_and_bounded() {
        let mut gauges = Gauges::default();
        let at = Timestamp::from_secs;
        let told: Vec<_> = (0..100)
            .map(|n| Gauge::new(&*format!("gauge_{n:03}"), f64::from(n)))
            .collect();
        assert_eq!(gauges.record(&told, at(5)), 100 - GAUGE_LIMIT);
        gauges.rotate(at(6));
        assert_eq!(gauges.record(&told[7..8], at(6)), 0);
        gauges.rotate(at(7));
        let points = gauges.points(Step::Second, 10);
        assert_eq!(points.len(), GAUGE_LIMIT);
        assert_eq!(points[7], ("gauge_007".into(), vec![Some(7.0), Some(7.0)]));
        assert_eq!(points[8], ("gauge_008".into(), vec![Some(8.0), None]));
    }
}
