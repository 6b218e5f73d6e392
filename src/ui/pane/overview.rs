//! Everything at a glance: the targets, the course of the selected one, this machine.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{latency, machine, targets};
use crate::snapshot::Snapshot;
use crate::ui::layout;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let parts = layout::overview(area, view.table.rows.len(), snapshot.host.is_some());
    targets::render(parts.table, buf, snapshot, view, theme);
    if let Some(target) = view.selected().and_then(|id| snapshot.target(id)) {
        let inner = text::columns(parts.chart, 1, usize::from(parts.chart.width).saturating_sub(2));
        latency::render(inner, buf, target, snapshot, view, theme);
    }
    if let Some(host) = &snapshot.host {
        if parts.machine.width > 0 {
            let x = usize::from(parts.machine.x - area.x).saturating_sub(2);
            for y in 0..usize::from(area.height) {
                text::put(buf, area, x, y, theme.glyphs.vertical, theme.style(Role::Rule));
            }
        }
        machine::panel(parts.machine, buf, host, snapshot, view, theme);
        machine::strip(parts.strip, buf, host, snapshot, view, theme);
    }
}
