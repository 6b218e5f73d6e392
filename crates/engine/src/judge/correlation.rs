//! Correlation: which figure moves with a target's latency, and by how much it is ahead.
//!
//! Takes two figures at the same even steps of time; gives the lag at which they go together best, and how likely chance
//! would do as well. Ranks, freed of their trend in time, are correlated: neither outliers nor two figures that both
//! merely grow make a finding. The cost is linear in the points, times the lags looked at.

use crate::judge::rank::ranks;
use crate::judge::tail::normal_two_sided;

/// Fewer pairs than this say nothing.
const POINTS_NEEDED: usize = 30;

/// Autocorrelation is estimated up to this share of the points (Pyper and Peterman 1998).
const LAG_DIVISOR: usize = 5;

/// The variance of a rank correlation is larger than Pearson's by this (Fieller, Hartley and Pearson 1957).
const RANK_VARIANCE: f64 = 1.06;

/// Degrees of freedom that Fisher's transformation, and the trend that was taken out, use up.
const DEGREES_USED: f64 = 4.0;

/// A figure made ready to be compared with others.
#[derive(Clone, Debug)]
pub struct Movement {
    /// By step: the rank freed of its trend, of mean zero; `None` where nothing was read.
    residuals: Vec<Option<f64>>,
    /// By lag, from one.
    autocorrelation: Vec<f64>,
}

/// How well two figures go together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lagged {
    /// Of ranks freed of their trend, -1 to 1.
    pub coefficient: f64,
    /// By how many steps the leader is ahead.
    pub ahead: usize,
    /// How many pairs it was taken over.
    pub points: usize,
    /// Two-sided, corrected for autocorrelation and for the number of lags that were looked at.
    pub p_value: f64,
}

impl Movement {
    /// `None` of too few points, and of what does not move.
    pub fn of(points: &[Option<f64>]) -> Option<Self> {
        let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
        let read: Vec<(usize, f64)> = points
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, finite(value)?)))
            .collect();
        if read.len() < POINTS_NEEDED {
            return None;
        }
        let values: Vec<f64> = read.iter().map(|(_, value)| *value).collect();
        let times: Vec<f64> = read.iter().map(|(at, _)| *at as f64).collect();
        let freed = without_trend(&times, &ranks(&values))?;
        let mut residuals = vec![None; points.len()];
        for ((at, _), residual) in read.iter().zip(freed) {
            residuals[*at] = Some(residual);
        }
        let lags = 1..=residuals.len() / LAG_DIVISOR;
        let autocorrelation = lags
            .map(|lag| pairs(&residuals, &residuals, lag).coefficient())
            .collect();
        Some(Self {
            residuals,
            autocorrelation,
        })
    }
}

/// At which lag of 0 to `max_lag` steps the `leader`'s past goes best with the `follower`'s present. Both end at the same
/// step. `None` when there are too few pairs.
pub fn strongest(follower: &Movement, leader: &Movement, max_lag: usize) -> Option<Lagged> {
    let common = follower.residuals.len().min(leader.residuals.len());
    let newest = |movement: &Movement| movement.residuals.len() - common;
    let (late, early) = (
        &follower.residuals[newest(follower)..],
        &leader.residuals[newest(leader)..],
    );
    let best = (0..=max_lag)
        .map(|lag| (lag, pairs(early, late, lag)))
        .filter(|(_, sums)| sums.count >= POINTS_NEEDED)
        .max_by(|(_, a), (_, b)| a.coefficient().abs().total_cmp(&b.coefficient().abs()));
    let (ahead, sums) = best?;
    let p_value = significance(sums.coefficient(), effective(sums.count, follower, leader));
    Some(Lagged {
        coefficient: sums.coefficient(),
        ahead,
        points: sums.count,
        p_value: (p_value * (max_lag + 1) as f64).min(1.0),
    })
}

/// Which of several findings hold where at most `rate` of those that are told may be chance (Benjamini and Hochberg
/// 1995): the largest p-value that does, `None` when none does.
pub fn discovery_limit(p_values: &[f64], rate: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = p_values.iter().copied().filter(|p| !p.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let of = p_values.len() as f64;
    let holds = |(place, p): &(usize, &f64)| **p <= rate * (*place + 1) as f64 / of;
    sorted.iter().enumerate().rfind(holds).map(|(_, p)| *p)
}

/// What is left of `values` when the least-squares line over `times` is taken out; `None` when that is nothing.
fn without_trend(times: &[f64], values: &[f64]) -> Option<Vec<f64>> {
    let n = times.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let (time, value) = (mean(times), mean(values));
    let spread: f64 = times.iter().map(|at| (at - time).powi(2)).sum();
    let common: f64 = times.iter().zip(values).map(|(at, v)| (at - time) * (v - value)).sum();
    let slope = common / spread;
    let left: Vec<f64> = times
        .iter()
        .zip(values)
        .map(|(at, v)| v - value - slope * (at - time))
        .collect();
    // What rounding leaves of a straight line is no movement.
    let moves = left.iter().any(|residual| residual.abs() > 1e-6 * n);
    moves.then_some(left)
}

/// Sums over the pairs of two series.
#[derive(Clone, Copy, Debug, Default)]
struct Pairs {
    count: usize,
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
}

/// Each of `early` with what stands `lag` steps later in `late`.
fn pairs(early: &[Option<f64>], late: &[Option<f64>], lag: usize) -> Pairs {
    let mut sums = Pairs::default();
    for pair in early.iter().zip(late.get(lag..).unwrap_or_default()) {
        let (Some(a), Some(b)) = pair else { continue };
        sums.count += 1;
        sums.a += a;
        sums.b += b;
        sums.aa += a * a;
        sums.bb += b * b;
        sums.ab += a * b;
    }
    sums
}

impl Pairs {
    /// Pearson's; zero where one of the two does not move.
    fn coefficient(&self) -> f64 {
        let n = self.count as f64;
        let spread = (self.aa - self.a * self.a / n) * (self.bb - self.b * self.b / n);
        if self.count == 0 || spread <= 0.0 {
            return 0.0;
        }
        ((self.ab - self.a * self.b / n) / spread.sqrt()).clamp(-1.0, 1.0)
    }
}

/// How many independent pairs are worth as much as `count` of these (Pyper and Peterman 1998).
fn effective(count: usize, a: &Movement, b: &Movement) -> f64 {
    let n = count as f64;
    let shared = a.autocorrelation.iter().zip(&b.autocorrelation);
    let sum: f64 = (1..)
        .zip(shared)
        .map(|(lag, (a, b))| (1.0 - f64::from(lag) / n) * a * b)
        .sum();
    n / (1.0 + 2.0 * sum).max(1.0)
}

/// The two-sided probability of so large a rank correlation where there is none, by Fisher's transformation.
fn significance(coefficient: f64, effective: f64) -> f64 {
    if effective <= DEGREES_USED {
        return 1.0;
    }
    normal_two_sided(coefficient.atanh() * ((effective - DEGREES_USED) / RANK_VARIANCE).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that no two figures share.
    fn noise(seed: u64, points: usize) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        (0..points)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 11) as f64
            })
            .collect()
    }

    fn movement(values: &[f64]) -> Movement {
        Movement::of(&values.iter().copied().map(Some).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_figure_that_is_ahead_is_found_with_its_lead() {
        let leader = noise(1, 120);
        let follower: Vec<f64> = (0..120)
            .map(|at| if at < 7 { 0.0 } else { -3.0 * leader[at - 7] })
            .collect();
        let found = strongest(&movement(&follower), &movement(&leader), 30).unwrap();
        assert_eq!((found.ahead, found.points), (7, 113));
        assert!(found.coefficient < -0.95 && found.p_value < 1e-9, "{found:?}");
    }

    #[test]
    fn what_merely_grows_together_is_no_finding() {
        let growing = |seed| -> Vec<f64> {
            let noise = noise(seed, 120);
            let steps = noise.iter().map(|value| value / (1_u64 << 49) as f64);
            steps.zip(0..).map(|(step, at)| step + f64::from(at)).collect()
        };
        let found = strongest(&movement(&growing(1)), &movement(&growing(2)), 30);
        assert!(found.unwrap().p_value > 0.05, "{found:?}");
    }

    #[test]
    fn what_does_not_move_and_what_is_short_is_nothing() {
        assert!(Movement::of(&[Some(3.0); 60]).is_none());
        assert!(Movement::of(&(0..60).map(|at| Some(f64::from(at))).collect::<Vec<_>>()).is_none());
        assert!(Movement::of(&[None; 60]).is_none());
        assert!(Movement::of(&noise(1, 29).into_iter().map(Some).collect::<Vec<_>>()).is_none());
        assert!(Movement::of(&[]).is_none());
    }

    #[test]
    fn gaps_are_left_out_by_pairs() {
        let leader = noise(3, 120);
        let gappy: Vec<_> = (0..120).map(|at| (at % 3 > 0).then_some(leader[at])).collect();
        let found = strongest(&movement(&leader), &Movement::of(&gappy).unwrap(), 10).unwrap();
        assert_eq!((found.ahead, found.points), (0, 80));
        assert!(found.coefficient > 0.95);
    }

    #[test]
    fn of_many_candidates_only_the_sure_ones_are_told() {
        let check = |p_values: &[f64], expected| assert_eq!(discovery_limit(p_values, 0.05), expected);
        check(&[], None);
        check(&[0.04], Some(0.04));
        check(&[0.04, 0.9, 0.9, 0.9], None);
        check(&[0.001, 0.02, 0.9, 0.9], Some(0.02));
        check(&[0.9, f64::NAN, 0.001], Some(0.001));
    }
}
