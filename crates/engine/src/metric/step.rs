//! The resolutions that history is kept in.

use std::time::Duration;

use probetop_core::clock::Timestamp;

/// What one point of a time axis stands for. Steps are aligned to the clock's origin, so that all series share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Second,
    TenSeconds,
    Minute,
}

impl Step {
    /// The longest step that is not longer than `duration`, or a second.
    pub const fn at_most(duration: Duration) -> Self {
        match duration.as_secs() {
            0..10 => Self::Second,
            10..60 => Self::TenSeconds,
            60.. => Self::Minute,
        }
    }

    pub const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::TenSeconds => 10,
            Self::Minute => 60,
        }
    }

    /// How many steps are kept: two minutes, a quarter of an hour, an hour.
    pub const fn kept(self) -> usize {
        match self {
            Self::Second => 120,
            Self::TenSeconds => 90,
            Self::Minute => 60,
        }
    }

    /// The finest step of which so many are kept that they reach back for `seconds`, or the coarsest.
    pub fn reaching(seconds: u64) -> Self {
        let reaches = |step: &Self| step.seconds() * step.kept() as u64 >= seconds;
        [Self::Second, Self::TenSeconds]
            .into_iter()
            .find(reaches)
            .unwrap_or(Self::Minute)
    }

    /// Number of the newest step that has anything closed in it at `now`, counted from the clock's origin: where the
    /// points of every series end. `None` within the very first second.
    pub const fn newest(self, now: Timestamp) -> Option<u64> {
        match now.second().checked_sub(1) {
            Some(second) => Some(second / self.seconds()),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_newest_from_the_close_of_its_first_second_on() {
        let check = |step: Step, millis, expected| assert_eq!(step.newest(Timestamp::from_millis(millis)), expected);
        check(Step::Second, 999, None);
        check(Step::Second, 1000, Some(0));
        check(Step::TenSeconds, 1000, Some(0));
        check(Step::TenSeconds, 10_999, Some(0));
        check(Step::TenSeconds, 11_000, Some(1));
        check(Step::Minute, 60_000, Some(0));
        check(Step::Minute, 61_000, Some(1));
    }

    #[test]
    fn the_finest_step_that_reaches_is_taken() {
        let check = |seconds, expected| assert_eq!(Step::reaching(seconds), expected);
        check(0, Step::Second);
        check(120, Step::Second);
        check(121, Step::TenSeconds);
        check(900, Step::TenSeconds);
        check(901, Step::Minute);
        check(100_000, Step::Minute);
    }

    #[test]
    fn a_duration_gives_the_step_it_has_room_for() {
        let check = |seconds, expected| assert_eq!(Step::at_most(Duration::from_secs(seconds)), expected);
        check(0, Step::Second);
        check(1, Step::Second);
        check(10, Step::TenSeconds);
        check(59, Step::TenSeconds);
        check(60, Step::Minute);
        check(3600, Step::Minute);
    }
}
