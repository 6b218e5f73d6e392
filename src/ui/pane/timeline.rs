//! Latency, outcomes, load and this machine over the same seconds.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::snapshot::Snapshot;
use crate::ui::theme::Theme;
use crate::ui::view::View;

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, _view: &View, theme: &Theme) {
    let Some(course) = &snapshot.course else {
        return super::empty(area, buf, &["Nothing was measured yet."], theme);
    };
    let steps = format!("{} steps", course.points.len());
    super::heading(area, buf, &steps, theme);
}
