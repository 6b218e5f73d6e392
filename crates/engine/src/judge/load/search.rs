//! Searches the highest rate that holds: which rate is tried next, by what came of those before. Pure.
//!
//! The rate is doubled until one does not hold, or halved until one does; then the bracket of the two is cut in half until it
//! is narrow enough. A server that is near its limit holds a rate at one time and not at another: a rate is tried until
//! [`AGREEING`] trials agree.

use probetop_core::profile::{Amount, RATE_LIMIT};
use probetop_core::snapshot::load::{Found, SearchEnd, TrialOutcome};

/// Trials that must agree on a rate. Of three, two always do.
const AGREEING: usize = 2;

/// The bracket is narrow enough when its ends are this share apart.
const BRACKET_SHARE: f64 = 0.05;

/// A search that has come to no end by then will not: doubling and halving take some twenty steps each.
const TRIALS_LIMIT: usize = 150;

/// The lowest rate worth trying: one request a second.
const LOWEST: Amount = Amount::whole(1);

#[derive(Clone, Debug)]
pub struct Search {
    /// The highest that holds, and the lowest that does not.
    good: Option<Amount>,
    bad: Option<Amount>,
    current: Amount,
    /// What came of the trials at the current rate.
    held: usize,
    missed: usize,
    trials: usize,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Try(Amount),
    Done(Found),
}

impl Search {
    /// Begins with this rate.
    pub fn from(first: Amount) -> Self {
        Self {
            good: None,
            bad: None,
            current: first.clamp(LOWEST, Amount::whole(RATE_LIMIT)),
            held: 0,
            missed: 0,
            trials: 0,
        }
    }

    /// What is tried first.
    pub const fn first(&self) -> Amount {
        self.current
    }

    /// What follows from a trial at the rate that was to be tried.
    pub fn tried(&mut self, outcome: TrialOutcome) -> Step {
        self.trials += 1;
        match outcome {
            // More would say less still.
            TrialOutcome::Inconclusive => return self.done(SearchEnd::GeneratorLimit),
            TrialOutcome::Held => self.held += 1,
            TrialOutcome::Missed => self.missed += 1,
        }
        if self.trials >= TRIALS_LIMIT {
            return self.done(SearchEnd::TooLong);
        }
        if self.held < AGREEING && self.missed < AGREEING {
            return Step::Try(self.current);
        }
        if self.held >= AGREEING {
            self.good = Some(self.current);
        } else {
            self.bad = Some(self.current);
        }
        (self.held, self.missed) = (0, 0);
        match (self.good, self.bad) {
            (Some(good), Some(bad)) if is_narrow(good, bad) => self.done(SearchEnd::Bracketed),
            (Some(good), Some(bad)) => self.go(middle(good, bad)),
            (Some(good), None) if good >= Amount::whole(RATE_LIMIT) => self.done(SearchEnd::Highest),
            (Some(good), None) => self.go(doubled(good)),
            (None, Some(bad)) if bad <= LOWEST => self.done(SearchEnd::NothingHolds),
            (None, Some(bad)) => self.go(halved(bad)),
            (None, None) => Step::Try(self.current),
        }
    }

    fn go(&mut self, rate: Amount) -> Step {
        self.current = rate;
        Step::Try(rate)
    }

    /// What is known when it ends here.
    pub fn found(&self, end: SearchEnd) -> Found {
        Found {
            holds: self.good,
            does_not: self.bad,
            end,
        }
    }

    fn done(&self, end: SearchEnd) -> Step {
        Step::Done(self.found(end))
    }
}

/// Rates are whole numbers from ten a second on, and to a tenth below: nobody asks for more.
fn rounded(thousandths: u64) -> Amount {
    let grain = if thousandths >= 10_000 { 1000 } else { 100 };
    Amount::from_thousandths((thousandths + grain / 2) / grain * grain)
}

fn middle(good: Amount, bad: Amount) -> Amount {
    rounded(good.thousandths().midpoint(bad.thousandths()))
}

fn doubled(rate: Amount) -> Amount {
    rounded(rate.thousandths().saturating_mul(2)).min(Amount::whole(RATE_LIMIT))
}

fn halved(rate: Amount) -> Amount {
    rounded(rate.thousandths() / 2).max(LOWEST)
}

fn is_narrow(good: Amount, bad: Amount) -> bool {
    let middle = middle(good, bad);
    // Between neighbours there is nothing.
    middle <= good || middle >= bad || bad.as_f64() - good.as_f64() <= good.as_f64() * BRACKET_SHARE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Searches a service that is `outcome` at each rate; gives what was found, and how many trials that took.
    fn search(first: u64, mut outcome: impl FnMut(f64) -> TrialOutcome) -> (Found, usize) {
        let mut search = Search::from(Amount::whole(first));
        let mut rate = search.first();
        for trials in 1.. {
            match search.tried(outcome(rate.as_f64())) {
                Step::Try(next) => rate = next,
                Step::Done(found) => return (found, trials),
            }
        }
        unreachable!("a search has a limit")
    }

    fn holds_up_to(limit: f64) -> impl FnMut(f64) -> TrialOutcome {
        move |rate| {
            if rate <= limit {
                TrialOutcome::Held
            } else {
                TrialOutcome::Missed
            }
        }
    }

    #[test]
    fn the_bracket_holds_the_limit_and_is_narrow() {
        for limit in [1.0, 7.0, 123.4, 412.0, 9_999.0, 700_000.0] {
            let (found, trials) = search(10, holds_up_to(limit));
            let (holds, does_not) = (found.holds.unwrap().as_f64(), found.does_not.unwrap().as_f64());
            assert_eq!(found.end, SearchEnd::Bracketed);
            assert!(holds <= limit && limit < does_not, "{holds} {limit} {does_not}");
            assert!(does_not - holds <= (holds * 0.05).max(0.1) + 1e-9, "{holds} {does_not}");
            assert!(trials <= 60, "{trials}");
        }
    }

    #[test]
    fn where_nothing_holds_or_everything_does_it_says_so() {
        let (found, _) = search(10, |_| TrialOutcome::Missed);
        assert_eq!((found.holds, found.end), (None, SearchEnd::NothingHolds));
        let (found, _) = search(10, |_| TrialOutcome::Held);
        assert_eq!((found.does_not, found.end), (None, SearchEnd::Highest));
        assert_eq!(found.holds, Some(Amount::whole(RATE_LIMIT)));
    }

    #[test]
    fn where_probetop_is_the_limit_the_search_ends_with_what_is_known() {
        let (found, _) = search(10, |rate| match rate {
            ..100.0 => TrialOutcome::Held,
            _ => TrialOutcome::Inconclusive,
        });
        assert_eq!((found.holds, found.does_not), (Some(Amount::whole(80)), None));
        assert_eq!(found.end, SearchEnd::GeneratorLimit);
    }

    #[test]
    fn one_bad_trial_decides_nothing() {
        let mut trial = 0;
        let (found, _) = search(100, |rate| {
            trial += 1;
            // The first trial at the first rate fails by chance.
            if trial == 1 || rate > 300.0 {
                TrialOutcome::Missed
            } else {
                TrialOutcome::Held
            }
        });
        assert!(found.holds.unwrap() > Amount::whole(285), "{found:?}");
    }

    /// How long whoever comes last waits at a service of `places` that take `service` each, after `seconds` of steady arrivals.
    fn last_response_s(rate: f64, places: f64, service: f64, seconds: f64) -> f64 {
        let capacity = places / service;
        let backlog = ((rate - capacity) * seconds).max(0.0);
        service + backlog / capacity
    }

    proptest! {
        #[test]
        fn the_capacity_of_a_queue_is_found_within_a_twentieth(places in 1_u32..64, service_ms in 5_u32..200) {
            let (places, service) = (f64::from(places), f64::from(service_ms) / 1000.0);
            let capacity = places / service;
            prop_assume!(capacity >= 2.0);
            // What waits a quarter of a second longer than the service takes is too slow. In ten seconds a queue gets there
            // where it is offered a fortieth more than it can do.
            let (found, _) = search(10, |rate| {
                if last_response_s(rate, places, service, 10.0) < service + 0.25 {
                    TrialOutcome::Held
                } else {
                    TrialOutcome::Missed
                }
            });
            let (holds, does_not) = (found.holds.unwrap().as_f64(), found.does_not.unwrap().as_f64());
            prop_assert!(does_not >= capacity, "{does_not} {capacity}");
            prop_assert!((holds / capacity - 1.0).abs() <= 0.08, "{holds} {capacity}");
        }
    }
}
