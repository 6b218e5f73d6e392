//! How many probes an objective counted and how many were bad, over any stretch of time that ends now.
//!
//! Running totals are noted at the end of every second, ten seconds, minute, ten minutes, hour and six hours, the newest
//! [`KEPT`] of each: a stretch is the difference of two notes, at the same cost whether it is long or short. It begins at
//! the first note of the finest step that reaches back far enough, so it is at most a seventeenth shorter than
//! asked for, never longer, and exact while the run is younger than the stretch.

use std::collections::VecDeque;
use std::ops::{AddAssign, Sub};
use std::time::Duration;

use probetop_core::clock::Timestamp;

/// Notes of each step: three minutes of seconds. Together about 3 kB a step.
const KEPT: usize = 180;

/// Every step divides the next, so that all are noted at the same moments.
const STEPS: [u64; 6] = [1, 10, 60, 600, 3_600, 21_600];

/// An hour of minutes is kept for charts, however short the period.
const STEPS_MIN: usize = 3;

/// Probes, and those of them that were bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub events: u64,
    pub bad: u64,
}

impl Counts {
    /// The share that was bad; `None` without events.
    pub fn bad_ratio(self) -> Option<f64> {
        (self.events > 0).then(|| self.bad as f64 / self.events as f64)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.bad = self.bad.saturating_add(other.bad);
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_sub(other.events),
            bad: self.bad.saturating_sub(other.bad),
        }
    }
}

/// Running totals at the ends of one step, oldest first.
#[derive(Clone, Debug)]
struct Notes {
    step: u64,
    totals: VecDeque<Counts>,
}

/// The counts of one objective: 9 kB for a period of up to 3 h, 18 kB for 30 days.
#[derive(Clone, Debug)]
pub struct Ledger {
    started: u64,
    /// Number of the second that collects; all before it are closed.
    open: u64,
    unwatched: Duration,
    collecting: Counts,
    /// Everything before `open`.
    total: Counts,
    notes: Vec<Notes>,
}

impl Ledger {
    /// For stretches of up to `longest`, counted from `started` on.
    pub fn new(longest: Duration, started: Timestamp) -> Self {
        let reaching = STEPS.iter().position(|step| reach(*step) >= longest.as_secs());
        let steps = reaching.map_or(STEPS.len(), |at| at + 1).max(STEPS_MIN);
        let notes = STEPS[..steps].iter().map(|step| Notes {
            step: *step,
            totals: VecDeque::new(),
        });
        Self {
            started: started.second(),
            open: started.second(),
            unwatched: Duration::ZERO,
            collecting: Counts::default(),
            total: Counts::default(),
            notes: notes.collect(),
        }
    }

    /// Counts a probe in the second that is open.
    pub fn count(&mut self, is_good: bool) {
        self.collecting += Counts {
            events: 1,
            bad: u64::from(!is_good),
        };
    }

    /// Counts a second of probes at once.
    pub fn add(&mut self, counts: Counts) {
        self.collecting += counts;
    }

    /// Closes every second that has ended by `now`, however long ago, at the cost of the notes at most.
    pub fn rotate(&mut self, now: Timestamp) {
        let target = now.second();
        if target <= self.open {
            return;
        }
        self.total += std::mem::take(&mut self.collecting);
        for notes in &mut self.notes {
            let ended = target / notes.step - self.open / notes.step;
            for _ in 0..ended.min(KEPT as u64) {
                if notes.totals.len() == KEPT {
                    notes.totals.pop_front();
                }
                notes.totals.push_back(self.total);
            }
        }
        self.open = target;
    }

    /// How much was watched and is closed.
    pub fn watched(&self) -> Duration {
        Duration::from_secs(self.open - self.started).saturating_sub(self.unwatched)
    }

    /// Nobody watched for so long.
    pub fn pause(&mut self, length: Duration) {
        self.unwatched += length;
    }

    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        let bytes = |notes: &Notes| size_of::<Notes>() + notes.totals.len() * size_of::<Counts>();
        self.notes.iter().map(bytes).sum()
    }

    /// The counts of the newest closed `length`, or of all that was watched.
    pub fn sum(&self, length: Duration) -> Counts {
        self.total - self.total_before(self.open.saturating_sub(length.as_secs()))
    }

    /// The counts of the newest `count` steps, oldest first, fewer in a young run; steps are whole multiples of
    /// `step` seconds on the clock, and the last one holds what is closed of it.
    pub fn course(&self, step: Duration, count: usize) -> Vec<Counts> {
        let step = step.as_secs().max(1);
        let begun = self.open.div_ceil(step);
        let first = begun.saturating_sub(count as u64).max(self.started / step);
        let mut before = self.total_before(first * step);
        let mut course = Vec::with_capacity((begun - first) as usize);
        for number in first..begun {
            let end = (number + 1) * step;
            let after = if end < self.open {
                self.total_before(end)
            } else {
                self.total
            };
            course.push(after - before);
            before = after;
        }
        course
    }

    /// The running total at the first note that is not before `second`.
    fn total_before(&self, second: u64) -> Counts {
        if second <= self.started {
            return Counts::default();
        }
        let length = self.open.saturating_sub(second);
        let reaching = self.notes.iter().find(|notes| reach(notes.step) >= length);
        let Some(notes) = reaching.or(self.notes.last()) else {
            return Counts::default();
        };
        let back = (self.open / notes.step).saturating_sub(second.div_ceil(notes.step));
        let at = notes.totals.len().checked_sub(1 + back as usize);
        at.map_or(Counts::default(), |at| notes.totals[at])
    }
}

/// How many seconds back the notes of a step are sure to reach.
const fn reach(step: u64) -> u64 {
    step * (KEPT as u64 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Counts by the second they fell into.
    type Seconds = Vec<(u64, Counts)>;

    fn brute(seconds: &Seconds, from: u64, to: u64) -> Counts {
        let mut sum = Counts::default();
        for (_, counts) in seconds.iter().filter(|(second, _)| (from..to).contains(second)) {
            sum += *counts;
        }
        sum
    }

    /// The second that a stretch begins with, by the module's own words.
    fn beginning(started: u64, open: u64, length: u64) -> u64 {
        let wanted = open.saturating_sub(length);
        if wanted <= started {
            return started;
        }
        let step = STEPS.into_iter().find(|step| reach(*step) >= length).unwrap();
        wanted.next_multiple_of(step)
    }

    proptest! {
        #[test]
        fn a_sum_is_what_counting_afresh_gives(
            started in 0_u64..100,
            turns in vec((0_u64..400, 0_u8..4, 0_u8..4), 1..200),
            lengths in vec(1_u64..20_000, 1..20),
        ) {
            let mut ledger = Ledger::new(Duration::from_secs(20_000), Timestamp::from_secs(started));
            let (mut seconds, mut now) = (Seconds::new(), started);
            for (pass, good, bad) in turns {
                (0..good).for_each(|_| ledger.count(true));
                (0..bad).for_each(|_| ledger.count(false));
                let counts = Counts { events: u64::from(good + bad), bad: u64::from(bad) };
                seconds.push((now, counts));
                now += pass;
                ledger.rotate(Timestamp::from_secs(now));
            }
            for length in lengths {
                let from = beginning(started, now, length);
                prop_assert_eq!(ledger.sum(Duration::from_secs(length)), brute(&seconds, from, now), "{}", length);
                prop_assert!(now - from <= length);
                prop_assert!(from == started || now - from + length / 17 >= length);
            }
        }

        #[test]
        fn a_course_adds_up_to_the_sum(
            turns in vec((1_u64..30, 0_u8..4, 0_u8..4), 1..200),
            step in prop::sample::select(vec![1_u64, 10, 60]),
        ) {
            let mut ledger = Ledger::new(Duration::from_secs(600), Timestamp::ZERO);
            let (mut seconds, mut now) = (Seconds::new(), 0);
            for (pass, good, bad) in turns {
                (0..good).for_each(|_| ledger.count(true));
                (0..bad).for_each(|_| ledger.count(false));
                seconds.push((now, Counts { events: u64::from(good + bad), bad: u64::from(bad) }));
                now += pass;
                ledger.rotate(Timestamp::from_secs(now));
            }
            let course = ledger.course(Duration::from_secs(step), 60);
            let begun = now.div_ceil(step);
            let first = begun.saturating_sub(60);
            let expected: Vec<_> = (first..begun)
                .map(|number| brute(&seconds, number * step, ((number + 1) * step).min(now)))
                .collect();
            prop_assert_eq!(course, expected);
        }
    }

    #[test]
    fn a_gap_of_years_costs_no_more_than_the_notes() {
        let mut ledger = Ledger::new(Duration::from_secs(3600), Timestamp::ZERO);
        ledger.count(false);
        ledger.rotate(Timestamp::from_secs(1));
        assert_eq!(ledger.sum(Duration::from_secs(3600)), Counts { events: 1, bad: 1 });
        ledger.rotate(Timestamp::from_secs(500_000_000));
        assert_eq!(ledger.sum(Duration::from_secs(3600)), Counts::default());
        assert_eq!(ledger.watched(), Duration::from_secs(500_000_000));
        ledger.rotate(Timestamp::from_secs(5));
        assert_eq!(
            ledger.watched(),
            Duration::from_secs(500_000_000),
            "time does not go back"
        );
    }

    #[test]
    fn what_is_not_closed_does_not_count_yet() {
        let mut ledger = Ledger::new(Duration::from_secs(600), Timestamp::from_secs(7));
        ledger.count(true);
        assert_eq!(ledger.sum(Duration::from_secs(600)), Counts::default());
        assert_eq!(ledger.course(Duration::from_secs(1), 10), []);
        ledger.rotate(Timestamp::from_secs(8));
        assert_eq!(ledger.sum(Duration::from_secs(600)), Counts { events: 1, bad: 0 });
    }
}
