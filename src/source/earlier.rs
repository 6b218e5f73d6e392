//! What the answer before told, for kinds whose peers count and do not say how fast: takes one reading after the
//! other, gives the two to compare.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

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

#[cfg(test)]
mod tests {
    use super::*;

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
