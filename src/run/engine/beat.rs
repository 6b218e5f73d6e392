//! The engine's own timetable: when it takes what was measured, when it shows that, and when a second ends.
//!
//! Figures over windows change when a second ends. What a target answered last is there as soon as it is taken, and half
//! a second is as long as a screen may keep it back (a median of 250 ms). Twice a second is also as often as that is worth
//! the bytes: what did not change costs none.

use std::time::Duration;

use probetop_core::clock::Timestamp;

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Inputs are taken from the queue this often, so that it may be short.
const DRAIN_INTERVAL: Duration = Duration::from_millis(250);

/// How often a screen sees what was taken.
const SHOW_INTERVAL: Duration = Duration::from_millis(500);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Drain,
    /// What was taken is to be shown, before its second has ended.
    Show,
    /// A second has ended.
    Tick,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    tick: Timestamp,
    show: Timestamp,
}

impl Beat {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            tick: next_multiple(SECOND, now),
            show: next_multiple(SHOW_INTERVAL, now),
        }
    }

    /// When something is to be done next.
    pub(super) fn next(&self, now: Timestamp) -> Timestamp {
        next_multiple(DRAIN_INTERVAL, now).min(self.tick)
    }

    /// What that is, once it is `now`. What was missed is not made up for.
    pub(super) fn due(&mut self, now: Timestamp) -> Due {
        let due = match () {
            () if now >= self.tick => Due::Tick,
            () if now >= self.show => Due::Show,
            () => Due::Drain,
        };
        match due {
            Due::Tick => *self = Self::new(now),
            Due::Show => self.show = next_multiple(SHOW_INTERVAL, now),
            Due::Drain => {}
        }
        due
    }
}

/// The first multiple of `step` on the clock that is later than `now`.
fn next_multiple(step: Duration, now: Timestamp) -> Timestamp {
    let step = step.as_nanos() as u64;
    Timestamp::from_nanos((now.as_nanos() / step + 1) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is due in the first `length` when it is done at once.
    fn course(length: Duration) -> Vec<(Timestamp, Due)> {
        let mut now = Timestamp::ZERO;
        let mut beat = Beat::new(now);
        let mut seen = Vec::new();
        loop {
            now = beat.next(now);
            if now > Timestamp::ZERO + length {
                return seen;
            }
            seen.push((now, beat.due(now)));
        }
    }

    #[test]
    fn a_second_has_one_end_and_one_look_in_between() {
        let seen = course(Duration::from_secs(2));
        let dues: Vec<_> = seen.iter().map(|(_, due)| *due).collect();
        let second = [Due::Drain, Due::Show, Due::Drain, Due::Tick];
        assert_eq!(dues, [second, second].concat());
    }

    #[test]
    fn a_sample_waits_for_half_a_second_at_most_and_for_a_quarter_at_the_median() {
        let shown: Vec<_> = course(Duration::from_secs(2))
            .into_iter()
            .filter(|(_, due)| *due != Due::Drain)
            .collect();
        let wait = |ended_ms: u64| {
            let ended = Timestamp::from_millis(ended_ms);
            let (at, _) = shown.iter().find(|(at, _)| *at > ended).expect("it is shown at last");
            at.since(ended)
        };
        let mut waits: Vec<_> = (0..1000).map(wait).collect();
        waits.sort();
        assert!(waits[499] <= Duration::from_millis(250), "{:?}", waits[499]);
        assert!(waits[999] <= Duration::from_millis(500), "{:?}", waits[999]);
    }

    #[test]
    fn what_was_slept_through_is_one_tick() {
        let mut beat = Beat::new(Timestamp::ZERO);
        assert_eq!(beat.due(Timestamp::from_millis(7_300)), Due::Tick);
        assert_eq!(beat.next(Timestamp::from_millis(7_300)), Timestamp::from_millis(7_500));
        assert_eq!(beat.due(Timestamp::from_millis(7_500)), Due::Show);
        assert_eq!(beat.due(Timestamp::from_millis(8_000)), Due::Tick);
    }
}
