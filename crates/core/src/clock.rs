//! The only reader of time. Everything else is handed a [`Timestamp`].
//!
//! Durations come from the monotonic clock; the wall clock only labels what people and documents read.

use std::ops::{Add, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A point on the monotonic clock: nanoseconds since the [`Clock`] was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    pub const ZERO: Self = Self(0);

    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole seconds since the clock's origin, rounded down: the number of the second this lies in.
    pub const fn second(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// Time passed since `earlier`; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub const fn since_origin(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// The wall clock at this time, where it showed `origin` at [`Timestamp::ZERO`]. One beyond what the system can tell
    /// stands still at `origin`; one that was never set may stand before 1970, for which calendars here have no date.
    pub fn wall(self, origin: SystemTime) -> SystemTime {
        let wall = origin.checked_add(self.since_origin()).unwrap_or(origin);
        wall.max(SystemTime::UNIX_EPOCH)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }
}

/// As many as there are; more than five centuries are five centuries.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Hands out the time; cloned into every task that needs it.
#[derive(Clone, Debug)]
pub struct Clock {
    origin: Instant,
    wall_origin: SystemTime,
    manual: Option<Arc<AtomicU64>>,
}

#[allow(
    clippy::disallowed_methods,
    reason = "this file is where the ban on ambient clocks ends"
)]
impl Clock {
    pub fn system() -> Self {
        Self {
            origin: Instant::now(),
            wall_origin: SystemTime::now(),
            manual: None,
        }
    }

    /// A clock that stands still until [`Clock::advance`]; its wall time begins at `wall_origin`.
    pub fn manual(wall_origin: SystemTime) -> Self {
        Self {
            origin: Instant::now(),
            wall_origin,
            manual: Some(Arc::default()),
        }
    }

    /// Moves a manual clock forward; a system clock moves by itself and ignores this.
    pub fn advance(&self, by: Duration) {
        if let Some(manual) = &self.manual {
            manual.fetch_add(nanos(by), Ordering::Relaxed);
        }
    }

    pub fn now(&self) -> Timestamp {
        match &self.manual {
            Some(manual) => Timestamp(manual.load(Ordering::Relaxed)),
            None => Timestamp(nanos(self.origin.elapsed())),
        }
    }

    /// The wall clock as it stands now, jumps included.
    pub fn wall(&self) -> SystemTime {
        match &self.manual {
            Some(_) => self.now().wall(self.wall_origin),
            None => SystemTime::now(),
        }
    }

    /// The same point as the operating system's timers know it.
    pub fn instant(&self, at: Timestamp) -> Instant {
        self.origin + at.since_origin()
    }
}

/// For tests: returns once `is_so`, however slow the machine is.
///
/// # Panics
/// That never comes.
#[cfg(any(test, feature = "test-support"))]
#[track_caller]
#[allow(clippy::disallowed_methods, reason = "the patience of a test is by its own clock")]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::ZERO);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now(), Timestamp::from_millis(1500));
        assert_eq!(clock.now().second(), 1);
        assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH + Duration::from_millis(1500));
    }

    #[test]
    fn a_wall_clock_before_the_calendar_or_beyond_the_systems_time_stands_still() {
        let epoch = SystemTime::UNIX_EPOCH;
        let second = Duration::from_secs(1);
        assert_eq!(Timestamp::from_secs(1).wall(epoch), epoch + second);
        let before = epoch.checked_sub(60 * second).unwrap();
        assert_eq!(Timestamp::from_secs(59).wall(before), epoch);
        assert_eq!(Timestamp::from_secs(61).wall(before), epoch + second);
        let mut last = epoch;
        for bit in (0..64).rev() {
            last = last.checked_add(Duration::from_secs(1 << bit)).unwrap_or(last);
        }
        assert_eq!(
            Timestamp::from_secs(1).wall(last),
            last,
            "no system tells a later second"
        );
    }

    #[test]
    fn time_before_the_origin_is_the_origin() {
        assert_eq!(Timestamp::ZERO - Duration::from_secs(1), Timestamp::ZERO);
        assert_eq!(Timestamp::ZERO.since(Timestamp::from_secs(5)), Duration::ZERO);
        assert_eq!(Timestamp::from_secs(5) - Duration::MAX, Timestamp::ZERO);
    }
}
