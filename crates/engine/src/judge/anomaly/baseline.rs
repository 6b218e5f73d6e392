//! What is usual: the windows of a while, and where their middle and their spread are.

use crate::judge::rank::median;

/// Windows that are remembered: ten minutes at a probe a second.
const KEPT: usize = 120;

/// Logarithms are kept as multiples of this, 0.03 %; so 2 bytes hold 1 us to an hour.
const CODE_SCALE: f64 = 2900.0;

/// A median absolute deviation of normal values is this share of their standard deviation.
const MAD_OF_NORMAL: f64 = 0.6745;

/// The span from the first decile to the last, of normal values in standard deviations.
const DECILE_SPAN: f64 = 2.563;

/// No baseline is steadier than this share of its median.
const SPREAD_LEAST_RATIO: f64 = 0.01;

/// What a scheduler may add or not; below it, a difference is the machine's, not the target's.
const RESOLUTION_US: f64 = 50.0;

/// One window in so many is rare.
const RARE_OF: usize = 100;

/// Deviations beyond which a window counts no more than at them.
pub(super) const OUTLIER: f64 = 3.0;

/// Neighbours that resemble each other less than this may do so by chance.
const CHANCE_RESEMBLANCE: f64 = 0.15;

/// Nothing resembles itself more, so that no scale is without end.
const RESEMBLANCE_MOST: f64 = 0.97;

/// The newest windows, as logarithms of microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows {
    codes: Vec<u16>,
    /// Where the oldest is, once there are [`KEPT`].
    oldest: usize,
}

/// Where windows usually are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usual {
    /// Logarithm of microseconds.
    pub centre: f64,
    /// Standard deviation of a window, robust.
    pub scale: f64,
    /// How far above the centre one window in a hundred is.
    pub high: f64,
    /// The mean of windows that are not too far out: what their sums are compared with.
    pub level: f64,
    /// Standard deviation for sums of windows: larger where neighbours resemble each other.
    pub slow_scale: f64,
    /// Windows it was estimated from.
    pub windows: usize,
}

impl Windows {
    pub(super) fn push(&mut self, log: f64) {
        let code = (log * CODE_SCALE).round() as u16;
        if self.codes.len() < KEPT {
            if self.codes.len() == self.codes.capacity() {
                // By a fifth of all: doubling would leave half of it idle.
                self.codes.reserve_exact(KEPT / 5);
            }
            self.codes.push(code);
            return;
        }
        self.codes[self.oldest] = code;
        self.oldest = (self.oldest + 1) % KEPT;
    }

    /// Forgets all but so many of the oldest, while there is room for more.
    pub(super) fn keep_oldest(&mut self, count: usize) {
        if self.codes.len() < KEPT {
            self.codes.truncate(count);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.codes.capacity() * size_of::<u16>()
    }

    /// `None` without windows.
    pub(super) fn usual(&self) -> Option<Usual> {
        let logs = self.in_order();
        let mut sorted = logs.clone();
        let centre = median(&mut sorted)?;
        sorted.sort_unstable_by(f64::total_cmp);
        let windows = sorted.len();
        let least = least_spread(centre);
        // A few windows are seldom spread as widely as many are.
        let young = 1.0 + 4.0 / windows as f64;
        let scale = spread(&sorted, centre)?.max(least) * young;
        let (off, deviation) = moments(
            logs.iter()
                .map(|log| (log - centre).clamp(-OUTLIER * scale, OUTLIER * scale)),
        );
        let resemblance = likely_resemblance(resemblance(&logs, centre), windows);
        let runs = ((1.0 + resemblance) / (1.0 - resemblance)).sqrt();
        Some(Usual {
            centre,
            scale,
            high: sorted[windows - 1 - windows / RARE_OF] - centre,
            level: centre + off,
            slow_scale: deviation.max(least) * young * runs,
            windows,
        })
    }

    /// Oldest first.
    fn in_order(&self) -> Vec<f64> {
        let (newer, older) = self.codes.split_at(self.oldest);
        let codes = older.iter().chain(newer);
        codes.map(|code| f64::from(*code) / CODE_SCALE).collect()
    }
}

/// No window or point about `centre`, a logarithm, is told from others by less.
pub(super) fn least_spread(centre: f64) -> f64 {
    let resolution = (RESOLUTION_US / centre.exp()).ln_1p();
    SPREAD_LEAST_RATIO.max(resolution) / MAD_OF_NORMAL
}

/// The standard deviation of most windows: by the median absolute deviation, or by the deciles where that is more.
fn spread(sorted: &[f64], centre: f64) -> Option<f64> {
    let mut deviations: Vec<f64> = sorted.iter().map(|log| (log - centre).abs()).collect();
    let decile = sorted.len() / 10;
    let span = sorted[sorted.len() - 1 - decile] - sorted[decile];
    Some((median(&mut deviations)? / MAD_OF_NORMAL).max(span / DECILE_SPAN))
}

/// Mean and standard deviation; of at least one value.
fn moments(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// The correlation of each window with the next; zero where nothing moves.
fn resemblance(logs: &[f64], centre: f64) -> f64 {
    let spread: f64 = logs.iter().map(|log| (log - centre).powi(2)).sum();
    let common: f64 = logs
        .windows(2)
        .map(|pair| (pair[0] - centre) * (pair[1] - centre))
        .sum();
    if spread > 0.0 { common / spread } else { 0.0 }
}

/// How much neighbours resemble each other, after `seen` among so many values: about a mean of the same values the
/// correlation comes out too low (Marriott and Pope 1954). Zero where it may be chance.
pub(super) fn likely_resemblance(seen: f64, values: usize) -> f64 {
    let likely = seen + (1.0 + 3.0 * seen) / values as f64;
    if likely < CHANCE_RESEMBLANCE {
        return 0.0;
    }
    likely.min(RESEMBLANCE_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(logs: impl IntoIterator<Item = f64>) -> Usual {
        let mut windows = Windows::default();
        logs.into_iter().for_each(|log| windows.push(log));
        windows.usual().unwrap()
    }

    #[test]
    fn what_never_moves_has_a_spread_all_the_same() {
        let slow = of([13.8; 50]);
        assert!(
            (slow.centre - 13.8).abs() < 1e-3 && slow.scale > 0.014 && slow.scale < 0.02,
            "{slow:?}"
        );
        let fast = of([4.6; 50]);
        assert!(fast.scale > 0.5, "50 us of a scheduler are half of 100 us: {fast:?}");
        assert_eq!(Windows::default().usual(), None);
    }

    #[test]
    fn the_oldest_windows_leave() {
        let usual = of((0..500).map(|at| if at < 400 { 5.0 } else { 9.0 }));
        assert_eq!(usual.windows, KEPT);
        assert!((usual.centre - 9.0).abs() < 1e-3);
    }

    #[test]
    fn neighbours_that_resemble_each_other_widen_the_slow_scale_alone() {
        let alternating = of((0..120).map(|at| 10.0 + f64::from(at % 2)));
        let in_runs = of((0..120).map(|at| 10.0 + f64::from(at / 20 % 2)));
        assert_eq!(in_runs.scale, alternating.scale);
        assert!(in_runs.slow_scale > 2.0 * alternating.slow_scale, "{in_runs:?}");
    }
}
