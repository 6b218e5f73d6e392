//! How many queries were slow, from what `pg_stat_statements` keeps of each statement: the number of its calls, their sum, their
//! spread and the longest of them.
//!
//! It keeps no single call, so that what is counted are those that must have been slow: a number that is never too large.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use probetop_core::clock::Timestamp;

/// What slow queries are counted over.
const HOUR: Duration = Duration::from_secs(3600);

/// A rate is taken over this much at least: one slow query in the first ten seconds is not 360 an hour.
const RATE_WINDOW_MIN: Duration = Duration::from_secs(600);

/// Differences of sums that are so much smaller than the sums may be rounding.
const ROUNDING: f64 = 1e-10;

/// All calls of a statement since its statistics began, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Calls {
    pub count: f64,
    pub total_ms: f64,
    /// The sum of the squares.
    pub squares: f64,
    pub longest_ms: f64,
}

impl Calls {
    /// Mean time of the calls since `before`; `None` without any, or after a reset.
    pub(super) fn mean_ms_since(self, before: Self) -> Option<f64> {
        let (count, total_ms) = (self.count - before.count, self.total_ms - before.total_ms);
        (count > 0.0 && total_ms >= 0.0).then(|| total_ms / count)
    }

    /// How many calls since `before` took longer than `limit_ms`, at least.
    ///
    /// With n calls x of mean m and variance v, none longer than L, and k of them beyond the limit l:
    /// - the sum of x(x - l) is negative for each of the others and at most L(L - l) for each of the k, so that
    ///   k >= sum x(x - l) / (L(L - l));
    /// - where m > l, at most n v / (v + (m - l)²) lie at or below l (Cantelli's inequality, which holds for any finite
    ///   set), and the rest are k;
    /// - where the longest ever is longer than it was, and beyond l, k >= 1.
    pub(super) fn slow_since(self, before: Self, limit_ms: f64) -> f64 {
        let count = self.count - before.count;
        if count <= 0.0 || self.longest_ms <= limit_ms {
            return 0.0;
        }
        let (total, squares) = (self.total_ms - before.total_ms, self.squares - before.squares);
        let (mean, square_mean) = (total / count, squares / count);
        let noise = ROUNDING * (self.squares + limit_ms * self.total_ms);
        let beyond = squares - limit_ms * total;
        let by_squares = if beyond > noise {
            beyond / (self.longest_ms * (self.longest_ms - limit_ms))
        } else {
            0.0
        };
        let by_mean = if mean > limit_ms {
            let variance = (square_mean - mean * mean).max(0.0);
            let distance = (mean - limit_ms).powi(2);
            count * distance / (variance + distance)
        } else {
            0.0
        };
        let is_new_longest = self.longest_ms > before.longest_ms;
        let least = if is_new_longest { 1.0 } else { 0.0 };
        let slow = by_squares.max(by_mean);
        // A whole number that came out a trifle too large is that number.
        (slow - 1e-6).ceil().max(least).min(count)
    }
}

/// The statements of one server, reading by reading.
#[derive(Debug, Default)]
pub(super) struct Statements {
    /// By an id of their own; those of the reading before.
    before: Option<BTreeMap<String, Calls>>,
    since: Timestamp,
    slow: VecDeque<(Timestamp, f64)>,
}

impl Statements {
    /// Takes the statements that were ever slow, `is_all` of them, and gives the slow queries an hour.
    pub(super) fn take(
        &mut self,
        statements: BTreeMap<String, Calls>,
        is_all: bool,
        limit_ms: f64,
        now: Timestamp,
    ) -> f64 {
        let count = match &self.before {
            Some(before) => statements.iter().map(|(id, after)| {
                match before.get(id) {
                    // Without a reset between.
                    Some(before) if after.count >= before.count => after.slow_since(*before, limit_ms),
                    Some(_) => after.slow_since(Calls::default(), limit_ms),
                    // Until now none of its calls was slow, unless it fell off the list.
                    None if is_all => after.slow_since(Calls::default(), limit_ms),
                    None => 0.0,
                }
            }),
            None => {
                self.since = now;
                self.before = Some(statements);
                return 0.0;
            }
        }
        .sum();
        self.before = Some(statements);
        self.slow.push_back((now, count));
        while self.slow.front().is_some_and(|(at, _)| now.since(*at) >= HOUR) {
            self.slow.pop_front();
        }
        let watched = now.since(self.since).clamp(RATE_WINDOW_MIN, HOUR);
        let slow: f64 = self.slow.iter().map(|(_, count)| count).sum();
        slow * HOUR.as_secs_f64() / watched.as_secs_f64()
    }

    /// They cannot be read any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT_MS: f64 = 500.0;

    fn of(calls: &[f64]) -> Calls {
        Calls {
            count: calls.len() as f64,
            total_ms: calls.iter().sum(),
            squares: calls.iter().map(|call| call * call).sum(),
            longest_ms: calls.iter().copied().fold(0.0, f64::max),
        }
    }

    fn check(before: &[f64], since: &[f64], expected: f64) {
        let after = of(&[before, since].concat());
        assert_eq!(after.slow_since(of(before), LIMIT_MS), expected, "{before:?} {since:?}");
    }

    #[test]
    fn single_calls_are_told_apart_where_that_can_be() {
        check(&[], &[600.0], 1.0);
        check(&[], &[500.0], 0.0);
        // One slow call among many fast ones, which a mean would hide, and one that a mean would make a hundred of.
        check(&[], &[[1.0; 99].as_slice(), &[2000.0]].concat(), 1.0);
        check(&[], &[[1.0; 99].as_slice(), &[60_000.0]].concat(), 1.0);
        check(&[], &[600.0; 40], 40.0);
        check(&[], &[[1.0; 60].as_slice(), &[2000.0; 40]].concat(), 40.0);
        // What was slow long ago counts no more.
        check(&[60_000.0, 700.0], &[1.0, 2.0, 3.0], 0.0);
        check(&[60_000.0], &[600.0; 10], 10.0);
    }

    proptest! {
        #[test]
        fn never_more_are_told_than_there_were(
            before in proptest::collection::vec(0.01_f64..5000.0, 0..50),
            since in proptest::collection::vec(0.01_f64..5000.0, 0..50),
        ) {
            let told = of(&[before.clone(), since.clone()].concat()).slow_since(of(&before), LIMIT_MS);
            let truth = since.iter().filter(|call| **call > LIMIT_MS).count() as f64;
            prop_assert!(told <= truth, "{told} of {truth}");
        }
    }

    #[test]
    fn slow_queries_are_a_rate_over_what_was_watched() {
        let mut statements = Statements::default();
        let mut read = |second: u64, list: &[(&str, &[f64])]| {
            let list = list.iter().map(|(id, calls)| (id.to_string(), of(calls)));
            statements.take(list.collect(), true, LIMIT_MS, Timestamp::from_secs(second))
        };
        let old: &[f64] = &[900.0; 90];
        assert_eq!(read(10, &[("a", old)]), 0.0, "what was before the first reading");
        let now = [old, &[1000.0, 1000.0]].concat();
        assert_eq!(read(20, &[("a", &now), ("b", &[600.0])]), 18.0, "three in ten minutes");
        assert_eq!(
            read(1810, &[("a", &now), ("b", &[600.0])]),
            6.0,
            "three in half an hour"
        );
        assert_eq!(read(3630, &[("a", &now), ("b", &[600.0])]), 0.0, "an hour later");
        assert_eq!(read(3640, &[("a", &[700.0])]), 1.0, "after a reset");
    }
}
