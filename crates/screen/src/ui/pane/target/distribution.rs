//! How latencies are spread: a row for each range, fastest first, with the limits between them and the percentiles beside them.
//!
//! ```text
//!    100ms   150ms ██████████████████       41   34.2%
//!    150ms   220ms ████████████████████     46   38.3% p50
//!    200ms ┄┄ p95 warning ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
//!    220ms   330ms ███▌                      8    6.7% p95
//! ```
//! Ranges are equally wide on a logarithmic scale, so that bars compare and a gap is seen as one.

use probetop_core::sample::{Level, Micros};
use probetop_core::snapshot::{Bucket, Detail, LatencyLimits, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::window_of;
use crate::ui::format;
use crate::ui::pane::latency::LINES;
use crate::ui::pane::vertical;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::gauge::Gauge;
use crate::ui::widget::text::{self, Align};

/// Columns before and after the bar.
const RANGE: usize = 15;
const COUNT: usize = 15;

/// Columns for the names of percentiles at the right edge.
const NAMES: usize = 8;

/// Ranges that a factor of two is divided into at most: what is counted is not known finer.
const PER_OCTAVE: f64 = 8.0;

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    detail: &Detail,
    snapshot: &Snapshot,
    theme: &Theme,
) {
    let title = format!("distribution over {}", format::window(snapshot.window, &target.stats));
    super::super::heading(area, buf, &title, theme);
    let rows = text::rows(area, 1, usize::from(area.height).saturating_sub(1));
    let lines = lines(&detail.distribution, &target.limits, usize::from(rows.height));
    let counts = || lines.iter().filter_map(Line::count);
    let total = counts().fold(0, u64::saturating_add);
    let most = counts().max().unwrap_or(0);
    if total == 0 {
        return super::super::empty(area, buf, &["No successful probe in this window."], theme);
    }
    for (y, line) in lines.iter().enumerate() {
        let row = text::rows(rows, y, 1);
        match line {
            Line::Limit(level, limit) => {
                let quantile = target.limits.quantile;
                vertical::limit(row, buf, RANGE, (*level, *limit), quantile, theme);
            }
            Line::Range(bin) => {
                range(row, buf, bin, (most, total), &target.limits, theme);
                percentiles(row, buf, bin, detail, snapshot, theme);
            }
        }
    }
}

/// Latencies of at least `low` and below `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bin {
    low: f64,
    high: f64,
    count: u64,
}

enum Line {
    Range(Bin),
    Limit(Level, Micros),
}

impl Line {
    fn count(&self) -> Option<u64> {
        match self {
            Self::Range(bin) => Some(bin.count),
            Self::Limit(..) => None,
        }
    }
}

/// At most so many: ranges, and each limit that lies among them behind the range it is in.
fn lines(buckets: &[Bucket], limits: &LatencyLimits, rows: usize) -> Vec<Line> {
    let ends = buckets.first().zip(buckets.last());
    let among = |limit: &Micros| ends.is_some_and(|(first, last)| (first.low..last.high).contains(limit));
    let limits: Vec<_> = limits.set().rev().filter(|(_, limit)| among(limit)).collect();
    let bins = bins(buckets, rows.saturating_sub(limits.len()));
    let mut lines: Vec<Line> = Vec::new();
    for bin in bins {
        let is_in = |limit: &Micros| (bin.low..bin.high).contains(&f64::from(limit.0));
        lines.push(Line::Range(bin));
        let limits = limits.iter().filter(|(_, limit)| is_in(limit));
        lines.extend(limits.map(|(level, limit)| Line::Limit(*level, *limit)));
    }
    lines.truncate(rows);
    lines
}

/// At most so many, from the fastest to the slowest, equally wide in the logarithm.
fn bins(buckets: &[Bucket], rows: usize) -> Vec<Bin> {
    let Some((first, last)) = buckets.first().zip(buckets.last()).filter(|_| rows > 0) else {
        return Vec::new();
    };
    let low = f64::from(first.low.0.max(1));
    let octaves = (f64::from(last.high.0) / low).log2().max(0.0);
    let count = ((octaves * PER_OCTAVE).round() as usize).clamp(1, rows);
    let edge = |number: usize| low * (octaves * number as f64 / count as f64).exp2();
    let bin = |number| Bin {
        low: edge(number),
        high: edge(number + 1),
        count: 0,
    };
    let mut bins: Vec<Bin> = (0..count).map(bin).collect();
    for bucket in buckets {
        let middle = (f64::from(bucket.low.0.max(1)) * f64::from(bucket.high.0.max(1))).sqrt();
        let share = (middle / low).log2().max(0.0) / octaves.max(f64::MIN_POSITIVE);
        let number = ((share * count as f64) as usize).min(count - 1);
        bins[number].count = bins[number].count.saturating_add(bucket.count);
    }
    bins
}

/// One row: its ends, a bar in the style of its level, count and share.
fn range(row: Rect, buf: &mut Buffer, bin: &Bin, (most, total): (u64, u64), limits: &LatencyLimits, theme: &Theme) {
    let micros = |us: f64| Some(Micros(us.round() as u32));
    let ends = format!(
        "{:>6} {:>7}",
        format::latency(micros(bin.low)),
        format::latency(micros(bin.high))
    );
    text::put(buf, row, 0, 0, &ends, theme.style(Role::Dim));
    if bin.count == 0 {
        return;
    }
    let bar_width = usize::from(row.width).saturating_sub(RANGE + COUNT + NAMES + 1);
    let role = match limits.level(Micros(bin.low.ceil() as u32)) {
        Level::Ok | Level::Unknown => Role::Bar,
        level @ (Level::Warning | Level::Critical) => level.into(),
    };
    let gauge = Gauge {
        ratio: Some(bin.count as f64 / most as f64),
        style: theme.style(role),
        theme,
    };
    gauge.render(text::columns(row, RANGE, bar_width), buf);
    let share = format::share(Some(bin.count as f64 / total as f64));
    let x = RANGE + bar_width + 1;
    text::put_cell(
        buf,
        row,
        x,
        0,
        8,
        Align::Right,
        &format::count(bin.count),
        theme.style(Role::Text),
    );
    text::put_cell(buf, row, x + 8, 0, 6, Align::Right, &share, theme.style(Role::Dim));
}

/// The names of the percentiles that lie in the range, as many as there is room for, the lowest first.
fn percentiles(row: Rect, buf: &mut Buffer, bin: &Bin, detail: &Detail, snapshot: &Snapshot, theme: &Theme) {
    let Some(window) = window_of(detail, snapshot) else {
        return;
    };
    let latency = &window.stats.latency;
    let values = [latency.p99, latency.p95, latency.p50];
    let named = LINES.iter().zip(values).rev();
    let within =
        named.filter(|(_, value)| value.is_some_and(|value| (bin.low..bin.high).contains(&f64::from(value.0))));
    let mut x = usize::from(row.width).saturating_sub(NAMES) + 1;
    for ((name, role, ..), _) in within {
        x = text::put(buf, row, x, 0, name, theme.style(*role)) + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(low: u32, high: u32, count: u64) -> Bucket {
        Bucket {
            low: Micros(low),
            high: Micros(high),
            count,
        }
    }

    /// The ranges and what is in each; limits as negative numbers.
    fn check(buckets: &[Bucket], limits: LatencyLimits, rows: usize, expected: &[(i64, u64)]) {
        let lines = lines(buckets, &limits, rows).into_iter().map(|line| match line {
            Line::Range(bin) => (bin.low.round() as i64, bin.count),
            Line::Limit(_, limit) => (-i64::from(limit.0), 0),
        });
        assert_eq!(lines.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn ranges_are_equally_wide_and_nothing_is_lost() {
        let none = LatencyLimits::default();
        let buckets = [bucket(100, 110, 3), bucket(120, 130, 4), bucket(700, 800, 2)];
        check(&buckets, none, 3, &[(100, 7), (200, 0), (400, 2)]);
        check(&buckets, none, 1, &[(100, 9)]);
        check(&buckets[..1], none, 9, &[(100, 3)]);
        check(&[], none, 5, &[]);
        check(&buckets, none, 0, &[]);
    }

    #[test]
    fn a_limit_stands_behind_the_range_it_is_in() {
        let limits = LatencyLimits {
            quantile: 0.95,
            warning: Some(Micros(250)),
            critical: Some(Micros(5000)),
        };
        let buckets = [bucket(100, 110, 3), bucket(700, 800, 2)];
        check(&buckets, limits, 4, &[(100, 3), (200, 0), (-250, 0), (400, 2)]);
    }
}
