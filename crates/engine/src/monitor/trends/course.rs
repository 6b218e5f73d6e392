//! One figure from the start of the run on, in at most [`POINT_LIMIT`] points whatever the run's length: the minimum of
//! each stretch of time, since what memory falls back to is what it keeps.

use std::time::Duration;

use probetop_core::clock::Timestamp;

use crate::judge::trend::POINT_LIMIT;

/// Halves its resolution when it is full.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// The second it began with.
    origin: Option<u64>,
    /// Seconds that each point stands for.
    step_s: u64,
    /// Of the steps that have ended.
    minima: Vec<Option<f64>>,
    /// Of the step that collects.
    least: Option<f64>,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            origin: None,
            step_s: 1,
            minima: Vec::new(),
            least: None,
        }
    }
}

impl Course {
    /// Takes the value of this second.
    pub(super) fn push(&mut self, value: Option<f64>, now: Timestamp) {
        let origin = *self.origin.get_or_insert(now.second());
        let passed = now.second().saturating_sub(origin);
        while passed / self.step_s > self.minima.len() as u64 {
            self.minima.push(self.least.take());
            if self.minima.len() == POINT_LIMIT {
                self.halve();
            }
        }
        self.least = least(self.least, value);
    }

    fn halve(&mut self) {
        let pairs = self.minima.chunks(2);
        self.minima = pairs.map(|pair| pair.iter().copied().fold(None, least)).collect();
        self.step_s *= 2;
    }

    /// The steps that have ended, oldest first; `None` where nothing was read.
    pub(super) fn points(&self) -> Vec<Option<f64>> {
        self.minima.clone()
    }

    pub(super) fn step(&self) -> Duration {
        Duration::from_secs(self.step_s)
    }
}

const _: () = assert!(POINT_LIMIT.is_multiple_of(2), "halving leaves no step half done");

fn least(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_fits_and_keeps_the_floor() {
        let mut course = Course::default();
        for second in 5..100_005 {
            let saw = 1000.0 + (second / 100) as f64 + (second % 37) as f64;
            course.push((second % 10 > 0).then_some(saw), Timestamp::from_secs(second));
        }
        let points = course.points();
        assert!(points.len() < POINT_LIMIT && points.len() >= POINT_LIMIT / 2 - 1);
        assert_eq!(course.step(), Duration::from_secs(512));
        let rises = points.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert_eq!(rises, points.len() - 1);
    }

    #[test]
    fn a_pause_leaves_a_gap() {
        let mut course = Course::default();
        for second in [1, 2, 6, 7] {
            course.push(Some(second as f64), Timestamp::from_secs(second));
        }
        assert_eq!(course.points(), [Some(1.0), Some(2.0), None, None, None, Some(6.0)]);
    }
}
