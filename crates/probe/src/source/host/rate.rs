//! Rates from counters that only grow, until they wrap or are reset.

use std::time::Duration;

use probetop_core::clock::Timestamp;

/// Growth per second. `None` when the counter went backwards (it wrapped, or what it counts was made anew), or when no
/// time passed.
pub(in crate::source) fn per_second(before: u64, after: u64, elapsed: Duration) -> Option<f64> {
    let growth = after.checked_sub(before)?;
    (!elapsed.is_zero()).then(|| growth as f64 / elapsed.as_secs_f64())
}

/// The counters of the reading before, with the time they were taken.
#[derive(Debug)]
pub(in crate::source) struct Previous<T>(Option<(Timestamp, T)>);

impl<T> Default for Previous<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Previous<T> {
    /// Puts `counters` in the place of those before, and applies `rates` to (before, after, elapsed). `None` the first
    /// time.
    pub(in crate::source) fn compare<R>(
        &mut self,
        now: Timestamp,
        counters: T,
        rates: impl FnOnce(&T, &T, Duration) -> R,
    ) -> Option<R> {
        let result = self
            .0
            .as_ref()
            .map(|(at, before)| rates(before, &counters, now.since(*at)));
        self.0 = Some((now, counters));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_goes_backwards_has_no_rate() {
        let check = |before, after, millis, expected| {
            assert_eq!(per_second(before, after, Duration::from_millis(millis)), expected);
        };
        check(100, 300, 1000, Some(200.0));
        check(100, 300, 500, Some(400.0));
        check(100, 100, 1000, Some(0.0));
        check(300, 100, 1000, None);
        check(u32::MAX as u64, 5, 1000, None);
        check(100, 300, 0, None);
    }

    #[test]
    fn the_first_reading_compares_with_nothing() {
        let mut previous = Previous::default();
        assert_eq!(previous.compare(Timestamp::from_secs(1), 5, |_, _, _| ()), None);
        let seen = previous.compare(Timestamp::from_secs(3), 9, |before, after, elapsed| {
            (*before, *after, elapsed)
        });
        assert_eq!(seen, Some((5, 9, Duration::from_secs(2))));
    }
}
