//! Stretches of time in which nobody watched.

use std::collections::VecDeque;
use std::time::Duration;

use probetop_core::clock::Timestamp;

/// A gap is longer than five seconds, so that no more of them fit into the longest window but the run.
const KEPT: usize = 15 * 60 / 5;

/// Gaps in the order of time, none of which touches another.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps {
    newest: VecDeque<(Timestamp, Timestamp)>,
    /// All before those together.
    earlier: Duration,
}

impl Gaps {
    pub(super) fn add(&mut self, from: Timestamp, to: Timestamp) {
        if self.newest.len() == KEPT
            && let Some((from, to)) = self.newest.pop_front()
        {
            self.earlier += to.since(from);
        }
        self.newest.push_back((from, to));
    }

    /// How much of the time from `begin` to `end` nobody watched.
    pub(super) fn between(&self, begin: Timestamp, end: Timestamp) -> Duration {
        let overlap = |(from, to): &(Timestamp, Timestamp)| end.min(*to).since(begin.max(*from));
        self.newest.iter().rev().map(overlap).sum()
    }

    /// The same of all time up to `end`.
    pub(super) fn until(&self, end: Timestamp) -> Duration {
        self.earlier + self.between(Timestamp::ZERO, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_watched_is_the_overlap_with_the_gaps() {
        let at = Timestamp::from_secs;
        let mut gaps = Gaps::default();
        gaps.add(at(10), at(20));
        gaps.add(at(50), at(60));
        let check = |from, to, expected| assert_eq!(gaps.between(at(from), at(to)), Duration::from_secs(expected));
        check(0, 100, 20);
        check(0, 10, 0);
        check(15, 55, 10);
        check(12, 14, 2);
        check(20, 50, 0);
        for number in 2..1000 {
            gaps.add(at(number * 100), at(number * 100 + 6));
        }
        assert_eq!(gaps.until(at(1_000_000)), Duration::from_secs(20 + 998 * 6));
        assert_eq!(gaps.newest.len(), KEPT);
    }
}
