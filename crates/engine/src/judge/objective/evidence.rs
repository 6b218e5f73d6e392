//! Whether a share is worse than promised, asked again every second of a run that has just begun.
//!
//! Who asks often enough is sure to meet the chance of one time in a hundred. So the answer is that of a test that may be
//! looked at at any time: how much more likely what was seen is under worse shares than under the promised one, averaged
//! over a few worse shares. Where the promise is kept, that average is above 100 at any time in at most one of a hundred
//! runs (Ville 1939; Wald 1945 for one alternative, Robbins 1970 for a mixture), however long they are.

use super::Counts;
use crate::judge::tail::binomial_at_least;

/// Of runs that keep their promise exactly so many are told that they do not.
const ERROR: f64 = 0.01;

/// One bad probe is not a verdict, whatever was promised.
const BAD_LEAST: u64 = 2;

/// The worse shares: from one and a half of the promised on, each twice as far, up to nearly all.
const FIRST: f64 = 1.5;
const FARTHER: f64 = 2.0;
const LAST: f64 = 0.9;

/// Chance, where the promise is kept exactly, makes so many bad ones less often than this, and so few.
const DOUBT_OF_FASTER: f64 = 1e-3;
const DOUBT_OF_SLOWER: f64 = 0.05;

/// Whether more than `bad_ratio` of what comes is bad, beyond the stated doubt.
pub(super) fn is_worse(counts: Counts, bad_ratio: f64) -> bool {
    let (bad, good) = (counts.bad as f64, counts.events.saturating_sub(counts.bad) as f64);
    let logs: Vec<f64> = worse_shares(bad_ratio)
        .map(|share| bad * (share / bad_ratio).ln() + good * ((1.0 - share) / (1.0 - bad_ratio)).ln())
        .collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
    counts.bad >= BAD_LEAST && largest + (sum / logs.len() as f64).ln() >= -ERROR.ln()
}

/// How fast a budget goes, against the rate at which it lasts exactly for the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Faster,
    Slower,
    /// As chance has it.
    Unclear,
}

/// What the counts of a window say of the pace. It is a figure and wakes nobody up, so more doubt is left than for a verdict.
pub(super) fn pace(counts: Counts, bad_ratio: f64) -> Pace {
    let Counts { events, bad } = counts;
    let so_many = binomial_at_least(bad, events, bad_ratio);
    let so_few = binomial_at_least(events.saturating_sub(bad), events, 1.0 - bad_ratio);
    if so_many < DOUBT_OF_FASTER {
        Pace::Faster
    } else if so_few < DOUBT_OF_SLOWER {
        Pace::Slower
    } else {
        Pace::Unclear
    }
}

fn worse_shares(bad_ratio: f64) -> impl Iterator<Item = f64> {
    // Where nearly all may be bad there is one worse share, half way to all.
    let last = LAST.max(f64::midpoint(bad_ratio, 1.0));
    let shares = std::iter::successors(Some(FIRST * bad_ratio), |share| Some(share * FARTHER));
    shares.take_while(move |share| *share < last).chain([last])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bad: u64, events: u64, bad_ratio: f64, expected: bool) {
        assert_eq!(
            is_worse(Counts { events, bad }, bad_ratio),
            expected,
            "{bad} of {events}"
        );
    }

    #[test]
    fn a_few_bad_probes_prove_nothing_and_many_do() {
        check(0, 0, 0.05, false);
        check(1, 1, 0.001, false);
        check(2, 2, 0.001, true);
        check(4, 63, 0.05, false);
        check(15, 63, 0.05, true);
        check(3, 3, 0.05, true);
        check(180, 3600, 0.05, false);
        check(400, 3600, 0.05, true);
        check(600, 600, 0.99, false);
        check(2000, 2000, 0.99, true);
    }
}
