//! What the mouse does, and to what: a place on the screen in, a [`Touch`] out.

use probetop_core::snapshot::Snapshot;
use ratatui::layout::Rect;

use super::super::geometry::{Geometry, Spot};
use super::super::page::Form;
use super::super::pane::{cards, footer, header, heat, latency, timeline};
use super::super::view::list::{self, Row};
use super::super::view::{Block, Pointer, PointerKind, Touch, Typing, Under, View};
use super::super::widget::plot::Plot;

/// What lies under the mouse, as far as it matters for what the mouse does.
pub fn touch(pointer: Pointer, geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Touch {
    let Pointer { x, y, kind } = pointer;
    let mut touch = Touch {
        kind,
        spot: None,
        block: None,
        step: None,
        under: Under::Else,
    };
    if matches!(view.typing(), Some(Typing::Pick(_))) {
        touch.under = choice(x, y, geometry, view);
        return touch;
    }
    match kind {
        PointerKind::Click | PointerKind::RightClick => {
            touch.spot = spot(x, y, geometry, snapshot, view);
            let block = block_at(x, y, geometry, view);
            touch.block = block.map(|(block, area)| (block, y == area.y));
        }
        PointerKind::Drag => {
            touch.step = time_axis(geometry, snapshot, view).and_then(|plot| plot.step_near(x));
        }
        PointerKind::WheelUp | PointerKind::WheelDown => {
            let list = geometry.list(view.pages.shown);
            if view.pages.shown.list().is_some() && list.page.detail.contains((x, y).into()) {
                touch.under = Under::Details;
            }
        }
        PointerKind::Release => {}
    }
    touch
}

/// The choice under the mouse, while there is a list of them.
fn choice(x: u16, y: u16, geometry: &Geometry, view: &View) -> Under {
    let (Some(Typing::Pick(picker)), Some(overlay)) = (view.typing(), &geometry.overlay) else {
        return Under::Else;
    };
    if !overlay.frame.contains((x, y).into()) {
        return Under::Beside;
    }
    let row = usize::from(y.saturating_sub(overlay.list.y)) + picker.first;
    match overlay.rows.get(row) {
        Some(row) if overlay.list.contains((x, y).into()) => Under::Choice(*row),
        Some(_) | None => Under::Else,
    }
}

fn spot(x: u16, y: u16, geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Option<Spot> {
    let bands = geometry.bands;
    if y == bands.header.y {
        let tabs = header::tabs(bands.header, snapshot, view);
        return tabs
            .into_iter()
            .find(|(_, range)| range.contains(&usize::from(x)))
            .map(|(pane, _)| Spot::Tab(pane));
    }
    if y == bands.footer.y {
        return footer::action_at(x, bands.footer, geometry, snapshot, view).map(Spot::Hint);
    }
    if view.pages.shown.has_cursor() {
        return time_axis(geometry, snapshot, view)?.step_at(x, y).map(Spot::Step);
    }
    let (block, area) = block_at(x, y, geometry, view)?;
    if let Some(axis) = axis_of(block, area, snapshot, view) {
        return axis.step_at(x, y).map(Spot::Step);
    }
    let row = usize::from(y - area.y);
    let pane = match block {
        Block::Targets | Block::Cards => {
            if let Some(grid) = cards::grid(area, view).filter(|_| block == Block::Cards) {
                let card = grid.card_at(usize::from(x - area.x), row);
                return (card < view.targets.table.rows.len()).then_some(Spot::Row(card));
            }
            let Some(row) = row.checked_sub(1) else {
                let x = usize::from(x - area.x);
                let slot = geometry.table.columns.iter().rev().find(|slot| slot.x <= x)?;
                return Some(Spot::Heading(slot.column));
            };
            let row = view.targets.table.first + row;
            return (row < view.targets.table.rows.len()).then_some(Spot::Row(row));
        }
        Block::List => view.pages.shown,
        _ => block.listed()?,
    };
    let line = view.pages.offset_in(pane) + row;
    let rows = view.rows(pane, snapshot);
    // The first row is a heading.
    let is_shown = (1..usize::from(area.height)).contains(&row);
    let is_item = is_shown && matches!(rows.get(line), Some(Row::Item(..)));
    is_item.then(|| Spot::Item(list::items(&rows[..line]).count()))
}

/// The time axis that the mouse is dragged over: that of the page, or of the block that the button went down on.
fn time_axis(geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    if let Some(plot) = view.pages.shown.page().axis {
        return plot(geometry.bands.body, snapshot, view);
    }
    let mut blocks = geometry.blocks().iter();
    let (block, area) = blocks.find(|(block, _)| view.pages.focus() == Some(*block))?;
    axis_of(*block, *area, snapshot, view)
}

/// The time axis of a block that is a chart.
fn axis_of(block: Block, area: Rect, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    match block {
        Block::Chart => latency::plot(area, snapshot, view),
        Block::Heat => heat::plot(area, snapshot, view),
        Block::Timeline => Some(timeline::plot(area, snapshot, view)),
        Block::Targets
        | Block::Cards
        | Block::Listed(_)
        | Block::Machine(_)
        | Block::Target(_)
        | Block::List
        | Block::Details => None,
    }
}

/// The block under the mouse, and where it stands on the screen.
fn block_at(x: u16, y: u16, geometry: &Geometry, view: &View) -> Option<(Block, Rect)> {
    let scrolled = match view.pages.shown.page().form {
        Form::Sheet if view.pages.expanded().is_none() => view.pages.offset(),
        Form::Sheet | Form::Fitted => 0,
    };
    let at = (x, y.saturating_add(u16::try_from(scrolled).unwrap_or(u16::MAX)));
    if !geometry.bands.body.contains((x, y).into()) {
        return None;
    }
    let mut blocks = geometry.blocks().iter();
    let (block, area) = blocks.find(|(_, area)| area.contains(at.into()))?;
    let y = area.y.saturating_sub(scrolled as u16);
    Some((*block, Rect { y, ..*area }))
}
