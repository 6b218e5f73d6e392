//! Everything at a glance, made of the blocks of the chosen preset.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Scene, block};
use crate::ui::action::Action;
use crate::ui::geometry::Placed;
use crate::ui::layout::overview;
use crate::ui::page::{About, AlertOf, Form, Page, Past, Rows};
use crate::ui::theme::Role;
use crate::ui::view::View;
use crate::ui::widget::text;

pub const PAGE: Page = Page {
    title: "Overview",
    short_title: "Over",
    action: Action::Overview,
    keys: &[
        Action::Help,
        Action::Quit,
        Action::Open,
        Action::Filter,
        Action::SortNext,
        Action::GoThere,
        Action::WindowNext,
        Action::Freeze,
        Action::Acknowledge,
        Action::Silence,
        Action::Together,
        Action::Export,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::Columns,
        Action::SavedFilter,
        Action::Reload,
        Action::Discover,
    ],
    about: About::Targets,
    rows: Rows::Targets,
    alert: AlertOf::Banner,
    past: Past::Shown,
    needs: &[],
    axis: None,
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts,
    render,
};

fn parts(body: Rect, snapshot: &Snapshot, view: &View) -> Placed {
    let width = usize::from(body.width);
    overview::place(view.preset(), body, |block| {
        block::measure(block, width, snapshot, view)
    })
}

fn render(_area: Rect, buf: &mut Buffer, scene: Scene) {
    let placed = &scene.geometry.parts;
    let (glyph, style) = (scene.theme.glyphs.vertical, scene.theme.style(Role::Rule));
    for rule in &placed.rules {
        for y in 0..usize::from(rule.height) {
            text::put(buf, *rule, 0, y, glyph, style);
        }
    }
    for (block, area) in &placed.blocks {
        block::render(*block, *area, buf, scene);
    }
}
