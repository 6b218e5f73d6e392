//! The pages of the screen, one file each: a pure function from a snapshot and a view to cells.

pub(super) mod alerts;
pub(super) mod analysis;
mod banner;
pub mod block;
pub mod cards;
pub(super) mod compare;
mod course;
mod cursor;
pub(super) mod detail;
mod details;
pub(super) mod evidence;
pub mod footer;
mod failures;
pub(super) mod figure;
mod frame;
pub mod header;
pub(super) mod health;
pub(super) mod heat;
pub mod help;
mod lap;
pub mod latency;
pub(super) mod listing;
pub(super) mod load;
pub mod machine;
mod marks;
mod spans;
pub(super) mod objectives;
pub mod overview;
pub(super) mod table;
pub mod target;
pub mod targets;
pub(super) mod picker;
pub(super) mod timeline;
mod times;
mod vertical;

use probetop_core::snapshot::{Scope, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::geometry::Geometry;
use super::layout::{LEAST_HEIGHT, LEAST_WIDTH};
use super::page::Form;
use super::theme::{Role, Theme};
use super::view::{Block, View};
use super::widget::scroll::Sheet;
use super::widget::text;

/// Everything that a frame is drawn from. The same scene draws the same cells.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub view: &'a View,
    pub geometry: &'a Geometry,
    pub theme: &'a Theme,
}

impl Widget for Scene<'_> {
    /// Draws the whole screen.
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self {
            snapshot,
            geometry,
            theme,
            ..
        } = self;
        buf.set_style(area, theme.style(Role::Text));
        if area.width < LEAST_WIDTH || area.height < LEAST_HEIGHT {
            let hint = format!("probetop needs {LEAST_WIDTH}x{LEAST_HEIGHT}");
            text::put(buf, area, 0, 0, &hint, theme.style(Role::Text));
        } else {
            let bands = geometry.bands;
            header::render(bands.header, buf, self);
            banner::render(bands.banner, buf, snapshot, theme);
            body(bands.body, buf, self);
            footer::render(bands.footer, buf, self);
            picker::render(buf, self);
        }
        theme.glyphs.fold(buf);
        theme.paint(buf);
    }
}

/// The page, or the block of it that has the whole body.
fn body(area: Rect, buf: &mut Buffer, scene: Scene) {
    let geometry = scene.geometry;
    if let Some((block, whole)) = geometry.whole
        && !matches!(block, Block::List | Block::Details)
    {
        block::render(block, whole, buf, scene);
        return block::mark(buf, block, whole, scene.theme);
    }
    let page = scene.view.pages.shown.page();
    let draw = |sheet: Rect, buf: &mut Buffer| {
        (page.render)(sheet, buf, scene);
        let mut blocks = geometry.parts.blocks.iter();
        let focused = blocks.find(|(block, _)| scene.view.pages.focus() == Some(*block));
        if let Some((block, place)) = focused {
            // A sheet that is scrolled begins at its own top.
            let y = place.y - area.y + sheet.y;
            block::mark(buf, *block, Rect { y, ..*place }, scene.theme);
        }
    };
    match page.form {
        Form::Fitted => draw(area, buf),
        Form::Sheet => {
            let sheet = Sheet {
                height: geometry.height,
                offset: scene.view.pages.offset(),
                draw,
            };
            sheet.render(area, buf);
        }
    }
}

/// A heading with a line to the right edge: `disks ─────────`.
pub fn heading(area: Rect, buf: &mut Buffer, title: &str, theme: &Theme) {
    heading_with(area, buf, title, std::iter::empty(), theme);
}

/// A heading with notes after the title, each in its own style.
pub fn heading_with(
    area: Rect,
    buf: &mut Buffer,
    title: &str,
    notes: impl Iterator<Item = (String, Style)>,
    theme: &Theme,
) {
    let title = (title.to_string(), theme.style(Role::Heading));
    heading_notes(area, buf, std::iter::once(title).chain(notes), theme);
}

/// Words, each in its own style, with a line to the right edge.
fn heading_notes(area: Rect, buf: &mut Buffer, notes: impl Iterator<Item = (String, Style)>, theme: &Theme) {
    let mut x = 0;
    for (note, style) in notes {
        x = text::put(buf, area, x, 0, &note, style) + 1;
    }
    for x in x..usize::from(area.width) {
        text::put(buf, area, x, 0, theme.glyphs.rule, theme.style(Role::Rule));
    }
}

/// Of whom a course tells.
fn whom(scope: Scope, snapshot: &Snapshot) -> &str {
    match scope {
        Scope::All => "all targets",
        Scope::Target(id) => snapshot
            .target(id)
            .map_or("a target", |target| target.info.name.as_str()),
    }
}

/// Says why there is nothing to show, and what to do about it.
pub fn empty(area: Rect, buf: &mut Buffer, lines: &[&str], theme: &Theme) {
    /// Columns before a line, and as many behind it.
    const MARGIN: usize = 2;
    let width = usize::from(area.width).saturating_sub(2 * MARGIN);
    let mut y = 1;
    for (index, line) in lines.iter().enumerate() {
        let role = if index == 0 { Role::Text } else { Role::Dim };
        // An example is indented, and stays so.
        let indent = line.len() - line.trim_start().len();
        for part in text::wrap(line, width.saturating_sub(indent)) {
            text::put(buf, area, MARGIN + indent, y, &part, theme.style(role));
            y += 1;
        }
    }
}
