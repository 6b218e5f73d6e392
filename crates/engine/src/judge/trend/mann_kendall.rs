//! The Mann-Kendall test for a trend, with the correction of Hamed and Rao (1998): neighbours in time that resemble each
//! other are less evidence than as many that do not. Without it a memory curve always seems to leak.

use crate::judge::rank::ranks;
use crate::judge::tail::normal_two_sided;

/// Autocorrelation counts where its 95 % interval excludes zero.
const SIGNIFICANT_Z: f64 = 1.959_963_984_540_054;

/// Autocorrelation is estimated up to this share of the points; beyond, too few pairs are left to tell.
const LAG_DIVISOR: usize = 4;

pub(super) struct Significance {
    /// Kendall's tau.
    pub tau: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// Tests points of ascending time; `slope` is what is taken out of them before their autocorrelation is estimated.
pub(super) fn test(points: &[(f64, f64)], slope: f64) -> Significance {
    let n = points.len() as f64;
    let score = score(points);
    let variance = variance(points) * inflation(points, slope);
    let z = if score == 0.0 || variance <= 0.0 {
        0.0
    } else {
        (score - score.signum()) / variance.sqrt()
    };
    Significance {
        tau: score / (n * (n - 1.0) / 2.0),
        p_value: normal_two_sided(z),
    }
}

/// How many pairs rise, less how many fall.
fn score(points: &[(f64, f64)]) -> f64 {
    let mut score = 0_i64;
    for (at, (_, value)) in points.iter().enumerate() {
        for (_, later) in &points[at + 1..] {
            score += i64::from(later > value) - i64::from(later < value);
        }
    }
    score as f64
}

/// Of the score where there is no trend, with the usual correction for ties.
fn variance(points: &[(f64, f64)]) -> f64 {
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties: f64 = values
        .chunk_by(|a, b| a == b)
        .map(|equal| spread(equal.len() as f64))
        .sum();
    (spread(points.len() as f64) - ties) / 18.0
}

/// By how much autocorrelation widens the variance of the score. Never below one: neighbours that avoid each other are
/// not taken for more evidence.
fn inflation(points: &[(f64, f64)], slope: f64) -> f64 {
    let detrended: Vec<f64> = points.iter().map(|(time, value)| value - time * slope).collect();
    let ranks = ranks(&detrended);
    let n = ranks.len() as f64;
    let mean = (n + 1.0) / 2.0;
    let product = |lag: usize| -> f64 {
        let pairs = ranks.iter().zip(&ranks[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let spread = product(0);
    if spread <= 0.0 {
        return 1.0;
    }
    let threshold = SIGNIFICANT_Z / n.sqrt();
    let correction: f64 = (1..=ranks.len() / LAG_DIVISOR)
        .map(|lag| (lag as f64, product(lag) / spread))
        .filter(|(_, correlation)| correlation.abs() > threshold)
        .map(|(lag, correlation)| (n - lag) * (n - lag - 1.0) * (n - lag - 2.0) * correlation)
        .sum();
    (1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * correction).max(1.0)
}
