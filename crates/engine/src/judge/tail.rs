//! Tails of distributions: how improbable a figure is where nothing has changed.

use std::f64::consts::{PI, SQRT_2};

/// From here on the continued fraction converges in [`FRACTION_TERMS`] to all digits, and below it the series does.
const FRACTION_FROM: f64 = 2.5;
const FRACTION_TERMS: u32 = 80;

/// A term this much smaller than the sum changes no digit of it.
const NEGLIGIBLE: f64 = 1e-17;

/// The probability that a standard normal variable is farther from zero than `z`.
pub(super) fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / SQRT_2)
}

/// The complementary error function for `x >= 0`: Abramowitz and Stegun 7.1.6 for small and 7.1.14 for large `x`.
fn erfc(x: f64) -> f64 {
    if x >= FRACTION_FROM {
        let fraction = (1..=FRACTION_TERMS)
            .rev()
            .fold(0.0, |rest, term| f64::from(term) / 2.0 / (x + rest));
        return (-x * x).exp() / PI.sqrt() / (x + fraction);
    }
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term > NEGLIGIBLE * sum {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    (1.0 - 2.0 / PI.sqrt() * (-x * x).exp() * sum).clamp(0.0, 1.0)
}

/// The probability of `hits` or more out of `trials` where each is a hit with probability `share`.
pub(super) fn binomial_at_least(hits: u64, trials: u64, share: f64) -> f64 {
    if hits == 0 || share >= 1.0 {
        return 1.0;
    }
    if hits > trials || share <= 0.0 {
        return 0.0;
    }
    let (n, k) = (trials as f64, hits as f64);
    if k <= n * share {
        // Left of the middle nothing is improbable; half is the least it can be, whatever the exact value.
        return 0.5;
    }
    let log_first = ln_choose(n, k) + k * share.ln() + (n - k) * (-share).ln_1p();
    let (mut term, mut sum, mut at) = (1.0, 1.0, k);
    while term > NEGLIGIBLE * sum && at < n {
        // Right of the middle each term is smaller than the one before.
        term *= (n - at) / (at + 1.0) * share / (1.0 - share);
        sum += term;
        at += 1.0;
    }
    (log_first + sum.ln()).exp().min(1.0)
}

/// The chance that a side of `ours` values has `hits` or more of the `all` hits that fell among it and the `others`: the
/// tail of the hypergeometric distribution, of which the first term counts half (Lancaster 1961, the mid-p), so that its
/// mean under chance is a half. At most a half, which it is wherever the side has no more than its part. Takes parts of
/// values as well, for samples that are worth less than they are many.
pub(super) fn hypergeometric_at_least(hits: f64, all: f64, ours: f64, others: f64) -> f64 {
    let total = ours + others;
    let left = (all - hits).max(0.0);
    if hits <= all * ours / total || left > others || all > total {
        return 0.5;
    }
    if hits > ours {
        return 0.0;
    }
    let log_first = ln_choose(ours, hits) + ln_choose(others, left) - ln_choose(total, all);
    let (mut term, mut sum, mut at, mut left) = (1.0, 0.5, hits, left);
    while term > NEGLIGIBLE * sum && at < ours && left > 0.0 {
        // Right of the middle each term is smaller than the one before.
        term *= (ours - at) / (at + 1.0) * left / (others - left + 1.0);
        sum += term;
        at += 1.0;
        left -= 1.0;
    }
    (log_first + sum.ln()).exp().min(0.5)
}

fn ln_choose(n: f64, k: f64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// From here on Stirling's series is exact to eleven digits.
const STIRLING_FROM: f64 = 16.0;

/// The logarithm of Gamma(n + 1): Stirling's series, to which smaller numbers are led up.
fn ln_factorial(n: f64) -> f64 {
    let (mut n, mut product) = (n.max(0.0), 1.0);
    while n < STIRLING_FROM {
        n += 1.0;
        product *= n;
    }
    let series = 1.0 / (12.0 * n) - 1.0 / (360.0 * n.powi(3)) + 1.0 / (1260.0 * n.powi(5));
    n * n.ln() - n + 0.5 * (2.0 * PI * n).ln() + series - product.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are those of `scipy.stats.norm.sf` and `binom.sf`.
    fn check(found: f64, expected: f64) {
        let error = (found - expected).abs();
        assert!(error <= 1e-9 * expected.abs(), "{found:e} is not {expected:e}");
    }

    #[test]
    fn the_normal_tail_is_right_near_and_far() {
        check(normal_two_sided(0.0), 1.0);
        check(normal_two_sided(1.0), 0.317_310_507_862_914_15);
        check(normal_two_sided(-1.959_963_984_540_054), 0.05);
        check(normal_two_sided(3.5), 4.652_581_580_710_501e-4);
        check(normal_two_sided(3.6), 3.182_171_803_150_672_7e-4);
        check(normal_two_sided(8.0), 1.244_192_114_854_356_8e-15);
        assert_eq!(normal_two_sided(f64::INFINITY), 0.0);
    }

    #[test]
    fn the_binomial_tail_is_right_where_it_matters() {
        check(binomial_at_least(3, 5, 0.01), 9.8506e-6);
        check(binomial_at_least(2, 5, 0.0017), 2.880_186_522_470_572e-5);
        check(binomial_at_least(25, 500, 0.01), 1.079_294_785_114_182_6e-10);
        check(binomial_at_least(5, 5, 0.5), 0.031_25);
        assert_eq!(binomial_at_least(0, 5, 0.01), 1.0);
        assert_eq!(binomial_at_least(6, 5, 0.01), 0.0);
        assert_eq!(binomial_at_least(1, 5, 0.0), 0.0);
        assert_eq!(binomial_at_least(1, 5, 1.0), 1.0);
        assert!(binomial_at_least(20_000, 1_000_000, 0.01) < 1e-100);
    }

    #[test]
    fn the_hypergeometric_tail_is_right_for_whole_numbers_and_steady_between_them() {
        // hypergeom.sf(hits, total, all, ours) + hypergeom.pmf(hits, ...) / 2, in fractions.
        check(hypergeometric_at_least(8.0, 8.0, 8.0, 8.0), 0.5 / 12_870.0);
        check(hypergeometric_at_least(2.0, 2.0, 3.0, 3.0), 0.1);
        check(
            hypergeometric_at_least(3.0, 4.0, 5.0, 5.0),
            (5.0 + 50.0) / 210.0 - 25.0 / 210.0,
        );
        assert_eq!(hypergeometric_at_least(6.0, 12.0, 120.0, 120.0), 0.5);
        assert_eq!(hypergeometric_at_least(9.0, 9.0, 8.0, 80.0), 0.0);
        let of = |hits: f64| hypergeometric_at_least(hits, 12.0, 120.0, 120.0);
        let steps: Vec<f64> = (61..=120).map(|tenth| of(f64::from(tenth) / 10.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[1] < pair[0]), "{steps:?}");
    }
}
