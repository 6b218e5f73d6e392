//! What the answer before told, for kinds whose peers count and do not say how fast: takes one reading after the
//! other, gives the two to compare.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use probetop_core::clock::Timestamp;

/// The newest reading so far. Probes of a target that run at the same time share it.
#[derive(Debug)]
pub struct Earlier<T>(Mutex<Option<(Timestamp, T)>>);

impl<T> Default for Earlier<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Earlier<T> {
    /// Applies `compare` to (before, after, elapsed) and keeps `after`. `None` the first time, and for a reading that is
    /// not newer than the one kept, because a slower probe started before it: that one is dropped.
    pub fn compare<R>(&self, now: Timestamp, after: T, compare: impl FnOnce(&T, &T, Duration) -> R) -> Option<R> {
        // A panic elsewhere leaves a reading that was whole when it was put here.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let result = match kept.as_ref() {
            Some((at, _)) if *at >= now => return None,
            Some((at, before)) => Some(compare(before, &after, now.since(*at))),
            None => None,
        };
        *kept = Some((now, after));
        result
    }
}

/// Growth per second of a counter; `None` when it went backwards (it was reset), when no time passed, or when either
/// is no finite number.
pub fn per_second(before: f64, after: f64, elapsed: Duration) -> Option<f64> {
    let rate = (after - before) / elapsed.as_secs_f64();
    (rate.is_finite() && rate >= 0.0).then_some(rate)
}

/// Readings that are farther back count for no share.
const SHARE_WINDOW: Duration = Duration::from_secs(300);

/// What share of events went well, by two counters. It is taken over the shortest time up to now that holds enough of them:
/// one missed read of one is chance, not a hit ratio of nothing.
#[derive(Clone, Debug, Default)]
pub struct Share(VecDeque<(Timestamp, f64, f64)>);

impl Share {
    /// Takes what both counters say now. `None` while the last five minutes hold fewer than `least` events.
    pub fn read(&mut self, now: Timestamp, (good, bad): (f64, f64), least: f64) -> Option<f64> {
        let Self(readings) = self;
        if readings.back().is_some_and(|(_, before, _)| good < *before)
            || readings.back().is_some_and(|(_, _, before)| bad < *before)
        {
            // The counters began anew.
            readings.clear();
        }
        while readings.front().is_some_and(|(at, _, _)| now.since(*at) > SHARE_WINDOW) {
            readings.pop_front();
        }
        let since = |(_, before_good, before_bad): &(Timestamp, f64, f64)| (good - before_good, bad - before_bad);
        let mut newest_first = readings.iter().rev().map(since);
        let enough = newest_first.find(|(good, bad)| good + bad >= least);
        readings.push_back((now, good, bad));
        enough.map(|(good, bad)| good / (good + bad))
    }

    /// The counters are others from now on.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_taken_over_as_many_readings_as_hold_enough_events() {
        let check = |readings: &[(u64, f64, f64)], expected: &[Option<f64>]| {
            let mut share = Share::default();
            let shares: Vec<_> = readings
                .iter()
                .map(|(at, good, bad)| share.read(Timestamp::from_secs(*at), (*good, *bad), 100.0))
                .collect();
            assert_eq!(shares, expected, "{readings:?}");
        };
        let busy = [(10, 1000.0, 0.0), (20, 1090.0, 10.0), (30, 1490.0, 110.0)];
        check(&busy, &[None, Some(0.9), Some(0.8)]);
        let quiet = [(10, 0.0, 0.0), (20, 40.0, 10.0), (30, 80.0, 20.0), (40, 80.0, 21.0)];
        check(&quiet, &[None, None, Some(0.8), Some(80.0 / 101.0)]);
        check(&[(10, 0.0, 0.0), (20, 0.0, 1.0), (30, 0.0, 2.0)], &[None; 3]);
        check(&[(10, 0.0, 0.0), (311, 80.0, 20.0)], &[None, None]);
        check(
            &[(10, 500.0, 0.0), (20, 100.0, 100.0), (30, 200.0, 100.0)],
            &[None, None, Some(1.0)],
        );
    }

    #[test]
    fn a_counter_that_goes_backwards_has_no_rate() {
        let check = |before, after, millis, expected| {
            assert_eq!(per_second(before, after, Duration::from_millis(millis)), expected);
        };
        check(100.0, 300.0, 500, Some(400.0));
        check(100.0, 100.0, 1000, Some(0.0));
        check(300.0, 100.0, 1000, None);
        check(100.0, 300.0, 0, None);
        check(100.0, 100.0, 0, None);
        check(f64::NAN, 1.0, 1000, None);
        check(0.0, f64::INFINITY, 1000, None);
    }

    #[test]
    fn readings_are_compared_in_the_order_of_time() {
        let earlier = Earlier::default();
        let seen = |at, value| {
            let at = Timestamp::from_secs(at);
            earlier.compare(at, value, |before, after, elapsed| (*before, *after, elapsed.as_secs()))
        };
        assert_eq!(seen(1, 5), None);
        assert_eq!(seen(3, 9), Some((5, 9, 2)));
        assert_eq!(seen(2, 7), None, "a late answer of an older probe");
        assert_eq!(seen(4, 10), Some((9, 10, 1)));
    }
}
