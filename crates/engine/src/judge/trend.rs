//! Trends: whether a figure creeps, how fast, and when it will reach its limit.
//!
//! Takes a figure at even steps of time; gives the line through it and how sure it is. Mann-Kendall says whether there is
//! a trend, Theil-Sen how steep it is; neither minds outliers or the shape of the distribution.

mod mann_kendall;
mod theil_sen;

use probetop_core::sample::Worse;

use crate::judge::rank::median;

/// More points say no more and cost their square.
pub const POINT_LIMIT: usize = 300;

/// Fewer say nothing: the normal approximation of Mann-Kendall holds from here on (Kendall 1975).
const POINTS_NEEDED: usize = 10;

/// The start of a run warms up: connections, caches, compilers. This share of the points is left out.
const WARM_UP_RATIO: f64 = 0.1;

/// A trend is believed below this two-sided probability.
const SIGNIFICANT_BELOW: f64 = 0.01;

/// A change by less than this share of the median concerns nobody, however sure it is.
const CHANGE_NEEDED_RATIO: f64 = 0.05;

/// A line through a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// By how much the figure changes from one point to the next.
    pub per_step: f64,
    /// Where the line stands at the last point that was read.
    pub now: f64,
    /// Steps from the first point that was read to the last.
    pub steps: usize,
    /// Kendall's tau, -1 to 1.
    pub tau: f64,
    /// Two-sided, corrected for autocorrelation (Hamed and Rao 1998).
    pub p_value: f64,
}

impl Fit {
    /// What the figure changed by over the whole line.
    pub fn change(&self) -> f64 {
        self.per_step * self.steps as f64
    }

    /// Steps until the line reaches `limit`; `None` when it leads elsewhere, zero when it is there.
    pub fn steps_until(&self, limit: f64, worse: Worse) -> Option<f64> {
        let ahead = match worse {
            Worse::Higher => limit - self.now,
            Worse::Lower => self.now - limit,
        };
        if ahead <= 0.0 {
            return Some(0.0);
        }
        let steps = (limit - self.now) / self.per_step;
        (steps.is_finite() && steps > 0.0).then_some(steps)
    }
}

/// Fits a line; `None` stands for a step that was not read. `None` with fewer than ten points, or more than
/// [`POINT_LIMIT`] steps.
pub fn fit(points: &[Option<f64>]) -> Option<Fit> {
    let read: Vec<(f64, f64)> = points
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((at as f64, value.filter(|value| value.is_finite())?)))
        .collect();
    if read.len() < POINTS_NEEDED || points.len() > POINT_LIMIT {
        return None;
    }
    let line = theil_sen::line(&read)?;
    let significance = mann_kendall::test(&read, line.slope);
    let (first, last) = (read.first()?.0, read.last()?.0);
    Some(Fit {
        per_step: line.slope,
        now: line.intercept + line.slope * last,
        steps: (last - first) as usize,
        tau: significance.tau,
        p_value: significance.p_value,
    })
}

/// The line through a figure that creeps towards its worse side: significant, by more than `change_needed` and 5 % of
/// the median, and in both halves. The first tenth is taken for warming up and left out.
pub fn creep(points: &[Option<f64>], worse: Worse, change_needed: f64) -> Option<Fit> {
    let warm_up = (points.len() as f64 * WARM_UP_RATIO).ceil() as usize;
    let points = points.get(warm_up..)?;
    let fit = fit(points)?;
    let mut values: Vec<f64> = points
        .iter()
        .copied()
        .flatten()
        .filter(|value| value.is_finite())
        .collect();
    let needed = (median(&mut values)?.abs() * CHANGE_NEEDED_RATIO).max(change_needed);
    let towards_worse = |slope: f64| match worse {
        Worse::Higher => slope,
        Worse::Lower => -slope,
    };
    if fit.p_value >= SIGNIFICANT_BELOW || towards_worse(fit.change()) <= needed {
        return None;
    }
    let (early, late) = points.split_at(points.len() / 2);
    let creeps = |half| theil_sen::slope(half).is_some_and(|slope| towards_worse(slope) > 0.0);
    (creeps(early) && creeps(late)).then_some(fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: usize, per_step: f64) -> Vec<Option<f64>> {
        (0..points).map(|at| Some(100.0 + per_step * at as f64)).collect()
    }

    #[test]
    fn a_line_is_found_with_gaps_in_it() {
        let mut points = line(40, 2.0);
        points[0] = None;
        points[17] = None;
        points[39] = Some(f64::NAN);
        let fit = fit(&points).unwrap();
        assert_eq!((fit.per_step, fit.now, fit.steps), (2.0, 176.0, 37));
        assert_eq!((fit.tau, fit.change()), (1.0, 74.0));
        assert!(fit.p_value < 1e-9);
        assert_eq!(fit.steps_until(186.0, Worse::Higher), Some(5.0));
        assert_eq!(fit.steps_until(100.0, Worse::Higher), Some(0.0));
        assert_eq!(fit.steps_until(100.0, Worse::Lower), None);
    }

    #[test]
    fn what_stands_still_has_no_trend() {
        let fit = fit(&[Some(5.0); 30]).unwrap();
        assert_eq!((fit.per_step, fit.p_value, fit.now), (0.0, 1.0, 5.0));
        assert_eq!(fit.steps_until(9.0, Worse::Higher), None);
        assert_eq!(creep(&[Some(5.0); 30], Worse::Higher, 0.0), None);
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(fit(&line(9, 1.0)), None);
        assert_eq!(fit(&[None; 50]), None);
        assert_eq!(fit(&[]), None);
        assert_eq!(fit(&line(POINT_LIMIT + 1, 1.0)), None);
        assert_eq!(creep(&[], Worse::Higher, 0.0), None);
    }

    #[test]
    fn only_what_matters_and_lasts_creeps() {
        let check = |points: &[Option<f64>], worse, floor, expected| {
            assert_eq!(creep(points, worse, floor).is_some(), expected, "{points:?}");
        };
        check(&line(60, 1.0), Worse::Higher, 10.0, true);
        check(&line(60, 1.0), Worse::Higher, 60.0, false);
        check(&line(60, 0.05), Worse::Higher, 0.0, false);
        check(&line(60, 1.0), Worse::Lower, 0.0, false);
        check(&line(60, -1.0), Worse::Lower, 0.0, true);
        let mut level = line(60, 1.0);
        level[33..].iter_mut().for_each(|value| *value = Some(140.0));
        check(&level, Worse::Higher, 0.0, false);
    }
}
