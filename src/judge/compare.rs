//! Whether two spans of time differ: A against B, before against after.
//!
//! A latency is compared by the figures of its steps (a p95 for each second, say), not by its samples: those are so many
//! that any difference is significant, and neighbours resemble each other. The test is Mann's and Whitney's (1947), whose
//! variance is widened on each side by the autocorrelation there (Bayley and Hammersley 1946); the size of the change is
//! the median of all differences (Hodges and Lehmann 1963). Shares of failures are compared as proportions, their
//! variance widened by how unevenly failures come. A change is told where it is both improbable and large enough to care.
//!
//! It takes for granted that either side is of one piece: that what went on in it neither began nor ended halfway, and that
//! steps resemble each other over no more than a fifth of it. No correction is made for the number of figures: of a hundred
//! that did not change, one is told.

use super::rank::{median, ranks};
use super::tail::normal_two_sided;
use crate::sample::Worse;
use crate::snapshot::{Change, Significance};

/// With fewer steps on a side nothing is said.
const STEPS_NEEDED: usize = 8;

/// Chance makes a change of which this much is asked once in a hundred comparisons.
const P_LIMIT: f64 = 0.01;

/// Changes smaller than this share of what was there before are nobody's concern.
const SHARE_LIMIT: f64 = 0.05;

/// Autocorrelation is estimated up to this share of the steps.
const LAG_DIVISOR: usize = 5;

/// Failures and attempts of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub attempts: u64,
    pub failed: u64,
}

/// Compares a figure that each step has one of, where `worse` says which way is worse; `None`: neither is.
pub fn figures(before: &[f64], after: &[f64], worse: Option<Worse>) -> Change {
    let centre = |values: &[f64]| median(&mut values.to_vec());
    let shown = Change {
        before: centre(before),
        after: centre(after),
        shift: None,
        p_value: None,
        significance: Significance::TooLittle,
    };
    if before.len() < STEPS_NEEDED || after.len() < STEPS_NEEDED {
        return shown;
    }
    let shift = shift(before, after);
    let p_value = mann_whitney(before, after);
    let matters = shift.abs() > SHARE_LIMIT * shown.before.unwrap_or_default().abs();
    Change {
        shift: Some(shift),
        p_value: Some(p_value),
        significance: verdict(p_value, matters, shift, worse),
        ..shown
    }
}

/// Compares how often something was done, where many steps may have none: by what the steps come to on average.
pub fn rates(before: &[f64], after: &[f64]) -> Change {
    let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let shown = Change {
        before: mean(before),
        after: mean(after),
        shift: None,
        p_value: None,
        significance: Significance::TooLittle,
    };
    let (Some(was), Some(is)) = (shown.before, shown.after) else {
        return shown;
    };
    if before.len() < STEPS_NEEDED || after.len() < STEPS_NEEDED {
        return shown;
    }
    let shift = is - was;
    let p_value = mann_whitney(before, after);
    Change {
        shift: Some(shift),
        p_value: Some(p_value),
        significance: verdict(p_value, shift.abs() > SHARE_LIMIT * was, shift, Some(Worse::Lower)),
        ..shown
    }
}

/// Compares shares of failures, step by step.
pub fn failures(before: &[Tally], after: &[Tally]) -> Change {
    let (a, b) = (sum(before), sum(after));
    let share = |tally: Tally| (tally.attempts > 0).then(|| tally.failed as f64 / tally.attempts as f64);
    let shown = Change {
        before: share(a),
        after: share(b),
        shift: None,
        p_value: None,
        significance: Significance::TooLittle,
    };
    let (Some(was), Some(is)) = (shown.before, shown.after) else {
        return shown;
    };
    if before.len() < STEPS_NEEDED || after.len() < STEPS_NEEDED {
        return shown;
    }
    let spread = variance(before, a) + variance(after, b);
    let p_value = match spread {
        // Not one failure anywhere, or nothing else.
        0.0 => f64::from(u8::from(was == is)),
        _ => normal_two_sided((is - was) / spread.sqrt()),
    };
    let shift = is - was;
    Change {
        shift: Some(shift),
        p_value: Some(p_value),
        significance: verdict(p_value, true, shift, Some(Worse::Higher)),
        ..shown
    }
}

fn verdict(p_value: f64, matters: bool, shift: f64, worse: Option<Worse>) -> Significance {
    if p_value >= P_LIMIT || !matters {
        return Significance::Same;
    }
    match (worse, shift > 0.0) {
        (None, _) => Significance::Different,
        (Some(Worse::Higher), true) | (Some(Worse::Lower), false) => Significance::Worse,
        (Some(Worse::Higher), false) | (Some(Worse::Lower), true) => Significance::Better,
    }
}

/// The median of what each of `after` has more than each of `before`.
fn shift(before: &[f64], after: &[f64]) -> f64 {
    let mut differences: Vec<f64> = after.iter().flat_map(|b| before.iter().map(move |a| b - a)).collect();
    median(&mut differences).unwrap_or_default()
}

/// The two-sided p-value, by the normal approximation with ties.
fn mann_whitney(before: &[f64], after: &[f64]) -> f64 {
    let (n, m) = (before.len() as f64, after.len() as f64);
    let all: Vec<f64> = before.iter().chain(after).copied().collect();
    let ranks = ranks(&all);
    let rank_sum: f64 = ranks[..before.len()].iter().sum();
    let score = rank_sum - n * (n + 1.0) / 2.0 - n * m / 2.0;
    let total = n + m;
    let ties = 1.0 - ties(&all) / (total.powi(3) - total);
    // Each side adds its part to the variance, and is as uncertain as its neighbours are alike.
    let widened = inflation(&ranks[..before.len()]) * m + inflation(&ranks[before.len()..]) * n;
    let variance = n * m * (total + 1.0) / 12.0 * ties * widened / total;
    if variance <= 0.0 {
        return 1.0;
    }
    normal_two_sided(score / variance.sqrt())
}

/// The sum of t³ - t over groups of t equal values.
fn ties(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let groups = sorted.chunk_by(|a, b| a == b).map(|group| group.len() as f64);
    groups.map(|t| t.powi(3) - t).sum()
}

/// By how much the variance of a mean is larger than were the values independent; at least 1.
fn inflation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let product = |lag: usize| -> f64 {
        let pairs = values.iter().zip(&values[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let spread = product(0);
    if spread <= 0.0 {
        return 1.0;
    }
    let lags = 1..=values.len() / LAG_DIVISOR;
    let sum: f64 = lags
        .map(|lag| (1.0 - lag as f64 / n) * product(lag) / spread)
        // Where neighbours are alike no more, what is left of the estimate is noise (Geyer 1992).
        .take_while(|correlation| *correlation > 0.0)
        .sum();
    1.0 + 2.0 * sum
}

/// Of a share of failures, by how the shares of single steps scatter, and never less than chance alone makes it.
fn variance(steps: &[Tally], all: Tally) -> f64 {
    let share = all.failed as f64 / all.attempts as f64;
    let by_chance = share * (1.0 - share) / all.attempts as f64;
    let excess = |step: &Tally| {
        let expected = step.attempts as f64 * share;
        (step.failed as f64 - expected).powi(2)
    };
    let by_scatter = steps.iter().map(excess).sum::<f64>() / (all.attempts as f64).powi(2);
    by_chance.max(by_scatter)
}

fn sum(steps: &[Tally]) -> Tally {
    steps.iter().fold(Tally::default(), |sum, step| Tally {
        attempts: sum.attempts + step.attempts,
        failed: sum.failed + step.failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, 0 to 1 (Marsaglia's xorshift).
    fn noise(seed: u64, count: usize) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..count).map(|_| next()).collect()
    }

    /// Neighbours that resemble each other: each value keeps nine tenths of the one before.
    fn drifting(seed: u64, count: usize) -> Vec<f64> {
        let mut level = 0.0;
        let values = noise(seed, count).into_iter().map(|step| {
            level = 0.9 * level + step - 0.5;
            10.0 + level
        });
        values.collect()
    }

    #[test]
    fn p_values_are_those_of_scipy() {
        // scipy.stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=False), alternating so that neighbours
        // are no more alike than chance has it.
        let check = |b: &[f64], expected: f64| {
            let found = mann_whitney(&[3.0, 9.0, 1.0, 8.0, 2.0, 7.0, 4.0, 6.0], b);
            assert!((found - expected).abs() < 1e-12, "{found}");
        };
        check(&[5.0, 12.0, 3.0, 11.0, 4.0, 10.0, 6.0, 9.0], 0.140_309_985_746_610_13);
        check(
            &[15.0, 12.0, 13.0, 1.0, 14.0, 10.0, 16.0, 9.0, 2.0],
            0.038_204_678_380_024_93,
        );
    }

    #[test]
    fn a_real_change_is_told_with_its_direction_and_size() {
        let before: Vec<f64> = noise(1, 60).iter().map(|value| 100.0 + 10.0 * value).collect();
        let after: Vec<f64> = noise(2, 60).iter().map(|value| 130.0 + 10.0 * value).collect();
        let change = figures(&before, &after, Some(Worse::Higher));
        assert_eq!(change.significance, Significance::Worse);
        assert!((change.shift.unwrap() - 30.0).abs() < 2.0, "{change:?}");
        assert_eq!(
            figures(&after, &before, Some(Worse::Higher)).significance,
            Significance::Better
        );
        assert_eq!(
            figures(&after, &before, Some(Worse::Lower)).significance,
            Significance::Worse
        );
    }

    #[test]
    fn what_is_small_or_chance_is_the_same_and_what_is_short_says_nothing() {
        let before: Vec<f64> = noise(1, 60).iter().map(|value| 100.0 + value).collect();
        let after: Vec<f64> = noise(2, 60).iter().map(|value| 102.0 + value).collect();
        let change = figures(&before, &after, Some(Worse::Higher));
        assert!(change.p_value.unwrap() < 1e-6, "{change:?}");
        assert_eq!(
            change.significance,
            Significance::Same,
            "two per cent are nobody's concern"
        );
        assert_eq!(
            figures(&before[..7], &after, Some(Worse::Higher)).significance,
            Significance::TooLittle
        );
        assert_eq!(figures(&[], &[], Some(Worse::Higher)).before, None);
        assert_eq!(
            figures(&[5.0; 20], &[5.0; 20], Some(Worse::Higher)).significance,
            Significance::Same
        );
    }

    #[test]
    fn spans_of_a_figure_that_drifts_rarely_differ() {
        let told = |seed| {
            let change = figures(&drifting(seed, 60), &drifting(seed + 1_000, 60), Some(Worse::Higher));
            change.p_value.unwrap() < P_LIMIT
        };
        let false_alarms = (1..=200).filter(|seed| told(*seed)).count();
        assert!(false_alarms <= 24, "{false_alarms} of 200");
    }

    #[test]
    fn anything_against_itself_is_the_same() {
        for seed in 1..200 {
            let values = drifting(seed, 8 + seed as usize % 100);
            let tallies: Vec<_> = noise(seed, values.len())
                .into_iter()
                .map(|share| Tally {
                    attempts: 10,
                    failed: (share * 11.0) as u64,
                })
                .collect();
            let changes = [
                figures(&values, &values, Some(Worse::Higher)),
                figures(&values, &values, None),
                rates(&values, &values),
                failures(&tallies, &tallies),
            ];
            for change in changes {
                assert_eq!(change.significance, Significance::Same, "{seed}: {change:?}");
                assert_eq!(change.shift, Some(0.0), "{seed}");
            }
        }
    }

    #[test]
    fn a_rate_is_seen_to_halve_though_most_steps_have_none() {
        let every = |nth: usize| {
            (0..120)
                .map(|step| f64::from(u8::from(step % nth == 0)))
                .collect::<Vec<_>>()
        };
        let change = rates(&every(2), &every(4));
        assert_eq!(
            (change.before, change.after, change.shift),
            (Some(0.5), Some(0.25), Some(-0.25))
        );
        assert_eq!(change.significance, Significance::Worse);
        assert_eq!(rates(&every(4), &every(2)).significance, Significance::Better);
        assert_eq!(rates(&every(4), &[]).after, None);
    }

    #[test]
    fn of_what_has_no_worse_way_a_change_is_only_told() {
        let before: Vec<f64> = noise(1, 60).iter().map(|value| 100.0 + 10.0 * value).collect();
        let after: Vec<f64> = noise(2, 60).iter().map(|value| 130.0 + 10.0 * value).collect();
        assert_eq!(figures(&before, &after, None).significance, Significance::Different);
    }

    #[test]
    fn failures_that_come_in_bursts_are_less_evidence() {
        let steady = |failed| vec![Tally { attempts: 100, failed }; 30];
        assert_eq!(failures(&steady(1), &steady(3)).significance, Significance::Worse);
        assert_eq!(failures(&steady(3), &steady(1)).significance, Significance::Better);
        assert_eq!(failures(&steady(2), &steady(2)).significance, Significance::Same);
        assert_eq!(failures(&steady(0), &steady(0)).significance, Significance::Same);
        let mut burst = steady(0);
        burst[7].failed = 60;
        assert_eq!(
            failures(&steady(0), &burst).significance,
            Significance::Same,
            "one bad second of thirty"
        );
        assert_eq!(failures(&[], &steady(1)).significance, Significance::TooLittle);
    }
}
