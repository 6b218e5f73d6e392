//! The load of each core over time.

use probetop_core::clock::Timestamp;

use crate::metric::{GaugeHistory, Step};

/// Of more cores neighbours are kept together, by their mean: a screen has no more rows for them, and each takes 2 KB in
/// every state that is kept of the past.
const HISTORIES_LIMIT: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Cores {
    began: Timestamp,
    hold_seconds: u32,
    histories: Vec<GaugeHistory>,
}

impl Cores {
    /// A reading that comes late leaves no hole of up to `hold_seconds`.
    pub(super) const fn holding(began: Timestamp, hold_seconds: u32) -> Self {
        Self {
            began,
            hold_seconds,
            histories: Vec::new(),
        }
    }

    /// `ratios` are empty where they are not known. Of another number of cores than before it begins anew.
    pub(super) fn record(&mut self, ratios: &[f64]) {
        if ratios.is_empty() {
            return;
        }
        let together = ratios.len().div_ceil(HISTORIES_LIMIT);
        let groups = ratios.chunks(together);
        if groups.len() != self.histories.len() {
            let history = GaugeHistory::holding(self.began, self.hold_seconds);
            self.histories = vec![history; groups.len()];
        }
        for (history, group) in self.histories.iter_mut().zip(groups) {
            let mean = group.iter().sum::<f64>() / group.len() as f64;
            history.record(mean as f32);
        }
    }

    pub(super) fn rotate(&mut self, now: Timestamp) {
        self.began = now;
        self.histories.iter_mut().for_each(|history| history.rotate(now));
    }

    pub(super) fn points(&self, step: Step, count: usize) -> Vec<Vec<Option<f32>>> {
        self.histories
            .iter()
            .map(|history| history.points(step, count))
            .collect()
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        let histories = self.histories.iter();
        size_of_val(self.histories.as_slice()) + histories.map(GaugeHistory::heap_bytes).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(readings: &[&[f64]]) -> Vec<Vec<Option<f32>>> {
        let mut cores = Cores::holding(Timestamp::ZERO, 3);
        for (second, reading) in (1..).zip(readings) {
            cores.record(reading);
            cores.rotate(Timestamp::from_secs(second));
        }
        cores.points(Step::Second, 120)
    }

    #[test]
    fn each_core_has_its_course() {
        let courses = after(&[&[0.25, 1.0], &[0.5, 0.0]]);
        assert_eq!(courses, [[Some(0.25), Some(0.5)], [Some(1.0), Some(0.0)]]);
    }

    #[test]
    fn a_second_without_figures_holds_the_one_before() {
        assert_eq!(after(&[&[0.5], &[]]), [[Some(0.5), Some(0.5)]]);
    }

    #[test]
    fn cores_that_come_begin_anew() {
        assert_eq!(after(&[&[0.5], &[0.25, 0.75]]), [[Some(0.25)], [Some(0.75)]]);
    }

    #[test]
    fn of_very_many_neighbours_are_kept_together() {
        let ratios: Vec<f64> = (0..130).map(|core| if core % 2 == 0 { 0.0 } else { 1.0 }).collect();
        let courses = after(&[&ratios]);
        assert_eq!(courses.len(), 44, "three together");
        assert_eq!(courses[0], [Some(1.0 / 3.0)]);
    }
}
