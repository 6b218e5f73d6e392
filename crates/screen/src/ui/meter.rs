//! What the screen costs: bytes over the line, and how long the line takes for a frame. Pure; takes each [`Flush`], gives
//! a [`Reading`] that changes seldom, because it stands on the screen it measures.

use std::time::Duration;

use probetop_core::clock::Timestamp;

/// A frame that the terminal has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flush {
    pub bytes: u64,
    /// When the writer was given it.
    pub began: Timestamp,
    /// When the last byte was taken.
    pub ended: Timestamp,
}

impl Flush {
    pub fn took(&self) -> Duration {
        self.ended.since(self.began)
    }
}

/// The cost over the last [`SECONDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub bytes_per_s: u64,
    /// Of the slowest frame; `None`: there was none.
    pub flush: Option<Duration>,
}

/// How far back a reading looks.
const SECONDS: u64 = 10;

/// What is shown stays while the truth is within an eighth of it, and a flush, which varies more, within a half.
const RATE_TOLERANCE: u64 = 8;
const FLUSH_TOLERANCE: u64 = 2;

/// What was taken in one second.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    number: u64,
    bytes: u64,
    slowest: Option<Duration>,
}

#[derive(Clone, Debug)]
pub struct Meter {
    since: Timestamp,
    /// A ring by the number of the second.
    seconds: [Second; SECONDS as usize],
    shown: Reading,
}

impl Meter {
    pub fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            seconds: Default::default(),
            shown: Reading::default(),
        }
    }

    pub fn note(&mut self, flush: Flush) {
        let number = flush.ended.second();
        let second = &mut self.seconds[(number % SECONDS) as usize];
        if second.number != number {
            *second = Second {
                number,
                ..Second::default()
            };
        }
        second.bytes = second.bytes.saturating_add(flush.bytes);
        second.slowest = second.slowest.max(Some(flush.took()));
    }

    /// The reading of now, or the one before where that is still about right.
    pub fn reading(&mut self, now: Timestamp) -> Reading {
        let measured = self.measured(now);
        if differs(self.shown.bytes_per_s, measured.bytes_per_s, RATE_TOLERANCE) {
            self.shown.bytes_per_s = measured.bytes_per_s;
        }
        let is_off = match (self.shown.flush, measured.flush) {
            (Some(shown), Some(measured)) => differs(micros(shown), micros(measured), FLUSH_TOLERANCE),
            (shown, measured) => shown != measured,
        };
        if is_off {
            self.shown.flush = measured.flush;
        }
        self.shown
    }

    fn measured(&self, now: Timestamp) -> Reading {
        let recent = self
            .seconds
            .iter()
            .filter(|second| second.bytes > 0 && second.number.saturating_add(SECONDS) > now.second());
        let passed = now.second().saturating_sub(self.since.second()) + 1;
        let bytes = recent
            .clone()
            .fold(0, |bytes: u64, second| bytes.saturating_add(second.bytes));
        Reading {
            bytes_per_s: bytes / passed.min(SECONDS),
            flush: recent.filter_map(|second| second.slowest).max(),
        }
    }
}

/// Whether the two are further apart than one part in `tolerance`.
fn differs(shown: u64, measured: u64, tolerance: u64) -> bool {
    shown.abs_diff(measured) > shown / tolerance
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::Clock;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn flush(clock: &Clock, bytes: u64, took: Duration) -> Flush {
        Flush {
            bytes,
            began: clock.now() - took,
            ended: clock.now(),
        }
    }

    /// A frame a second of each size; the readings after each.
    fn readings(sizes: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let mut meter = Meter::new(clock.now());
        let read = |bytes| {
            meter.note(flush(&clock, bytes, Duration::from_micros(200)));
            let reading = meter.reading(clock.now());
            clock.advance(SECOND);
            reading.bytes_per_s
        };
        sizes.into_iter().map(read).collect()
    }

    #[test]
    fn a_rate_is_the_mean_of_the_last_ten_seconds() {
        let check = |sizes: &[u64], expected| assert_eq!(readings(sizes.to_vec()).last(), Some(&expected), "{sizes:?}");
        check(&[1000], 1000);
        check(&[4000, 0], 2000);
        check(&[500; 30], 500);
        check(&[&[100_000][..], &[500; 10]].concat(), 500);
        check(&[u64::MAX, u64::MAX], u64::MAX / 2);
    }

    #[test]
    fn a_rate_about_the_same_stands_still() {
        let sizes = (0..300).map(|second| 900 + (second * 37) % 180);
        let mut shown = readings(sizes);
        shown.dedup();
        assert!(shown.len() <= 2, "{shown:?}");
    }

    #[test]
    fn the_slowest_flush_is_told_for_ten_seconds() {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let mut meter = Meter::new(clock.now());
        let mut check = |passed: u64, took: Option<u64>, expected: Option<u64>| {
            clock.advance(SECOND * u32::try_from(passed).unwrap());
            if let Some(took) = took {
                meter.note(flush(&clock, 10, Duration::from_millis(took)));
            }
            let expected = expected.map(Duration::from_millis);
            assert_eq!(meter.reading(clock.now()).flush, expected);
        };
        check(0, None, None);
        check(20, Some(2), Some(2));
        check(1, Some(80), Some(80));
        check(8, Some(2), Some(80));
        check(2, Some(3), Some(3));
        check(1, Some(4), Some(3));
        check(30, None, None);
    }
}
