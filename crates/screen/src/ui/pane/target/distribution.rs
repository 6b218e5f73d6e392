//! How latencies are spread: a row for each range, fastest first.

use probetop_core::snapshot::{Bucket, Detail, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::gauge::Gauge;
use crate::ui::widget::text::{self, Align};

/// Columns before and after the bar.
const RANGE: usize = 15;
const COUNT: usize = 15;

pub fn render(area: Rect, buf: &mut Buffer, detail: &Detail, snapshot: &Snapshot, theme: &Theme) {
    super::super::heading(
        area,
        buf,
        &format!("distribution over {}", snapshot.window.name()),
        theme,
    );
    let rows = usize::from(area.height).saturating_sub(1);
    let merged = merge(&detail.distribution, rows);
    let total = merged
        .iter()
        .fold(0, |sum: u64, bucket| sum.saturating_add(bucket.count));
    let most = merged.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    if total == 0 {
        return super::super::empty(area, buf, &["No successful probe in this window."], theme);
    }
    let bar_width = usize::from(area.width).saturating_sub(RANGE + COUNT + 1);
    for (y, bucket) in merged.iter().enumerate() {
        let row = text::rows(area, 1 + y, 1);
        let range = format!(
            "{:>6} {:>7}",
            format::latency(Some(bucket.low)),
            format::latency(Some(bucket.high))
        );
        text::put(buf, row, 0, 0, &range, theme.style(Role::Dim));
        let ratio = bucket.count as f64 / most as f64;
        if bucket.count > 0 {
            let bar = text::columns(row, RANGE, bar_width);
            let gauge = Gauge {
                ratio: Some(ratio),
                style: theme.style(Role::Bar),
                theme,
            };
            gauge.render(bar, buf);
        }
        let share = format::share(Some(bucket.count as f64 / total as f64));
        let count = format::count(bucket.count);
        let x = RANGE + bar_width + 1;
        text::put_cell(buf, row, x, 0, 8, Align::Right, &count, theme.style(Role::Text));
        text::put_cell(buf, row, x + 8, 0, 6, Align::Right, &share, theme.style(Role::Dim));
    }
}

/// Neighbours put together so that there are at most `rows`.
fn merge(buckets: &[Bucket], rows: usize) -> Vec<Bucket> {
    let together = buckets.len().div_ceil(rows.max(1)).max(1);
    let whole = |group: &[Bucket]| {
        let (first, last) = (group.first()?, group.last()?);
        let count = group
            .iter()
            .fold(0, |sum: u64, bucket| sum.saturating_add(bucket.count));
        Some(Bucket {
            low: first.low,
            high: last.high,
            count,
        })
    };
    buckets.chunks(together).filter_map(whole).take(rows).collect()
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::Micros;

    use super::*;

    #[test]
    fn neighbours_are_put_together_and_nothing_is_lost() {
        let bucket = |low, count| Bucket {
            low: Micros(low),
            high: Micros(low + 1),
            count,
        };
        let buckets: Vec<_> = (0..10).map(|low| bucket(low, u64::from(low))).collect();
        let check = |rows, length| {
            let merged = merge(&buckets, rows);
            assert_eq!(merged.len(), length);
            assert_eq!(merged.iter().map(|bucket| bucket.count).sum::<u64>(), 45);
            assert_eq!(merged.last().map(|bucket| bucket.high), Some(Micros(10)));
        };
        check(10, 10);
        check(20, 10);
        check(4, 4);
        check(1, 1);
        assert_eq!(merge(&[], 5), []);
        assert_eq!(merge(&buckets, 0), []);
    }
}
