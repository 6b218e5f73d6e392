//! A level shift of a target that is too young for the cumulative sum: its newest points against all before them.
//!
//! For the first [`YOUNG_POINTS`] points several splits into older and newer are tried at every point. Where the means of the two are
//! so many standard errors apart that chance does as much in seven of a thousand starts, the level shifted at the split (the
//! likelihood ratio for a change at an unknown time, Siegmund 1985). Points count up to [`FAR`] deviations from the
//! median, so that a slow one is not a shift, and the deviation is that of the points about the mean of their own part,
//! larger where each resembles the one before.

use probetop_core::clock::Timestamp;

use super::baseline::{least_spread, likely_resemblance};
use crate::judge::rank::median;

/// After two and a half minutes at a probe a second the cumulative sum has had half a minute to find what this would have.
const YOUNG_POINTS: usize = 150;

/// Fewer are no level that one could shift from.
const OLDER_LEAST: usize = 45;

/// How many of the newest are tried as the newer part. A shift by 30 % at a deviation of 20 % takes the last.
const NEWER: [usize; 4] = [12, 20, 28, 30];
const NEWER_MOST: usize = 30;

/// Standard errors that are asked of thirty points, and how many more for each that is missing: a short part is tried
/// earlier and more often.
const ERRORS_NEEDED: f64 = 4.0;
const ERRORS_FOR_EACH_MISSING: f64 = 0.06;

/// Deviations from the median beyond which a point counts no more than at them.
const FAR: f64 = 2.8;

/// The median difference of neighbours that are independent and normal, in standard deviations: 0.6745 times the root of 2.
const MEDIAN_DIFFERENCE: f64 = 0.954;

/// Points that resemble each other more than this wander by themselves as far as a shift would take them: nothing is said.
const RESEMBLANCE_MOST: f64 = 0.35;

/// Of the newer part most points have to be on its side of the middle.
const MOST: f64 = 0.6;

/// The points so far, as logarithms of microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Young {
    points: Vec<f32>,
    /// When the newest came, oldest first.
    times: [Timestamp; NEWER_MOST],
}

/// A level that shifted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    /// Points before it.
    pub older: usize,
    pub since: Timestamp,
    /// Logarithm of the new level.
    pub level: f64,
}

impl Young {
    pub(super) fn is_over(&self) -> bool {
        self.points.len() >= YOUNG_POINTS
    }

    /// Points that are missing until anything can be told. `None`: there is none to count on yet.
    pub(super) fn missing(&self) -> Option<usize> {
        let missing = (OLDER_LEAST + NEWER[0]).saturating_sub(self.points.len());
        (!self.points.is_empty()).then_some(missing)
    }

    /// Takes the next point.
    pub(super) fn point(&mut self, log: f64, now: Timestamp) -> Option<Shift> {
        self.points.push(log as f32);
        self.times.rotate_left(1);
        self.times[NEWER_MOST - 1] = now;
        if self.points.len() < OLDER_LEAST + NEWER[0] {
            return None;
        }
        let points = self.within_reach()?;
        let splits = NEWER.into_iter().filter(|newer| points.len() >= OLDER_LEAST + newer);
        let found = splits.filter_map(|newer| split(&points, newer).map(|found| (newer, found)));
        let (newer, found) = found.max_by(|a, b| a.1.errors.total_cmp(&b.1.errors))?;
        Some(Shift {
            older: points.len() - newer,
            since: self.times[NEWER_MOST - newer],
            level: found.level,
        })
    }

    /// The points, none too far from the others. How far that is, neighbours tell: a shift is between two of them only.
    fn within_reach(&self) -> Option<Vec<f64>> {
        let mut points: Vec<f64> = self.points.iter().copied().map(f64::from).collect();
        let mut differences: Vec<f64> = points.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        let centre = median(&mut points.clone())?;
        let deviation = (median(&mut differences)? / MEDIAN_DIFFERENCE).max(least_spread(centre));
        let far = FAR * deviation;
        for point in &mut points {
            *point = point.clamp(centre - far, centre + far);
        }
        Some(points)
    }
}

/// A split whose parts differ.
struct Found {
    errors: f64,
    level: f64,
}

fn split(points: &[f64], newer: usize) -> Option<Found> {
    let count = points.len() as f64;
    let (old, new) = points.split_at(points.len() - newer);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (from, to) = (mean(old), mean(new));
    let apart = to - from;
    if apart.abs() < super::latency::SHIFT_LEAST_LOG {
        return None;
    }
    let own = |part: &[f64], level: f64| part.iter().map(|point| point - level).collect::<Vec<_>>();
    let residuals = [own(old, from), own(new, to)].concat();
    let scatter: f64 = residuals.iter().map(|residual| residual * residual).sum();
    let common: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let resemblance = resemblance(common / scatter, points.len())?;
    let variance = scatter / (count - 2.0) * (1.0 + resemblance) / (1.0 - resemblance);
    let deviation = variance.sqrt().max(least_spread(from));
    let errors = apart.abs() / deviation / (1.0 / old.len() as f64 + 1.0 / new.len() as f64).sqrt();
    let needed = ERRORS_NEEDED + ERRORS_FOR_EACH_MISSING * (NEWER_MOST - newer) as f64;
    let beyond = new.iter().filter(|point| (**point - from) / apart > 0.5).count();
    let is_most = beyond as f64 > MOST * new.len() as f64;
    (errors >= needed && is_most).then_some(Found { errors, level: to })
}

/// How much points resemble the next, one standard error above what is likely. `None`: too much.
fn resemblance(seen: f64, points: usize) -> Option<f64> {
    let likely = likely_resemblance(seen, points);
    if likely == 0.0 {
        return Some(0.0);
    }
    let error = ((1.0 - likely * likely) / points as f64).sqrt();
    (likely < RESEMBLANCE_MOST).then_some(likely + error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(logs: impl IntoIterator<Item = f64>) -> Option<(usize, Shift)> {
        let mut young = Young::default();
        let mut points = logs.into_iter().enumerate();
        points.find_map(|(at, log)| Some((at, young.point(log, Timestamp::from_secs(at as u64))?)))
    }

    /// Neighbours that differ by a fifth.
    fn level(log: f64) -> impl Fn(usize) -> f64 {
        move |at| log + if at.is_multiple_of(2) { 0.1 } else { -0.1 }
    }

    #[test]
    fn a_shift_is_found_where_it_began() {
        let logs = (0..60).map(level(11.0)).chain((0..30).map(level(11.3)));
        let (at, shift) = course(logs).unwrap();
        assert!((63..80).contains(&at), "{at}");
        assert!(shift.since.second().abs_diff(60) <= 6, "{shift:?}");
        assert!((shift.level - 11.3).abs() < 0.15, "{shift:?}");
        assert_eq!(shift.older as u64, shift.since.second());
    }

    #[test]
    fn slow_points_and_small_shifts_are_none() {
        let slow = (0..150).map(|at| if at % 40 >= 38 { 13.0 } else { level(11.0)(at) });
        assert!(course(slow).is_none());
        assert!(course((0..60).map(level(11.0)).chain((0..60).map(level(11.1)))).is_none());
        assert!(course([11.0; 150]).is_none());
    }
}
