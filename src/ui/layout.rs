//! Where things stand: a size in, rectangles out. Drawing and the mouse read the same ones.
//!
//! ```text
//!  header     name, tabs, live or frozen; counts by level, window, what probetop costs
//!  banner     what fires, by cause, worst first (overview only)
//!  body       the pane
//!  footer     keys, or the filter that is typed, or a message
//! ```

pub mod columns;
pub mod overview;

use ratatui::layout::Rect;

use self::overview::Placed;
use super::action::Action;
use super::column::Column;
use super::page::{AlertOf, Form};
use super::pane::{self, block, footer, header, heat, latency, machine, timeline};
use super::view::list::{self, Row};
use super::view::{Block, Pane, View};
use super::widget::plot::Plot;
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
    let banner = match pane.page().alert {
        AlertOf::Banner => snapshot.alerts.causes.len().min(banner_limit),
        AlertOf::Chosen | AlertOf::Target | AlertOf::Nobody => 0,
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
    (view.pane.page().parts)(area, snapshot, view)
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
        _ => text::inset(body),
    }
}

/// Whether there is anything to show of a block on the whole body.
pub fn can_expand(block: Block, snapshot: &Snapshot, view: &View) -> bool {
    match block {
        Block::List | Block::Details => parts(snapshot, view).iter().any(|(placed, _)| *placed == block),
        _ => block::measure(block, usize::from(view.size.0), snapshot, view).is_some(),
    }
}

/// Where the target table stands; nowhere while the overview has none.
pub fn table(snapshot: &Snapshot, view: &View) -> Rect {
    let body = screen(view.size, snapshot, Pane::Overview).body;
    let blocks = match view.expanded() {
        Some(Block::Targets) => return body,
        Some(_) | None => overview(body, snapshot, view).blocks,
    };
    let table = blocks.into_iter().find(|(block, _)| *block == Block::Targets);
    table.map_or_else(Rect::default, |(_, table)| table)
}

/// How many targets the table shows at once.
pub fn table_rows(snapshot: &Snapshot, view: &View) -> usize {
    usize::from(table(snapshot, view).height).saturating_sub(1)
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

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Tab(Pane),
    /// A key told in the footer.
    Hint(Action),
    Heading(Column),
    /// A row of the target table, counted from the first of all.
    Row(usize),
    /// A row of a list, counted over those that can be chosen.
    Item(usize),
    /// A step of a time axis, by its number.
    Step(u64),
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
    if y == screen.footer.y {
        return footer::action_at(x, screen.footer, snapshot, view).map(Spot::Hint);
    }
    if view.pane.has_cursor() {
        return time_axis(snapshot, view)?.step_at(x, y).map(Spot::Step);
    }
    let (block, area) = block_at(x, y, snapshot, view)?;
    if let Some(axis) = axis_of(block, area, snapshot, view) {
        return axis.step_at(x, y).map(Spot::Step);
    }
    let row = usize::from(y - area.y);
    let pane = match block {
        Block::Targets => {
            let Some(row) = row.checked_sub(1) else {
                let x = usize::from(x - area.x);
                let slots = columns::of_table(area, snapshot, view);
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
    let rows = view.rows(pane, snapshot);
    // The first row is a heading.
    let is_shown = (1..usize::from(area.height)).contains(&row);
    let is_item = is_shown && matches!(rows.get(line), Some(Row::Item(..)));
    is_item.then(|| Spot::Item(list::items(&rows[..line]).count()))
}

/// The time axis that the mouse is dragged over: that of the pane, or of the block that the button went down on.
pub fn time_axis(snapshot: &Snapshot, view: &View) -> Option<Plot> {
    let body = screen(view.size, snapshot, view.pane).body;
    if let Some(plot) = view.pane.page().axis {
        return plot(body, snapshot, view);
    }
    let mut blocks = blocks(snapshot, view).into_iter();
    let (block, area) = blocks.find(|(block, _)| view.focus() == Some(*block))?;
    axis_of(block, area, snapshot, view)
}

/// The time axis of a block that is a chart.
fn axis_of(block: Block, area: Rect, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    match block {
        Block::Chart => latency::plot(area, snapshot, view),
        Block::Heat => heat::plot(area, snapshot, view),
        Block::Timeline => Some(timeline::plot(area, snapshot, view)),
        Block::Targets
        | Block::Alerts
        | Block::Objectives
        | Block::Health
        | Block::Analysis
        | Block::Machine
        | Block::Gauges
        | Block::Cores
        | Block::Resources
        | Block::Sockets
        | Block::Disks
        | Block::Networks
        | Block::Processes
        | Block::Windows
        | Block::Phases
        | Block::Answer
        | Block::Values
        | Block::Distribution
        | Block::Failures
        | Block::List
        | Block::Details => None,
    }
}

/// The block under the mouse, and where it stands on the screen.
pub fn block_at(x: u16, y: u16, snapshot: &Snapshot, view: &View) -> Option<(Block, Rect)> {
    let body = screen(view.size, snapshot, view.pane).body;
    let scrolled = match view.pane.page().form {
        Form::Sheet if view.expanded().is_none() => view.offset(),
        Form::Sheet | Form::Fitted => 0,
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
