//! Everything at a glance, made of the blocks of the chosen preset.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::block;
use crate::snapshot::Snapshot;
use crate::ui::layout;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let placed = layout::overview(area, snapshot, view);
    for rule in &placed.rules {
        for y in 0..usize::from(rule.height) {
            text::put(buf, *rule, 0, y, theme.glyphs.vertical, theme.style(Role::Rule));
        }
    }
    for (block, area) in &placed.blocks {
        block::render(*block, *area, buf, snapshot, view, theme);
    }
    block::mark(buf, &placed.blocks, view, theme);
}
