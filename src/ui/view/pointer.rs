//! The mouse: a click on a tab, a row, a heading or a time axis, a drag over one, and the wheel.

use super::{Block, Drag, Effect, Extent, Hint, Pane, Typing, View};
use crate::snapshot::Snapshot;
use crate::ui::action::Action;
use crate::ui::layout::{self, Spot};
use crate::ui::pane::listing;

/// Something done with the mouse, at a column and a row of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    pub x: u16,
    pub y: u16,
    pub kind: PointerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerKind {
    /// The left button goes down.
    Click,
    /// Moves while it is down.
    Drag,
    /// The left button comes up.
    Release,
    /// The right button goes down.
    RightClick,
    WheelUp,
    WheelDown,
}

/// Whether a click gave the focus to another block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    None,
    Focused,
}

/// Rows that one notch of the wheel moves, as most terminals and browsers have it.
const WHEEL_ROWS: isize = 3;

impl View {
    /// Does what the mouse asks for.
    pub fn point(&mut self, pointer: Pointer, snapshot: &Snapshot) -> Option<Effect> {
        self.hint = Hint::Gone;
        let selected = self.selected();
        let effect = self.point_at(pointer, snapshot);
        self.follow_no_more(selected);
        effect
    }

    fn point_at(&mut self, pointer: Pointer, snapshot: &Snapshot) -> Option<Effect> {
        if let Some(Typing::Pick(picker)) = self.typing.take_if(|typing| matches!(typing, Typing::Pick(_))) {
            match pointer.kind {
                PointerKind::WheelUp => self.roll_pick(picker, -1, snapshot),
                PointerKind::WheelDown => self.roll_pick(picker, 1, snapshot),
                PointerKind::Click => return self.click_pick(picker, (pointer.x, pointer.y), snapshot),
                PointerKind::Drag | PointerKind::Release | PointerKind::RightClick => {
                    self.typing = Some(Typing::Pick(picker));
                }
            }
            return None;
        }
        match pointer.kind {
            PointerKind::WheelUp => self.roll(-WHEEL_ROWS, pointer, snapshot),
            PointerKind::WheelDown => self.roll(WHEEL_ROWS, pointer, snapshot),
            PointerKind::Drag => {
                let step = layout::time_axis(snapshot, self)?.step_near(pointer.x)?;
                self.drag_to(step);
            }
            PointerKind::Release => self.end_drag(snapshot),
            PointerKind::RightClick => match layout::spot(pointer.x, pointer.y, snapshot, self)? {
                Spot::Step(_) => return self.update(Action::ZoomOut, snapshot),
                Spot::Tab(_) | Spot::Heading(_) | Spot::Row(_) | Spot::Item(_) | Spot::Hint(_) => return None,
            },
            PointerKind::Click => return self.click(pointer, snapshot),
        }
        self.settle(snapshot);
        None
    }

    fn click(&mut self, pointer: Pointer, snapshot: &Snapshot) -> Option<Effect> {
        let turn = self.click_block(pointer, snapshot);
        match layout::spot(pointer.x, pointer.y, snapshot, self) {
            Some(Spot::Tab(pane)) => return self.update(pane.page().action, snapshot),
            Some(Spot::Hint(action)) => return self.update(action, snapshot),
            Some(Spot::Heading(column)) => {
                self.table.toggle(column);
                self.sort(snapshot);
            }
            Some(Spot::Step(step)) => self.drag = Some(Drag::at(step)),
            Some(Spot::Row(row)) => return self.click_row(row, snapshot),
            Some(Spot::Item(ordinal)) if ordinal == self.chosen() && turn == Turn::None => {
                return self.update(Action::Open, snapshot);
            }
            Some(Spot::Item(ordinal)) => self.place_mut().choose(ordinal),
            None => {}
        }
        self.settle(snapshot);
        None
    }

    /// A click on a block gives it the focus; one on the heading of the block that has it shows it whole, and back. The
    /// table and the list of a page are what the keys act on anyway.
    fn click_block(&mut self, pointer: Pointer, snapshot: &Snapshot) -> Turn {
        let Some((block, area)) = layout::block_at(pointer.x, pointer.y, snapshot, self) else {
            return Turn::None;
        };
        if matches!(block, Block::Targets | Block::List) {
            if self.extent == Extent::Parts {
                self.focus_on(None);
            }
            return Turn::None;
        }
        if self.focus() != Some(block) {
            self.focus_on(Some(block));
            return Turn::Focused;
        }
        if pointer.y == area.y {
            self.expand(snapshot);
        }
        Turn::None
    }

    /// Moves what lies under the wheel: the details of a list, or the rows of the pane.
    fn roll(&mut self, by: isize, pointer: Pointer, snapshot: &Snapshot) {
        let body = layout::screen(self.size, snapshot, self.pane).body;
        let is_over_details = self.pane.list().is_some()
            && listing::parts(body, self.pane, snapshot, self)
                .detail
                .contains((pointer.x, pointer.y).into());
        if is_over_details {
            self.move_aside(by, snapshot);
        } else {
            self.move_by(by, snapshot);
        }
    }

    /// A click selects; a click on the selected row opens it.
    fn click_row(&mut self, row: usize, snapshot: &Snapshot) -> Option<Effect> {
        if self.table.selected_row(snapshot) == Some(row) {
            self.show(Pane::Target);
        } else {
            self.table.select(row, snapshot);
        }
        self.settle(snapshot);
        None
    }
}
