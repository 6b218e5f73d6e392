//! Where things stand: a size in, rectangles out. Drawing and the mouse read the same ones.
//!
//! ```text
//!  header     name, tabs, live or frozen; counts by level, window, what probetop costs
//!  banner     what fires, by cause, worst first (overview only)
//!  body       the pane
//!  footer     keys, or the filter that is typed, or a message
//! ```

use std::ops::Range;

use ratatui::layout::Rect;

use super::action::Action;
use super::pane::{footer, header, listing};
use super::view::list::{self, Row};
use super::view::{Column, Pane, View};
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

/// The overview's body.
///
/// ```text
///  wide                                     narrow
///  table                  │ machine         table
///  …                      │ gauges          …
///  chart of the selected  │ processes       chart, if there is room
///                                           strip of gauges
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overview {
    pub table: Rect,
    pub chart: Rect,
    pub machine: Rect,
    pub strip: Rect,
}

/// From this width on the machine stands beside the table.
const WIDE: u16 = 132;
/// A chart lower than this says less than the sparkline.
const CHART_ROWS: Range<usize> = 9..34;

pub fn overview(body: Rect, targets: usize, has_host: bool) -> Overview {
    let is_wide = body.width >= WIDE && body.height >= 12 && has_host;
    let machine_width = if is_wide {
        usize::from(body.width / 4).clamp(38, 54)
    } else {
        0
    };
    let strip_height = match body.height {
        _ if is_wide || !has_host => 0,
        0..8 => 0,
        8..16 => 1,
        16.. => 2,
    };
    let width = usize::from(body.width);
    let left_width = if is_wide {
        width.saturating_sub(machine_width + 3)
    } else {
        width
    };
    let left = text::columns(body, 0, left_width);
    let left_height = usize::from(left.height).saturating_sub(strip_height);
    let table_needed = targets + 1;
    let free = left_height.saturating_sub(table_needed + 1);
    // Without targets the table says what to do, and there is nothing to chart.
    let has_chart = targets > 0 && free >= CHART_ROWS.start;
    let chart_height = if has_chart { free.min(CHART_ROWS.end) } else { 0 };
    let table_height = if has_chart { table_needed + 1 } else { left_height };
    Overview {
        table: text::rows(left, 0, table_height),
        chart: text::rows(left, table_height, chart_height),
        machine: text::columns(body, width - machine_width, machine_width.saturating_sub(1)),
        strip: text::rows(body, left_height, strip_height),
    }
}

/// How many targets the table shows at once.
pub fn table_rows(snapshot: &Snapshot, view: &View) -> usize {
    let body = screen(view.size, snapshot, Pane::Overview).body;
    let table = overview(body, view.table.rows.len(), snapshot.host.is_some()).table;
    usize::from(table.height).saturating_sub(1)
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
    /// A key told in the footer.
    Hint(Action),
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
    if y == screen.footer.y {
        return footer::action_at(x, screen.footer, snapshot, view).map(Spot::Hint);
    }
    match view.pane {
        Pane::Overview => {
            let table = overview(screen.body, view.table.rows.len(), snapshot.host.is_some()).table;
            let row = usize::from(y.checked_sub(table.y)?);
            if x >= table.right() || row >= usize::from(table.height) {
                return None;
            }
            let Some(row) = row.checked_sub(1) else {
                let slots = table_columns(usize::from(table.width));
                let slot = slots.into_iter().rev().find(|slot| slot.x <= usize::from(x))?;
                return Some(Spot::Heading(slot.column));
            };
            let row = view.table.first + row;
            (row < view.table.rows.len()).then_some(Spot::Row(row))
        }
        Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => {
            let parts = listing::parts(screen.body, snapshot, view);
            let row = usize::from(y.checked_sub(parts.list.y)?);
            let line = view.offset() + row;
            let rows = list::rows(view.pane, snapshot);
            // The first row is a heading.
            let is_shown = (1..usize::from(parts.list.height)).contains(&row);
            let is_item = is_shown && matches!(rows.get(line), Some(Row::Item(..)));
            is_item.then(|| Spot::Item(list::items(&rows[..line]).count()))
        }
        Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => None,
    }
}
