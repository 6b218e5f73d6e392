//! The timetable of the closed model: when each user is at work.
//!
//! User `u`, counted from 0, works while the level is above `u`: so many users as the level has wholly or in part. A ramp
//! starts and stops them one by one; where the level jumps, those that are new begin [`STAGGER`] apart.

use std::time::Duration;

use super::{Amount, Stage};

/// Users that begin together do so this far apart: a thousand connections a second is what the queues of listeners, which
/// hold from 128 up, bear without dropping any.
const STAGGER: Duration = Duration::from_millis(1);

/// When the users of a run are at work.
#[derive(Clone, Debug)]
pub struct Users {
    stages: Vec<Stage>,
}

/// A stretch of time in which a user works, counted from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Duration,
    pub to: Duration,
}

impl Users {
    pub fn of(stages: &[Stage]) -> Self {
        Self {
            stages: stages.to_vec(),
        }
    }

    /// The most there are at once.
    pub fn count(&self) -> u64 {
        self.stages.iter().map(|stage| stage.peak().ceil()).max().unwrap_or(0)
    }

    /// How long it takes at most until all have begun that begin together.
    pub fn begin_within(&self) -> Duration {
        let mut before = 0;
        let jumps = self.stages.iter().map(|stage| {
            let jump = stage.from.ceil().saturating_sub(before);
            before = stage.to.ceil();
            jump
        });
        STAGGER * u32::try_from(jumps.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// When the user of this number works, in order and apart.
    pub fn spans(&self, number: u64) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut start = Duration::ZERO;
        let mut level = Amount::ZERO;
        for stage in &self.stages {
            let span = within(stage, level, number);
            let span = span.map(|span| Span {
                from: start + span.from,
                to: start + span.to,
            });
            match (spans.last_mut(), span) {
                (Some(last), Some(span)) if last.to == span.from => last.to = span.to,
                (_, Some(span)) => spans.push(span),
                (_, None) => {}
            }
            (start, level) = (start + stage.length, stage.to);
        }
        spans
    }
}

/// When the user works in a stage, from its start, which the level comes to from `before`.
fn within(stage: &Stage, before: Amount, number: u64) -> Option<Span> {
    let threshold = Amount::whole(number);
    let works_first = stage.from > threshold;
    let works_last = stage.to > threshold;
    let crossing = || {
        let (from, to) = (stage.from.thousandths(), stage.to.thousandths());
        let part = from.abs_diff(threshold.thousandths());
        let nanos = stage.length.as_nanos() * u128::from(part) / u128::from(from.abs_diff(to).max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    };
    let from = if works_first {
        let ahead = number.saturating_sub(before.ceil());
        let is_new = before <= threshold;
        if is_new {
            STAGGER * u32::try_from(ahead).unwrap_or(u32::MAX)
        } else {
            Duration::ZERO
        }
    } else if works_last {
        crossing()
    } else {
        return None;
    };
    let to = if works_last { stage.length } else { crossing() };
    (from < to).then_some(Span { from, to })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::profile::StagePurpose;

    fn stage(millis: u64, from: u64, to: u64) -> Stage {
        Stage {
            length: Duration::from_millis(millis),
            from: Amount::whole(from),
            to: Amount::whole(to),
            purpose: StagePurpose::Measure,
        }
    }

    fn check(stages: &[Stage], number: u64, expected: &[(u64, u64)]) {
        let spans = Users::of(stages).spans(number);
        let millis = |span: &Span| (span.from.as_millis() as u64, span.to.as_millis() as u64);
        assert_eq!(spans.iter().map(millis).collect::<Vec<_>>(), expected, "user {number}");
    }

    #[test]
    fn users_of_one_level_begin_one_after_the_other_and_end_together() {
        let stages = [stage(30_000, 50, 50)];
        check(&stages, 0, &[(0, 30_000)]);
        check(&stages, 49, &[(49, 30_000)]);
        check(&stages, 50, &[]);
        assert_eq!(Users::of(&stages).count(), 50);
        assert_eq!(Users::of(&stages).begin_within(), Duration::from_millis(50));
        let ramps = [stage(30_000, 0, 50), stage(30_000, 50, 20), stage(30_000, 30, 30)];
        assert_eq!(Users::of(&ramps).begin_within(), Duration::from_millis(10));
    }

    #[test]
    fn a_ramp_starts_and_stops_users_evenly() {
        let stages = [stage(10_000, 0, 20), stage(5_000, 20, 20), stage(10_000, 20, 0)];
        check(&stages, 0, &[(0, 25_000)]);
        check(&stages, 10, &[(5_000, 20_000)]);
        check(&stages, 19, &[(9_500, 15_500)]);
        check(&stages, 20, &[]);
    }

    #[test]
    fn who_is_sent_home_may_come_back() {
        let stages = [stage(1_000, 4, 4), stage(1_000, 2, 2), stage(1_000, 4, 4)];
        check(&stages, 1, &[(1, 3_000)]);
        check(&stages, 2, &[(2, 1_000), (2_000, 3_000)]);
        check(&stages, 3, &[(3, 1_000), (2_001, 3_000)]);
    }

    #[test]
    fn a_stage_that_is_too_short_for_a_user_has_none_of_it() {
        check(&[stage(5, 100, 100)], 7, &[]);
    }

    proptest! {
        #[test]
        fn as_many_work_as_the_level_says(stages in vec((1_000_u64..10_000, 0_u64..40, 0_u64..40), 1..5), at in 0.0..1.0) {
            let stages: Vec<_> = stages.into_iter().map(|(millis, from, to)| stage(millis, from, to)).collect();
            let users = Users::of(&stages);
            let mut start = Duration::ZERO;
            for stage in &stages {
                // Behind those that begin a little later.
                let after = (stage.length.mul_f64(at)).max(STAGGER * 41);
                let now = start + after;
                let at_work = (0..users.count()).filter(|number| {
                    users.spans(*number).iter().any(|span| span.from <= now && now < span.to)
                });
                let expected = stage.level_at(after).as_f64();
                // Levels between two users round up, and crossings down to the nanosecond.
                prop_assert!((at_work.count() as f64 - expected).abs() <= 1.0, "{expected} at {now:?}");
                start += stage.length;
            }
        }

        #[test]
        fn spans_are_in_order_and_apart(stages in vec((1_u64..10_000, 0_u64..40, 0_u64..40), 1..6), number in 0_u64..40) {
            let stages: Vec<_> = stages.into_iter().map(|(millis, from, to)| stage(millis, from, to)).collect();
            let spans = Users::of(&stages).spans(number);
            prop_assert!(spans.iter().all(|span| span.from < span.to));
            prop_assert!(spans.windows(2).all(|pair| pair[0].to < pair[1].from));
        }
    }
}
