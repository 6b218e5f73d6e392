//! The pages of the screen, one file each: a pure function from a snapshot and a view to cells.

pub(super) mod alerts;
pub(super) mod analysis;
mod banner;
pub mod block;
pub(super) mod compare;
mod course;
mod cursor;
mod detail;
pub mod footer;
mod frame;
pub mod header;
pub(super) mod health;
pub(super) mod heat;
pub mod help;
pub mod latency;
pub(super) mod listing;
pub(super) mod load;
pub mod machine;
mod marks;
mod spans;
pub(super) mod objectives;
pub mod overview;
mod section;
mod table;
pub mod target;
pub mod targets;
pub(super) mod picker;
pub(super) mod timeline;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::layout::{self, LEAST_HEIGHT, LEAST_WIDTH};
use super::page::Form;
use super::theme::{Role, Theme};
use super::view::{Block, View};
use super::widget::{scroll, text};
use crate::snapshot::{Scope, Snapshot};

/// Draws the whole screen. The same inputs draw the same cells.
pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    buf.set_style(area, theme.style(Role::Text));
    if area.width < LEAST_WIDTH || area.height < LEAST_HEIGHT {
        let hint = format!("probetop needs {LEAST_WIDTH}x{LEAST_HEIGHT}");
        text::put(buf, area, 0, 0, &hint, theme.style(Role::Text));
    } else {
        let screen = layout::screen((area.width, area.height), snapshot, view.pane);
        header::render(screen.header, buf, snapshot, view, theme);
        banner::render(screen.banner, buf, snapshot, theme);
        body(screen.body, buf, snapshot, view, theme);
        footer::render(screen.footer, buf, snapshot, view, theme);
        picker::render(screen.body, buf, snapshot, view, theme);
    }
    theme.glyphs.fold(buf);
    theme.paint(buf);
}

fn body(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    if let Some(block) = view
        .expanded()
        .filter(|block| !matches!(block, Block::List | Block::Details))
    {
        let blocks = [(block, layout::whole(block, area))];
        block::render(block, blocks[0].1, buf, snapshot, view, theme);
        return block::mark(buf, &blocks, view, theme);
    }
    let page = view.pane.page();
    let draw = |buf: &mut Buffer, area: Rect| {
        (page.render)(area, buf, snapshot, view, theme);
        block::mark(buf, &(page.parts)(area, snapshot, view), view, theme);
    };
    match page.form {
        Form::Fitted => draw(buf, area),
        Form::Sheet => scroll::render(buf, area, height(snapshot, view), view.offset(), draw),
    }
}

/// Rows that the pane needs to show everything; 0 for one that fits itself into what there is.
pub fn height(snapshot: &Snapshot, view: &View) -> usize {
    (view.pane.page().measure)(usize::from(view.size.0), snapshot, view)
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
