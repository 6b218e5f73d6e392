//! Where things stand: a size in, a [`Geometry`] out.
//!
//! ```text
//!  header     name, tabs, live or frozen; counts by level, window, what probetop costs
//!  banner     what fires, by cause, or fired last (overview only); its rows are reserved
//!  body       the page
//!  footer     keys, or the filter that is typed, or a message
//! ```

pub mod columns;
pub mod overview;
mod touch;

use probetop_core::snapshot::Snapshot;
use ratatui::layout::Rect;

use super::geometry::{Bands, Geometry, List, ListPage, Overlay, Placed, Scrolled, Table};
use super::page::{AlertOf, Need};
use super::pane::{block, listing, machine, picker};
use super::view::{Block, Extent, MachinePart, Pane, Typing, View};
use super::widget::text;

pub use touch::touch;

/// Smaller than this nothing can be read.
pub const LEAST_WIDTH: u16 = 30;
pub const LEAST_HEIGHT: u16 = 6;

/// Where everything stands. Brings the view in line with it, so that every position lies inside what there is to show.
pub fn settle(view: &mut View, snapshot: &Snapshot) -> Geometry {
    view.settle_time(snapshot);
    view.pages.find_row_of_page(snapshot);
    let mut geometry = place(snapshot, view);
    if view.pages.settle_focus(&geometry) {
        geometry = place(snapshot, view);
    }
    for (block, _) in geometry.blocks() {
        if let Some(pane) = block.listed() {
            view.pages.find_row(pane, snapshot);
        }
    }
    geometry.lists = lists(&geometry, snapshot, view);
    geometry.scrolled = scrolled(&geometry, snapshot, view);
    geometry.overlay = overlay(&geometry, snapshot, view);
    view.settle_rows(&geometry, snapshot);
    geometry
}

/// What follows from size and page alone: bands, blocks, and the table.
fn place(snapshot: &Snapshot, view: &View) -> Geometry {
    let bands = bands(view.size, view.pages.shown);
    let width = usize::from(view.size.0);
    let page = view.pages.shown.page();
    let height = (page.measure)(width, snapshot, view);
    let body_of_overview = self::bands(view.size, Pane::Overview).body;
    let overview = (Pane::Overview.page().parts)(body_of_overview, snapshot, view);
    let area = match view.pages.expanded() {
        Some(Block::Targets | Block::Cards) => body_of_overview,
        Some(_) | None => place_of(Block::Targets, &overview)
            .or_else(|| place_of(Block::Cards, &overview))
            .unwrap_or_default(),
    };
    let parts = match view.pages.shown {
        Pane::Overview => overview,
        _ => (page.parts)(sheet(bands.body, height), snapshot, view),
    };
    let whole = view.pages.expanded().and_then(|expanded| {
        let area = match expanded {
            Block::List | Block::Details => place_of(expanded, &parts),
            _ => block::measure(expanded, width, snapshot, view).map(|_| whole(expanded, bands.body)),
        };
        Some((expanded, area?))
    });
    let processes_row = if view.pages.shown.needs(Need::Processes) {
        machine::processes_row(width, snapshot)
    } else {
        0
    };
    Geometry {
        bands,
        parts,
        whole,
        height,
        table: Table {
            area,
            columns: columns::of_table(area, snapshot, view),
        },
        processes_row,
        ..Geometry::default()
    }
}

fn place_of(wanted: Block, placed: &Placed) -> Option<Rect> {
    let place = placed.blocks.iter().find(|(block, _)| *block == wanted);
    place.map(|(_, area)| *area)
}

fn bands((width, height): (u16, u16), pane: Pane) -> Bands {
    let area = Rect::new(0, 0, width, height);
    let rows = usize::from(height);
    let header = if rows < 16 { 1 } else { 2 };
    // Reserved, whatever fires: rows that come and go move what one is about to click on.
    let banner = match rows {
        0..10 => 0,
        10..30 => 1,
        30.. => 3,
    };
    let banner = match pane.page().alert {
        AlertOf::Banner => banner,
        AlertOf::Chosen | AlertOf::Target | AlertOf::Nobody => 0,
    };
    let body = rows.saturating_sub(header + banner + 1);
    Bands {
        header: text::rows(area, 0, header),
        banner: text::rows(area, header, banner),
        body: text::rows(area, header + banner, body),
        footer: text::rows(area, header + banner + body, 1),
    }
}

/// The body, as high as the page needs it.
fn sheet(body: Rect, height: usize) -> Rect {
    let height = u16::try_from(height).unwrap_or(u16::MAX - body.y);
    Rect {
        height: body.height.max(height),
        ..body
    }
}

/// Where a block stands that has the whole body.
fn whole(block: Block, body: Rect) -> Rect {
    match block {
        // It is the page of the machine then, which sees to its margins.
        Block::Machine(MachinePart::Whole) if usize::from(body.width) >= machine::WIDE => body,
        _ if block.has_margins() => body,
        _ => text::inset(body),
    }
}

/// The lists on the screen: that of the page, or those that stand on it as blocks.
fn lists(geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Vec<(Pane, List)> {
    let body = geometry.bands.body;
    let list = |pane: Pane, block: Option<Rect>| {
        let (page, last_below) = listing::measure(body, pane, snapshot, view);
        let rows = block.unwrap_or(page.list);
        let list = List { rows, page, last_below };
        (pane, list)
    };
    if view.pages.shown.list().is_some() {
        return vec![list(view.pages.shown, None)];
    }
    let blocks = geometry.blocks().iter();
    let listed = blocks.filter_map(|(block, area)| Some((block.listed()?, *area)));
    listed
        .map(|(pane, area)| list(pane, Some(area).filter(|_| view.pages.extent() == Extent::Parts)))
        .collect()
}

fn scrolled(geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Scrolled {
    let mut blocks = geometry.blocks().iter();
    let focused = blocks.find(|(block, _)| view.pages.focus() == Some(*block));
    match focused.filter(|_| view.pages.scrolls_block()) {
        Some((block, area)) => Scrolled {
            rows: block::full_height(*block, usize::from(area.width), snapshot, view),
            visible: usize::from(area.height),
        },
        None => Scrolled {
            rows: geometry.height,
            visible: usize::from(geometry.bands.body.height),
        },
    }
}

fn overlay(geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Option<Overlay> {
    let Some(Typing::Pick(picker)) = view.typing() else {
        return None;
    };
    let items = view.items(picker, snapshot, geometry);
    let rows = view.picker_rows(picker, &items);
    Some(picker::place(geometry.bands.body, picker, items, rows))
}

/// The list of `rows` and its details of so many lines share what there is: at least half is the list's.
pub fn listing(body: Rect, top: usize, rows: usize, detail: usize) -> ListPage {
    let rest = usize::from(body.height).saturating_sub(top);
    let detail = detail.min((rest / 2).max(rest.saturating_sub(rows)));
    // Where there is more room than rows, one stays free between the two.
    let list = (rest - detail).min(rows + 1);
    ListPage {
        top: text::rows(body, 0, top),
        list: text::rows(body, top, list),
        detail: text::rows(body, top + list, rest - list),
    }
}
