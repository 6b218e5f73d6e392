//! Shares of something that has an end, over time: as bars in the colour of how much each of them is.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::pane::lap;
use crate::ui::theme::Theme;
use crate::ui::view::View;
use crate::ui::widget::text;

/// Draws `history`, which ends with the axis and goes from 0 to 1, over the whole height of `area`.
pub(super) fn course(
    area: Rect,
    buf: &mut Buffer,
    history: &[Option<f32>],
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let timeline = view.charts.timeline(usize::from(area.width), 1, snapshot);
    for x in 0..timeline.columns() {
        let points = timeline.points(history, x).iter().flatten().copied();
        if let Some(worst) = points.max_by(f32::total_cmp) {
            let worst = f64::from(worst);
            bar(text::columns(area, x, 1), buf, worst, worst, theme);
        }
    }
    lap::over(area, buf, timeline);
}

/// The newest of `values`, one a column, the last at the right edge; `top` is what a full bar stands for, the colour is
/// that of the value itself.
pub(super) fn newest(area: Rect, buf: &mut Buffer, values: &[f32], top: f32, theme: &Theme) {
    let width = usize::from(area.width);
    let shown = &values[values.len().saturating_sub(width)..];
    for (x, value) in (width - shown.len()..).zip(shown) {
        let height = f64::from(value / top);
        bar(text::columns(area, x, 1), buf, height, f64::from(*value), theme);
    }
}

/// What was measured shows, however little it is. A NaN counts as nothing. The last eighth stays free, so that rows that
/// are full do not run together.
fn bar(column: Rect, buf: &mut Buffer, height: f64, amount: f64, theme: &Theme) {
    let rows = usize::from(column.height);
    let most = (rows * 8).saturating_sub(1);
    let eighths = ((height.clamp(0.0, 1.0) * most as f64).ceil() as usize).max(1);
    for y in 0..rows {
        let filled = eighths.saturating_sub((rows - 1 - y) * 8).min(8);
        if filled > 0 {
            text::put(buf, column, 0, y, theme.glyphs.bars[filled - 1], theme.amount(amount));
        }
    }
}
