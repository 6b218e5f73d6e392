//! What load is asked for: how many users or requests a second, over which stages, and when each of them is due.
//!
//! Pure: every instant follows from the profile alone, to the nanosecond, as a distance from the start of the run. Workers
//! that share a run never ask each other: each works out its own part of the one timetable.

mod amount;
mod arrivals;
mod notation;
mod users;

use std::time::Duration;

pub use amount::Amount;
pub use arrivals::{Arrivals, Due};
pub use notation::{ProfileError, Shape, Unit, stage_length};
pub use users::{Span, Users};

/// A stage may not take longer: the arithmetic of due times is exact up to here.
pub const STAGE_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Stages of one run: each keeps its own distributions, some 100 KB.
pub const STAGES_LIMIT: usize = 64;

/// Users of one run: each has a connection, and no machine has more ports to one peer.
pub const USERS_LIMIT: u64 = 50_000;

/// Requests a second of one run: some thirty times what a core can send.
pub const RATE_LIMIT: u64 = 1_000_000;

/// What a run puts on its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub model: Model,
    /// One after the other, at least one.
    pub stages: Vec<Stage>,
}

/// Who decides when the next request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// The timetable, whether or not earlier requests have been answered: as many strangers do.
    Open,
    /// Users, each of whom waits for the answer before asking again.
    Closed(Pause),
}

/// What a user does between two requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pause {
    /// Asks again at once.
    #[default]
    None,
    /// Thinks for so long after each answer.
    Think(Duration),
    /// Asks once in so long; at once where the answer took longer than that.
    Pacing(Duration),
}

/// A stretch of a run, over which the level goes from one amount to another in a straight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    pub length: Duration,
    pub from: Amount,
    pub to: Amount,
    pub purpose: StagePurpose,
}

/// Whether what a stage measures counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StagePurpose {
    #[default]
    Measure,
    /// Connections are opened and caches filled: told apart, and part of no total.
    WarmUp,
}

impl Stage {
    /// The level so far into the stage.
    pub fn level_at(&self, after: Duration) -> Amount {
        let (length, after) = (self.length.as_nanos(), after.min(self.length).as_nanos());
        if length == 0 {
            return self.to;
        }
        let (from, to) = (i128::from(self.from.thousandths()), i128::from(self.to.thousandths()));
        let gone = (to - from) * after as i128 / length as i128;
        Amount::from_thousandths(u64::try_from(from + gone).unwrap_or(0))
    }

    pub fn is_ramp(&self) -> bool {
        self.from != self.to
    }

    /// The most there is of it.
    pub fn peak(&self) -> Amount {
        self.from.max(self.to)
    }
}

impl Profile {
    /// One level from beginning to end, or a straight line.
    pub fn steady(model: Model, from: Amount, to: Amount, length: Duration) -> Self {
        let stage = Stage {
            length,
            from,
            to,
            purpose: StagePurpose::Measure,
        };
        Self {
            model,
            stages: vec![stage],
        }
    }

    /// The same behind a stage at the level at which it begins, or at which its first ramp ends where that is none.
    #[must_use]
    pub fn warmed_up(mut self, length: Duration) -> Self {
        let level = self.stages.first().map_or(Amount::ZERO, |first| match first.from {
            Amount::ZERO => first.to,
            from => from,
        });
        let warm_up = Stage {
            length,
            from: level,
            to: level,
            purpose: StagePurpose::WarmUp,
        };
        self.stages.insert(0, warm_up);
        self
    }

    pub fn length(&self) -> Duration {
        self.stages.iter().map(|stage| stage.length).sum()
    }

    /// When each stage begins.
    pub fn starts(&self) -> impl Iterator<Item = (Duration, &Stage)> {
        let mut end = Duration::ZERO;
        self.stages.iter().map(move |stage| {
            let start = end;
            end += stage.length;
            (start, stage)
        })
    }

    /// Which stage it is so long after the start, and how long that one has been going on. The last one does not end.
    pub fn stage_at(&self, after: Duration) -> (usize, Duration) {
        let begun = self.starts().enumerate().take_while(|(_, (start, _))| *start <= after);
        let last = begun.last();
        last.map_or((0, after), |(stage, (start, _))| (stage, after - start))
    }

    /// The most users, or requests a second, there are at any time.
    pub fn peak(&self) -> Amount {
        self.stages.iter().map(Stage::peak).max().unwrap_or_default()
    }

    /// Requests that are due; `None` where the answers decide how many there are.
    pub fn sends(&self) -> Option<u64> {
        match self.model {
            Model::Open => Some(Arrivals::of(&self.stages).count()),
            Model::Closed(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_goes_in_a_straight_line_and_stays_where_it_ends() {
        let stage = Stage {
            length: Duration::from_secs(30),
            from: Amount::whole(20),
            to: Amount::whole(5),
            purpose: StagePurpose::Measure,
        };
        let check = |seconds, expected| {
            let level = stage.level_at(Duration::from_secs(seconds));
            assert_eq!(level, Amount::from_thousandths(expected), "{seconds}");
        };
        check(0, 20_000);
        check(10, 15_000);
        check(20, 10_000);
        check(30, 5_000);
        check(99, 5_000);
    }

    #[test]
    fn a_warm_up_comes_first_at_the_level_of_what_follows() {
        let check = |from, to, expected| {
            let profile = Profile::steady(
                Model::Open,
                Amount::whole(from),
                Amount::whole(to),
                Duration::from_secs(10),
            );
            let warmed = profile.warmed_up(Duration::from_secs(3));
            let first = warmed.stages[0];
            assert_eq!(
                (first.from, first.to),
                (Amount::whole(expected), Amount::whole(expected))
            );
            assert_eq!(first.purpose, StagePurpose::WarmUp);
            assert_eq!(warmed.length(), Duration::from_secs(13));
            assert_eq!(warmed.stage_at(Duration::from_secs(3)), (1, Duration::ZERO));
            assert_eq!(warmed.stage_at(Duration::from_secs(20)), (1, Duration::from_secs(17)));
        };
        check(100, 5000, 100);
        check(0, 50, 50);
    }
}
