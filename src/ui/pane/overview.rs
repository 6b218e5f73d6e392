//! Everything at a glance, made of the blocks of the chosen preset.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::block;
use crate::snapshot::Snapshot;
use crate::ui::action::Action;
use crate::ui::layout;
use crate::ui::page::{About, AlertOf, Form, Page, Past, Rows};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

pub const PAGE: Page = Page {
    title: "Overview",
    short_title: "All",
    action: Action::Overview,
    keys: &[
        Action::Help,
        Action::Quit,
        Action::Open,
        Action::Filter,
        Action::SortNext,
        Action::WindowNext,
        Action::Freeze,
        Action::Acknowledge,
        Action::Silence,
        Action::Export,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::Columns,
        Action::SavedFilter,
        Action::Reload,
    ],
    about: About::Targets,
    rows: Rows::Targets,
    alert: AlertOf::Banner,
    past: Past::Shown,
    needs: &[],
    axis: None,
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts: |area, snapshot, view| layout::overview(area, snapshot, view).blocks,
    render: render,
};

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
}
