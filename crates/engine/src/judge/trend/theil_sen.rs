//! The Theil-Sen line: the median of the slopes between all pairs of points (Theil 1950, Sen 1968), through the medians
//! of time and figure (Conover 1980). A third of the points may be nonsense before it turns.

use crate::judge::rank::median;

pub(super) struct Line {
    pub slope: f64,
    /// At time zero.
    pub intercept: f64,
}

/// The line through points of ascending time; `None` with fewer than two.
pub(super) fn line(points: &[(f64, f64)]) -> Option<Line> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (at, (time, value)) in points.iter().enumerate() {
        let later = points[at + 1..].iter();
        slopes.extend(later.map(|(later, other)| (other - value) / (later - time)));
    }
    let slope = median(&mut slopes)?;
    let time = median(&mut points.iter().map(|(time, _)| *time).collect::<Vec<_>>())?;
    let value = median(&mut points.iter().map(|(_, value)| *value).collect::<Vec<_>>())?;
    Some(Line {
        slope,
        intercept: value - time * slope,
    })
}

/// The slope alone, in units a step.
pub(super) fn slope(points: &[Option<f64>]) -> Option<f64> {
    let read = points.iter().enumerate();
    let read: Vec<_> = read
        .filter_map(|(at, value)| Some((at as f64, value.filter(|value| value.is_finite())?)))
        .collect();
    line(&read).map(|line| line.slope)
}
