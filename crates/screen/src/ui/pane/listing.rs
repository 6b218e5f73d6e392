//! The panes that list things: sections of rows above, what is to be said about the chosen row below.
//!
//! ```text
//!  (the score, in the health pane)
//!  heading of a section ──── labels ───
//!  rows
//!  heading of the next section ─────────
//!  rows
//!  title of the chosen row ── 1-6/14 ──
//!  details             │ the course of its figure, beside them or below
//! ```
//! What each section shows is in `section`, as columns and cells, and what is told of a row is [`Details`]; here they are only
//! placed.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::details::Details;
use super::table;
use crate::ui::action::Action;
use crate::ui::geometry::{ListPage, Placed};
use crate::ui::layout;
use crate::ui::section;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::list::{self, Row, Section};
use crate::ui::view::{Block, Pane, View};
use crate::ui::widget::{scroll, text};

/// Actions told in the bottom line of lists that have no others.
pub(crate) const KEYS: [Action; 7] = [
    Action::Help,
    Action::Back,
    Action::GoThere,
    Action::Open,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];

/// Where the list and the details of a page stand, and the greatest offset of the details.
pub(crate) fn measure(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> (ListPage, usize) {
    let rows = view.rows(pane, snapshot);
    let details = chosen(&rows, body, pane, snapshot, view);
    let page = place(body, pane, rows.len(), details.as_ref(), snapshot, view);
    let (lines, visible) = details.map_or((0, 0), |details| details.lines(text::inset(page.detail)));
    (page, scroll::last_offset(lines, visible))
}

/// With so many rows, and the details of the chosen one.
fn place(body: Rect, pane: Pane, rows: usize, details: Option<&Details>, snapshot: &Snapshot, view: &View) -> ListPage {
    match view.pages.expanded() {
        Some(Block::List) => layout::listing(body, top(body, pane, snapshot), rows, 0),
        Some(Block::Details) => layout::listing(body, 0, 0, usize::from(body.height)),
        Some(_) | None => {
            let detail = details.map_or(0, Details::rows);
            layout::listing(body, top(body, pane, snapshot), rows, detail)
        }
    }
}

/// The blocks of the page: the list, and the details where there are any.
pub(crate) fn parts_of_page(body: Rect, snapshot: &Snapshot, view: &View) -> Placed {
    let pane = view.pages.shown;
    let rows = view.rows(pane, snapshot);
    let details = chosen(&rows, body, pane, snapshot, view);
    let page = place(body, pane, rows.len(), details.as_ref(), snapshot, view);
    let list = (!rows.is_empty()).then_some((Block::List, page.list));
    let details = details.map(|_| (Block::Details, text::inset(page.detail)));
    list.into_iter().chain(details).collect::<Vec<_>>().into()
}

/// Rows above the list.
fn top(body: Rect, pane: Pane, snapshot: &Snapshot) -> usize {
    pane.list().map_or(0, |list| (list.top_height)(body, snapshot))
}

/// The page.
pub(crate) fn render_page(area: Rect, buf: &mut Buffer, scene: Scene) {
    render(area, buf, scene.view.pages.shown, scene);
}

pub(crate) fn render(area: Rect, buf: &mut Buffer, pane: Pane, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let rows = view.rows(pane, snapshot);
    if rows.is_empty() {
        let note = pane.list().and_then(|list| (list.note)(snapshot));
        let mut words = why_empty(pane, view).to_vec();
        // Below the headline: a small screen has no room for all of it.
        words.splice(words.len().min(1)..words.len().min(1), note.as_deref());
        return super::empty(area, buf, &words, theme);
    }
    let page = scene.geometry.list(pane).page;
    if let Some(list) = pane.list() {
        (list.top)(page.top, buf, snapshot, view, theme);
    }
    list_rows(page.list, buf, pane, &rows, Some(view.pages.chosen_in(pane)), scene);
    if let Some(details) = chosen(&rows, area, pane, snapshot, view) {
        details.render(page.detail, buf, pane, scene);
    }
}

/// The list as a block of another page: without the details, and the chosen row marked only while it has the focus.
pub(crate) fn render_block(area: Rect, buf: &mut Buffer, pane: Pane, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let focused = view.pages.focus().and_then(Block::listed) == Some(pane);
    if focused && view.pages.expanded().is_some() {
        return render(area, buf, pane, scene);
    }
    let rows = view.rows(pane, snapshot);
    if rows.is_empty() {
        let inner = text::inset(area);
        super::heading(inner, buf, &pane.page().title.to_lowercase(), theme);
        if let Some(words) = why_empty(pane, view).first() {
            text::put(buf, inner, 0, 1, words, theme.style(Role::Dim));
        }
        return;
    }
    let chosen = focused.then(|| view.pages.chosen_in(pane));
    list_rows(area, buf, pane, &rows, chosen, scene);
}

/// What an empty list says: what is missing, or that the filter leaves nothing.
fn why_empty(pane: Pane, view: &View) -> &'static [&'static str] {
    if view.pages.filter(pane).is_empty() {
        pane.list().map_or(&[], |list| list.nothing)
    } else {
        &NOTHING_LEFT
    }
}

fn list_rows(area: Rect, buf: &mut Buffer, pane: Pane, rows: &[Row], chosen: Option<usize>, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let chosen_line = chosen.and_then(|chosen| list::line_of(rows, chosen));
    let visible = rows.iter().enumerate().skip(view.pages.offset_in(pane));
    for (y, (line, row)) in visible.take(usize::from(area.height)).enumerate() {
        let area = text::rows(area, y, 1);
        match row {
            // However far one scrolls, the columns on top are labelled.
            Row::Heading(section) => heading(area, buf, *section, snapshot, theme),
            Row::Item(section, _) | Row::Note(section) if y == 0 => heading(area, buf, *section, snapshot, theme),
            Row::Note(section) => {
                let words = section::note(*section, snapshot);
                text::put(buf, text::inset(area), 2, 0, &words, theme.style(Role::Dim));
            }
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

/// The details of the chosen row, for the width of `body`.
fn chosen(rows: &[Row], body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Option<Details> {
    let (section, index) = list::items(rows).nth(view.pages.chosen_in(pane))?;
    Details::of(section, index, snapshot, usize::from(body.width).saturating_sub(2))
}

/// What a pane says of which the filter leaves nothing.
const NOTHING_LEFT: [&str; 2] = ["No row matches the filter.", "Press / to change it, esc to clear it."];
