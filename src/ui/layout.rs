//! Where things stand: a size in, rectangles out. Drawing and the mouse read the same ones.
//!
//! ```text
//!  header     name, tabs, live or frozen; counts by level, window, what probetop costs
//!  banner     what fires, by cause, worst first (overview only)
//!  body       the pane
//!  footer     keys, or the filter that is typed, or a message
//! ```

pub mod columns;

use std::ops::Range;

use ratatui::layout::Rect;

use super::column::Column;
use super::pane::{header, heat, listing, timeline};
use super::view::list::{self, Row};
use super::view::{Pane, View};
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

/// Where the target table stands.
pub fn table(snapshot: &Snapshot, view: &View) -> Rect {
    let body = screen(view.size, snapshot, Pane::Overview).body;
    overview(body, view.table.rows.len(), snapshot.host.is_some()).table
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
    match view.pane {
        Pane::Overview => {
            let table = overview(screen.body, view.table.rows.len(), snapshot.host.is_some()).table;
            let row = usize::from(y.checked_sub(table.y)?);
            if x >= table.right() || row >= usize::from(table.height) {
                return None;
            }
            let Some(row) = row.checked_sub(1) else {
                let slots = columns::of_table(table, snapshot, view);
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
            let rows = view.rows(snapshot);
            // The first row is a heading.
            let is_shown = (1..usize::from(parts.list.height)).contains(&row);
            let is_item = is_shown && matches!(rows.get(line), Some(Row::Item(..)));
            is_item.then(|| Spot::Item(list::items(&rows[..line]).count()))
        }
        Pane::Timeline | Pane::Heat => time_axis(snapshot, view)?.step_at(x, y).map(Spot::Step),
        Pane::Target | Pane::Machine | Pane::Help => None,
    }
}

/// The cells of the time axis that the mouse can point at.
pub fn time_axis(snapshot: &Snapshot, view: &View) -> Option<Plot> {
    let body = screen(view.size, snapshot, view.pane).body;
    match view.pane {
        Pane::Timeline => Some(timeline::plot(body, snapshot, view)),
        Pane::Heat => heat::plot(body, snapshot, view),
        Pane::Overview
        | Pane::Target
        | Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Health
        | Pane::Analysis
        | Pane::Compare
        | Pane::Help => None,
    }
}
