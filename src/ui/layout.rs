//! Where things stand: a size in, rectangles out. Drawing and the mouse read the same ones.
//!
//! ```text
//!  header     name, tabs, live or frozen; counts by level, window, what probetop costs
//!  banner     what fires, by cause, worst first (overview only)
//!  body       the pane
//!  footer     keys, or the filter that is typed, or a message
//! ```

pub mod overview;

use std::ops::Range;

use ratatui::layout::Rect;

use self::overview::Placed;
use super::pane::{self, block, header, listing, machine, target};
use super::view::list::{self, Row};
use super::view::{Block, Column, Pane, View};
use super::widget::text;
use crate::snapshot::Snapshot;

/// Smaller than this nothing can be read.
pub const LEAST_WIDTH: u16 = 30;
pub const LEAST_HEIGHT: u16 = 6;

/// The bands of the screen, from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    pub header: Rect,
    pub banner: Rect,
    pub body: Rect,
    pub footer: Rect,
}

pub fn screen((width, height): (u16, u16), snapshot: &Snapshot, pane: Pane) -> Screen {
    let area = Rect::new(0, 0, width, height);
    let rows = usize::from(height);
    let header = if rows < 16 { 1 } else { 2 };
    let banner_limit = match rows {
        0..10 => 0,
        10..30 => 1,
        30.. => 3,
    };
    let banner = match pane {
        Pane::Overview => snapshot.alerts.causes.len().min(banner_limit),
        Pane::Target
        | Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Health
        | Pane::Analysis
        | Pane::Compare
        | Pane::Timeline
        | Pane::Heat
        | Pane::Help => 0,
    };
    let body = rows.saturating_sub(header + banner + 1);
    Screen {
        header: text::rows(area, 0, header),
        banner: text::rows(area, header, banner),
        body: text::rows(area, header + banner, body),
        footer: text::rows(area, header + banner + body, 1),
    }
}

/// Where the blocks of the overview stand.
pub fn overview(body: Rect, snapshot: &Snapshot, view: &View) -> Placed {
    let width = usize::from(body.width);
    overview::place(view.preset(), body, |block| {
        block::measure(block, width, snapshot, view)
    })
}

/// The blocks of the pane and where they stand, in a pane that scrolls before it is scrolled.
pub fn parts(snapshot: &Snapshot, view: &View) -> Vec<(Block, Rect)> {
    parts_in(sheet(snapshot, view), snapshot, view)
}

/// The same within `area`.
pub fn parts_in(area: Rect, snapshot: &Snapshot, view: &View) -> Vec<(Block, Rect)> {
    match view.pane {
        Pane::Overview => overview(area, snapshot, view).blocks,
        Pane::Target => {
            let target = view.selected().and_then(|id| snapshot.target(id));
            target.map_or_else(Vec::new, |target| target::parts(area, target, snapshot))
        }
        Pane::Machine => {
            let host = snapshot.host.as_ref();
            host.map_or_else(Vec::new, |host| machine::parts(area, host))
        }
        Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => {
            listing::blocks(area, view.pane, snapshot, view)
        }
        Pane::Timeline | Pane::Heat | Pane::Help => Vec::new(),
    }
}

/// The body, as high as the pane needs it.
fn sheet(snapshot: &Snapshot, view: &View) -> Rect {
    let body = screen(view.size, snapshot, view.pane).body;
    let height = u16::try_from(pane::height(snapshot, view)).unwrap_or(u16::MAX - body.y);
    Rect {
        height: body.height.max(height),
        ..body
    }
}

/// The blocks on the screen: those of the pane, or the one that has the whole body.
pub fn blocks(snapshot: &Snapshot, view: &View) -> Vec<(Block, Rect)> {
    match view.expanded() {
        None => parts(snapshot, view),
        Some(block @ (Block::List | Block::Details)) => {
            let parts = parts(snapshot, view).into_iter();
            parts.filter(|(placed, _)| *placed == block).collect()
        }
        Some(block) => vec![(block, whole(block, screen(view.size, snapshot, view.pane).body))],
    }
}

/// Where a block stands that has the whole body.
pub fn whole(block: Block, body: Rect) -> Rect {
    match block {
        // It is the page of the machine then, which sees to its margins.
        Block::Machine if usize::from(body.width) >= machine::WIDE => body,
        _ if block.has_margins() => body,
        _ => text::columns(body, 1, usize::from(body.width).saturating_sub(2)),
    }
}

/// Whether there is anything to show of a block on the whole body.
pub fn can_expand(block: Block, snapshot: &Snapshot, view: &View) -> bool {
    match block {
        Block::List | Block::Details => parts(snapshot, view).iter().any(|(placed, _)| *placed == block),
        _ => block::measure(block, usize::from(view.size.0), snapshot, view).is_some(),
    }
}

/// How many targets the table shows at once.
pub fn table_rows(snapshot: &Snapshot, view: &View) -> usize {
    let body = screen(view.size, snapshot, Pane::Overview).body;
    let blocks = match view.expanded() {
        Some(Block::Targets) => vec![(Block::Targets, body)],
        Some(_) | None => overview(body, snapshot, view).blocks,
    };
    let table = blocks.into_iter().find(|(block, _)| *block == Block::Targets);
    table.map_or(0, |(_, table)| usize::from(table.height).saturating_sub(1))
}

/// A pane that lists things: the list, and the details of the chosen row below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Above the list; only the health score has any.
    pub top: Rect,
    pub list: Rect,
    pub detail: Rect,
}

/// The list of `rows` and its details of so many lines share what there is: at least half is the list's.
pub fn listing(body: Rect, top: usize, rows: usize, detail: usize) -> Listing {
    let rest = usize::from(body.height).saturating_sub(top);
    let detail = detail.min((rest / 2).max(rest.saturating_sub(rows)));
    // Where there is more room than rows, one stays free between the two.
    let list = (rest - detail).min(rows + 1);
    Listing {
        top: text::rows(body, 0, top),
        list: text::rows(body, top, list),
        detail: text::rows(body, top + list, rest - list),
    }
}

/// A column of the target table: from the left edge of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub column: Column,
    pub x: usize,
    pub width: usize,
}

/// Columns that can give way, the first to go first. What is left is the level, the name and p95.
const SHED: [Column; 8] = [
    Column::Scale,
    Column::P90,
    Column::Max,
    Column::Rate,
    Column::P50,
    Column::History,
    Column::P99,
    Column::Errors,
];

const TABLE: [Column; 11] = [
    Column::Level,
    Column::Name,
    Column::Rate,
    Column::Errors,
    Column::P50,
    Column::P90,
    Column::P95,
    Column::P99,
    Column::Max,
    Column::History,
    Column::Scale,
];

/// A name needs this many columns to be told from its neighbours, and seldom more than the other.
const NAME_WIDTH: Range<usize> = 16..34;

/// The columns that fit into `width`, the name and the sparkline sharing what is left over.
pub fn table_columns(width: usize) -> Vec<Slot> {
    let roomy = width >= 96;
    let gap = if roomy { 2 } else { 1 };
    let least = |column: Column| match column {
        Column::Level if roomy => 10,
        Column::Level => 1,
        Column::Name => NAME_WIDTH.start,
        Column::Rate => 7,
        Column::Errors => 5,
        Column::P50 | Column::P90 | Column::P95 | Column::P99 | Column::Max => 6,
        Column::History => 16,
        Column::Scale => 5,
    };
    let needed = |columns: &[Column]| columns.iter().map(|column| least(*column) + gap).sum::<usize>() - gap;
    // One column stays free at either edge.
    let inner = width.saturating_sub(2);
    let mut columns = TABLE.to_vec();
    for shed in SHED {
        if needed(&columns) <= inner {
            break;
        }
        columns.retain(|column| *column != shed);
    }
    let spare = inner.saturating_sub(needed(&columns));
    let has_history = columns.contains(&Column::History);
    let to_name = if has_history {
        (spare / 3).min(NAME_WIDTH.end - NAME_WIDTH.start)
    } else {
        spare
    };
    let mut x = 1;
    let place = |column| {
        let extra = match column {
            Column::Name => to_name,
            Column::History => spare - to_name,
            _ => 0,
        };
        let slot = Slot {
            column,
            x,
            width: least(column) + extra,
        };
        x += slot.width + gap;
        slot
    };
    columns.into_iter().map(place).collect()
}

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Tab(Pane),
    Heading(Column),
    /// A row of the target table, counted from the first of all.
    Row(usize),
    /// A row of a list, counted over those that can be chosen.
    Item(usize),
}

pub fn spot(x: u16, y: u16, snapshot: &Snapshot, view: &View) -> Option<Spot> {
    let screen = screen(view.size, snapshot, view.pane);
    if y == screen.header.y {
        let tabs = header::tabs(screen.header, snapshot, view);
        return tabs
            .into_iter()
            .find(|(_, range)| range.contains(&usize::from(x)))
            .map(|(pane, _)| Spot::Tab(pane));
    }
    let (block, area) = block_at(x, y, snapshot, view)?;
    let row = usize::from(y - area.y);
    let pane = match block {
        Block::Targets => {
            let Some(row) = row.checked_sub(1) else {
                let x = usize::from(x - area.x);
                let slots = table_columns(usize::from(area.width));
                let slot = slots.into_iter().rev().find(|slot| slot.x <= x)?;
                return Some(Spot::Heading(slot.column));
            };
            let row = view.table.first + row;
            return (row < view.table.rows.len()).then_some(Spot::Row(row));
        }
        Block::List => view.pane,
        _ => block.listed()?,
    };
    let line = view.offset_in(pane) + row;
    let rows = list::rows(pane, snapshot);
    // The first row is a heading.
    let is_shown = (1..usize::from(area.height)).contains(&row);
    let is_item = is_shown && matches!(rows.get(line), Some(Row::Item(..)));
    is_item.then(|| Spot::Item(list::items(&rows[..line]).count()))
}

/// The block under the mouse, and where it stands on the screen.
pub fn block_at(x: u16, y: u16, snapshot: &Snapshot, view: &View) -> Option<(Block, Rect)> {
    let body = screen(view.size, snapshot, view.pane).body;
    let scrolled = match view.pane {
        Pane::Target | Pane::Machine if view.expanded().is_none() => view.offset(),
        _ => 0,
    };
    let at = (x, y.saturating_add(u16::try_from(scrolled).unwrap_or(u16::MAX)));
    let blocks = if body.contains((x, y).into()) {
        blocks(snapshot, view)
    } else {
        Vec::new()
    };
    let (block, area) = blocks.into_iter().find(|(_, area)| area.contains(at.into()))?;
    let y = area.y.saturating_sub(scrolled as u16);
    Some((block, Rect { y, ..area }))
}
