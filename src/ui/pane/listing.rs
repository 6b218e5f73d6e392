//! The panes that list things: sections of rows above, what is to be said about the chosen row below.
//!
//! ```text
//!  (the score, in the health pane)
//!  heading of a section ──── labels ───
//!  rows
//!  heading of the next section ─────────
//!  rows
//!  title of the chosen row ── 1-6/14 ──
//!  details
//! ```
//! What each section shows is in `section`, as columns, cells and a [`Detail`]; here they are only placed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::detail::Detail;
use super::section;
use super::table::{self, Cell};
use crate::snapshot::Snapshot;
use crate::ui::action::Action;
use crate::ui::layout::{self, Listing};
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::list::{self, Row, Section};
use crate::ui::view::{Block, Pane, View};
use crate::ui::widget::{scroll, text};

/// Actions told in the bottom line of lists that have no others.
pub const KEYS: [Action; 6] = [
    Action::Help,
    Action::Back,
    Action::Open,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];

/// Where the list and the details of the pane stand.
pub fn parts(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Listing {
    let rows = view.rows(pane, snapshot);
    let lines = chosen(&rows, body, pane, snapshot, view).map_or(0, |detail| detail.lines.len() + 1);
    match view.expanded() {
        Some(Block::List) => layout::listing(body, top(body, pane, snapshot), rows.len(), 0),
        Some(Block::Details) => layout::listing(body, 0, 0, usize::from(body.height)),
        Some(_) | None => layout::listing(body, top(body, pane, snapshot), rows.len(), lines),
    }
}

/// The blocks of the pane: the list, and the details where there are any.
pub fn blocks(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Vec<(Block, Rect)> {
    let rows = view.rows(pane, snapshot);
    let parts = parts(body, pane, snapshot, view);
    let inner = text::inset(parts.detail);
    let mut blocks = Vec::new();
    if !rows.is_empty() {
        blocks.push((Block::List, parts.list));
    }
    if chosen(&rows, body, pane, snapshot, view).is_some() {
        blocks.push((Block::Details, inner));
    }
    blocks
}

/// The name of the chosen row of the pane, and all its words.
pub fn words(pane: Pane, snapshot: &Snapshot, view: &View) -> Option<(String, String)> {
    let rows = view.rows(pane, snapshot);
    let (section, index) = list::items(&rows).nth(view.chosen_in(pane))?;
    let cells = section::cells(section, index, snapshot, &Theme::plain(Glyphs::ASCII));
    let words: Vec<_> = cells.iter().filter_map(Cell::words).collect();
    let name = cells.iter().find_map(|cell| match cell {
        Cell::Name(name, _) => Some(name.clone()),
        Cell::Text(..) | Cell::Bar(..) => None,
    })?;
    Some((name, words.join("  ")))
}

/// The greatest offset of the details.
pub fn last_below(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> usize {
    let rows = view.rows(pane, snapshot);
    let lines = chosen(&rows, body, pane, snapshot, view).map_or(0, |detail| detail.lines.len());
    let visible = usize::from(parts(body, pane, snapshot, view).detail.height).saturating_sub(1);
    scroll::last_offset(lines, visible)
}

/// Rows above the list.
fn top(body: Rect, pane: Pane, snapshot: &Snapshot) -> usize {
    pane.list().map_or(0, |list| (list.top_height)(body, snapshot))
}

/// The page: its rows, and the block that has the focus marked.
pub fn render_page(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    render(area, buf, view.pane, snapshot, view, theme);
}

/// As [`blocks`], of the page that is shown.
pub fn parts_of_page(area: Rect, snapshot: &Snapshot, view: &View) -> Vec<(Block, Rect)> {
    blocks(area, view.pane, snapshot, view)
}

pub fn render(area: Rect, buf: &mut Buffer, pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let rows = view.rows(pane, snapshot);
    if rows.is_empty() {
        let note = pane.list().and_then(|list| (list.note)(snapshot));
        let mut words = why_empty(pane, view).to_vec();
        // Below the headline: a small screen has no room for all of it.
        words.splice(words.len().min(1)..words.len().min(1), note.as_deref());
        return super::empty(area, buf, &words, theme);
    }
    let chosen_detail = chosen(&rows, area, pane, snapshot, view);
    let parts = parts(area, pane, snapshot, view);
    if let Some(list) = pane.list() {
        (list.top)(parts.top, buf, snapshot, theme);
    }
    list_rows(parts.list, buf, pane, Some(view.chosen_in(pane)), snapshot, view, theme);
    if let Some(detail) = chosen_detail {
        details(parts.detail, buf, &detail, pane, snapshot, view, theme);
    }
}

/// The list as a block of another page: without the details, and the chosen row marked only while it has the focus.
pub fn render_block(area: Rect, buf: &mut Buffer, pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let focused = view.focus().and_then(Block::listed) == Some(pane);
    if focused && view.expanded().is_some() {
        return render(area, buf, pane, snapshot, view, theme);
    }
    if view.rows(pane, snapshot).is_empty() {
        let inner = text::inset(area);
        super::heading(inner, buf, &pane.page().title.to_lowercase(), theme);
        if let Some(words) = why_empty(pane, view).first() {
            text::put(buf, inner, 0, 1, words, theme.style(Role::Dim));
        }
        return;
    }
    let chosen = focused.then(|| view.chosen_in(pane));
    list_rows(area, buf, pane, chosen, snapshot, view, theme);
}

/// What an empty list says: what is missing, or that the filter leaves nothing.
fn why_empty(pane: Pane, view: &View) -> &'static [&'static str] {
    if view.words(pane).is_empty() {
        pane.list().map_or(&[], |list| list.nothing)
    } else {
        &NOTHING_LEFT
    }
}

fn list_rows(
    area: Rect,
    buf: &mut Buffer,
    pane: Pane,
    chosen: Option<usize>,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let rows = view.rows(pane, snapshot);
    let chosen_line = chosen.and_then(|chosen| list::line_of(&rows, chosen));
    let visible = rows.iter().enumerate().skip(view.offset_in(pane));
    for (y, (line, row)) in visible.take(usize::from(area.height)).enumerate() {
        let area = text::rows(area, y, 1);
        match row {
            // However far one scrolls, the columns on top are labelled.
            Row::Heading(section) => heading(area, buf, *section, snapshot, theme),
            Row::Item(section, _) if y == 0 => heading(area, buf, *section, snapshot, theme),
            Row::Item(section, index) => {
                let cells = section::cells(*section, *index, snapshot, theme);
                let name = table::row(area, buf, section::columns(*section), &cells, theme);
                if chosen_line == Some(line) {
                    theme.select(buf, area, name);
                }
            }
        }
    }
}

fn heading(row: Rect, buf: &mut Buffer, section: Section, snapshot: &Snapshot, theme: &Theme) {
    table::heading(
        row,
        buf,
        &section::title(section, snapshot),
        section::columns(section),
        theme,
    );
}

fn details(area: Rect, buf: &mut Buffer, detail: &Detail, pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let below = view.below_in(pane);
    let inner = text::inset(area);
    let visible = usize::from(inner.height).saturating_sub(1);
    let position = (detail.lines.len() > visible).then(|| {
        let last = (below + visible).min(detail.lines.len());
        let key = view.keys.keys(Action::NextTarget).into_iter().next();
        let key = key.map(|key| format!("{key} ")).unwrap_or_default();
        format!(" {key}{}-{last}/{}", below + 1, detail.lines.len())
    });
    let taken = position.as_ref().map_or(0, |position| text::width(position) + 1);
    let mut room = usize::from(inner.width).saturating_sub(taken);
    let mut notes = Vec::new();
    for (words, role) in &detail.title {
        let words = text::cut_end(words, room);
        room = room.saturating_sub(text::width(&words) + 1);
        notes.push((words, theme.style(*role)));
    }
    let notes = notes.into_iter().filter(|(words, _)| !words.is_empty());
    super::heading_notes(text::rows(inner, 0, 1), buf, notes, theme);
    if let Some(position) = position {
        text::put_right(buf, text::rows(inner, 0, 1), 0, &position, theme.style(Role::Accent));
    }
    let lines = detail.lines.iter().skip(below).take(visible);
    for (y, line) in lines.enumerate() {
        line.render(text::rows(inner, y + 1, 1), buf, snapshot, view, theme);
    }
}

/// The details of the chosen row, for the width of `body`.
fn chosen(rows: &[Row], body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Option<Detail> {
    let (section, index) = list::items(rows).nth(view.chosen_in(pane))?;
    section::detail(section, index, snapshot, usize::from(body.width).saturating_sub(2))
}

/// What a pane says of which the filter leaves nothing.
const NOTHING_LEFT: [&str; 2] = ["No row matches the filter.", "Press / to change it, esc to clear it."];
