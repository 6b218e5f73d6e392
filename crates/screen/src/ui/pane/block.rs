//! The blocks that pages are made of: how much room each can use, and its drawing, by whoever draws it on a page of its own.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::{Scene, cards, heat, latency, listing, machine, target, targets, timeline};
use crate::ui::layout::overview::{GROWS, Size};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Block, MachinePart, View};
use crate::ui::widget::scroll::Sheet;
use crate::ui::widget::text;

/// A chart lower than this says less than the sparkline.
const CHART_ROWS: usize = 7;
/// Six lanes with a heading and an axis.
const TIMELINE_ROWS: usize = 9;

/// What the block needs and can use on an overview so wide; `None` while it has nothing to say.
pub fn measure(block: Block, width: usize, snapshot: &Snapshot, view: &View) -> Option<Size> {
    let has_targets = !view.targets.table.rows.is_empty();
    match block {
        Block::Targets if has_targets => Some(size(30, 4, view.targets.table.rows.len() + 2)),
        Block::Cards if has_targets => Some(size(30, 4, GROWS)),
        // It says what to do then.
        Block::Targets | Block::Cards => Some(size(30, 4, 6)),
        Block::Chart => has_targets.then(|| size(30, CHART_ROWS, GROWS)),
        Block::Heat => has_targets.then(|| size(30, CHART_ROWS, GROWS)),
        Block::Timeline => has_targets.then(|| size(40, TIMELINE_ROWS, GROWS)),
        Block::Machine(part) => size_of_part(part, width, snapshot, view),
        Block::Listed(listed) => {
            let rows = view.rows(listed.pane(), snapshot).len();
            Some(size(38, 3, rows.max(2) + 1))
        }
        Block::Target(part) => {
            let rows = target::height_of(part, width, view.target(snapshot)?, snapshot);
            (rows > 0).then(|| size(36, rows.min(5), rows + 1))
        }
        Block::List | Block::Details => None,
    }
}

const fn size(least_width: usize, least_height: usize, most_height: usize) -> Size {
    Size {
        least_width,
        most_width: GROWS,
        least_height,
        most_height,
    }
}

fn size_of_part(part: MachinePart, width: usize, snapshot: &Snapshot, view: &View) -> Option<Size> {
    let host = snapshot.host.as_ref()?;
    match part {
        MachinePart::Whole => Some(Size {
            most_width: machine::PANEL_MOST,
            ..size(machine::PANEL_LEAST, machine::PANEL_ROWS, GROWS)
        }),
        MachinePart::Gauges => {
            let rows = machine::gauges::height(1);
            Some(size(30, rows, machine::gauges::height(machine::GAUGE_ROWS) + 1))
        }
        MachinePart::Processes => Some(size(34, 4, machine::processes_height(host, view) + 1)),
        MachinePart::Cores
        | MachinePart::Resources
        | MachinePart::Sockets
        | MachinePart::Disks
        | MachinePart::Networks => {
            let rows = machine::height_of(part, host, width);
            (rows > 1).then(|| size(36, rows.min(4), rows + 1))
        }
    }
}

/// Rows that the block takes when all of it is shown; 0 for one that fits itself into what there is.
pub fn full_height(block: Block, width: usize, snapshot: &Snapshot, view: &View) -> usize {
    let host = snapshot.host.as_ref();
    match block {
        Block::Targets
        | Block::Cards
        | Block::Chart
        | Block::Heat
        | Block::Timeline
        | Block::Listed(_)
        | Block::List
        | Block::Details
        | Block::Machine(MachinePart::Gauges) => 0,
        Block::Machine(MachinePart::Whole) if width >= machine::WIDE && view.pages.expanded() == Some(block) => {
            machine::height(width, snapshot, view)
        }
        Block::Machine(MachinePart::Whole) => 0,
        Block::Machine(MachinePart::Processes) => host.map_or(0, |host| machine::processes_height(host, view)),
        Block::Machine(part) => host.map_or(0, |host| machine::height_of(part, host, width)),
        Block::Target(part) => view
            .target(snapshot)
            .map_or(0, |target| target::height_of(part, width, target, snapshot)),
    }
}

/// Draws the block; one that has the focus, from the line on that was scrolled to.
pub fn render(block: Block, area: Rect, buf: &mut Buffer, scene: Scene) {
    let rows = full_height(block, usize::from(area.width), scene.snapshot, scene.view);
    let is_focused = scene.view.pages.focus() == Some(block);
    let offset = if is_focused { scene.view.pages.offset() } else { 0 };
    let sheet = Sheet {
        height: rows,
        offset,
        draw: |area: Rect, buf: &mut Buffer| draw(block, area, buf, scene),
    };
    sheet.render(area, buf);
}

/// Draws as much of the block as there is room for.
pub fn draw(block: Block, area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    match block {
        Block::Targets => targets::render(area, buf, scene),
        Block::Cards => cards::render(area, buf, scene),
        Block::Heat => heat::render(area, buf, snapshot, view, theme),
        Block::Timeline => timeline::render(area, buf, snapshot, view, theme),
        Block::Listed(listed) => listing::render_block(area, buf, listed.pane(), scene),
        Block::List | Block::Details => listing::render(area, buf, view.pages.shown, scene),
        Block::Machine(part) => {
            if let Some(host) = &snapshot.host {
                machine::part(part, area, buf, host, scene);
            }
        }
        Block::Chart => {
            if let Some(target) = view.target(snapshot) {
                latency::of_overview(area, buf, target, scene);
            }
        }
        Block::Target(part) => {
            if let Some(target) = view.target(snapshot) {
                target::part(part, area, buf, target, scene);
            }
        }
    }
}

/// Marks the block that has the focus: a sign before its heading.
pub fn mark(buf: &mut Buffer, block: Block, area: Rect, theme: &Theme) {
    let left = usize::from(!block.has_margins());
    let x = area.x.saturating_sub(left as u16);
    let heading = Rect {
        x,
        width: area.right().saturating_sub(x),
        height: area.height.min(1),
        ..area
    };
    text::put(buf, heading, 0, 0, theme.glyphs.focus, theme.style(Role::Accent));
}
