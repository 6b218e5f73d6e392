//! How the budget of an objective went: what was left of it, step by step over its period.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;

/// Steps that a period is kept in: a chart on a wide screen shows as many, and a thousand objectives keep 1.5 MB.
const BURNDOWN_LIMIT: usize = 180;

/// What was left at the end of each step; the snapshots that show it share it.
#[derive(Clone, Debug)]
pub struct BurnDown {
    step_s: u64,
    /// Number of the step that is under way.
    open: u64,
    /// What is left now.
    newest: Option<f32>,
    /// Of the steps that are over, oldest first; `None`: nobody watched, or nothing was known.
    ended: Arc<[Option<f32>]>,
}

impl BurnDown {
    pub fn new(period: Duration, now: Timestamp) -> Self {
        let step_s = period.as_secs().div_ceil(BURNDOWN_LIMIT as u64).max(1);
        Self {
            step_s,
            open: number(now, step_s),
            newest: None,
            ended: Arc::default(),
        }
    }

    /// Takes what is left at `now`, and closes the steps that are over.
    pub fn note(&mut self, now: Timestamp, left: Option<f64>) {
        let number = number(now, self.step_s);
        let over = number.saturating_sub(self.open).min(BURNDOWN_LIMIT as u64 + 1) as usize;
        if over > 0 {
            let unseen = iter::repeat_n(None, over - 1);
            let all = self.ended.iter().copied().chain([self.newest]).chain(unseen);
            let first = (self.ended.len() + over).saturating_sub(BURNDOWN_LIMIT);
            self.ended = all.skip(first).collect();
            self.open = number;
        }
        self.newest = left.map(|left| left as f32);
    }

    /// What one step stands for.
    pub fn step(&self) -> Duration {
        Duration::from_secs(self.step_s)
    }

    /// Of the steps that are over, oldest first.
    pub fn course(&self) -> Arc<[Option<f32>]> {
        Arc::clone(&self.ended)
    }

    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.ended)
    }
}

/// The number of the step that the second before `now` is in: a tick tells of what is over.
fn number(now: Timestamp, step_s: u64) -> u64 {
    now.second().saturating_sub(1) / step_s
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(period_s: u64, ticks: impl Iterator<Item = (u64, Option<f64>)>) -> BurnDown {
        let mut burn_down = BurnDown::new(Duration::from_secs(period_s), Timestamp::ZERO);
        for (second, left) in ticks {
            burn_down.note(Timestamp::from_secs(second), left);
        }
        burn_down
    }

    #[test]
    fn a_step_has_what_was_left_at_its_end() {
        let halving = (1..=10).map(|second| (second, Some(1.0 / second as f64)));
        let burn_down = noted(720, halving);
        assert_eq!(burn_down.step(), Duration::from_secs(4));
        assert_eq!(*burn_down.course(), [Some(0.25), Some(0.125)]);
    }

    #[test]
    fn no_more_is_kept_than_a_period_has() {
        let burn_down = noted(180, (1..=1000).map(|second| (second, Some(second as f64))));
        let course = burn_down.course();
        assert_eq!(course.len(), BURNDOWN_LIMIT);
        assert_eq!((course[0], course[179]), (Some(820.0), Some(999.0)));
        assert_eq!(burn_down.heap_bytes(), BURNDOWN_LIMIT * 8);
    }

    #[test]
    fn what_nobody_saw_is_a_gap_and_costs_no_more_than_what_is_kept() {
        let burn_down = noted(
            180,
            [(1, Some(1.0)), (4, Some(0.5)), (5, None), (6, Some(0.2))].into_iter(),
        );
        assert_eq!(*burn_down.course(), [Some(1.0), None, None, Some(0.5), None]);
        let asleep = noted(180, [(1, Some(1.0)), (500_000_000, Some(0.5))].into_iter());
        assert_eq!(*asleep.course(), [None; BURNDOWN_LIMIT]);
    }
}
