//! Failures of the window by kind, and the last ones with what was said.

use probetop_core::snapshot::{Detail, FailureRecord, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text;

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    detail: &Detail,
    snapshot: &Snapshot,
    theme: &Theme,
) {
    let width = usize::from(area.width);
    super::super::heading(area, buf, &format!("failures over {}", snapshot.window.name()), theme);
    let others = [("skipped", target.stats.skipped), ("cut off", target.stats.cut_off)];
    let others = others.into_iter().filter(|(_, count)| *count > 0);
    if target.stats.failures.is_empty() && others.clone().next().is_none() {
        text::put(buf, area, 0, 1, "none in this window", theme.style(Role::Dim));
    }
    let mut x = 0;
    for (kind, count) in &target.stats.failures {
        x = text::put(buf, area, x, 1, kind.name(), theme.style(Role::Failure)) + 1;
        x = text::put(buf, area, x, 1, &format::count(*count), theme.style(Role::Text)) + 3;
    }
    for (what, count) in others {
        x = text::put(buf, area, x, 1, what, theme.style(Role::Dim)) + 1;
        x = text::put(buf, area, x, 1, &format::count(count), theme.style(Role::Text)) + 3;
    }
    let rows = usize::from(area.height).saturating_sub(2);
    for (y, record) in detail.failures.iter().take(rows).enumerate() {
        let row = text::rows(area, 2 + y, 1);
        let at = format::time_of_day(snapshot.wall(record.at));
        let x = text::put(buf, row, 0, 0, &at, theme.style(Role::Dim)) + 2;
        let x = text::put(buf, row, x, 0, &place(record), theme.style(Role::Failure)).max(x + 18) + 2;
        let message = text::cut_end(record.failure.message.as_str(), width.saturating_sub(x));
        text::put(buf, row, x, 0, &message, theme.style(Role::Text));
    }
}

/// Kind and phase: `timeout, first byte`.
fn place(record: &FailureRecord) -> String {
    match record.failure.phase {
        Some(phase) => format!("{}, {}", record.failure.kind.name(), phase.label()),
        None => record.failure.kind.name().into(),
    }
}
