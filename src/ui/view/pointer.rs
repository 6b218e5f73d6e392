//! The mouse: a click on a tab, a row or a heading, and the wheel.

use super::list;
use super::{Effect, Hint, Pane, Typing, View};
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
    Click,
    WheelUp,
    WheelDown,
}

/// Rows that one notch of the wheel moves, as most terminals and browsers have it.
const WHEEL_ROWS: isize = 3;

impl View {
    /// Does what the mouse asks for.
    pub fn point(&mut self, pointer: Pointer, snapshot: &Snapshot) -> Option<Effect> {
        self.hint = Hint::Gone;
        if let Some(Typing::Pick(picker)) = &self.typing {
            let picker = picker.clone();
            self.typing = None;
            match pointer.kind {
                PointerKind::WheelUp => self.roll_pick(picker, -1, snapshot),
                PointerKind::WheelDown => self.roll_pick(picker, 1, snapshot),
                PointerKind::Click => return self.click_pick(picker, (pointer.x, pointer.y), snapshot),
            }
            return None;
        }
        match pointer.kind {
            PointerKind::WheelUp => self.roll(-WHEEL_ROWS, pointer, snapshot),
            PointerKind::WheelDown => self.roll(WHEEL_ROWS, pointer, snapshot),
            PointerKind::Click => match layout::spot(pointer.x, pointer.y, snapshot, self)? {
                Spot::Hint(action) => return self.update(action, snapshot),
                Spot::Tab(pane) => return self.update(pane.action(), snapshot),
                Spot::Heading(column) => {
                    self.table.toggle(column);
                    self.sort(snapshot);
                }
                Spot::Row(row) => return self.click_row(row, snapshot),
                Spot::Item(ordinal) if ordinal == self.chosen() => return self.update(Action::Open, snapshot),
                Spot::Item(ordinal) => self.place_mut().choose(ordinal),
            },
        }
        self.settle(snapshot);
        None
    }

    /// Moves what lies under the wheel: the details of a list, or the rows of the pane.
    fn roll(&mut self, by: isize, pointer: Pointer, snapshot: &Snapshot) {
        let body = layout::screen(self.size, snapshot, self.pane).body;
        let is_over_details = list::is_list(self.pane)
            && listing::parts(body, snapshot, self)
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
            self.pane = Pane::Target;
        } else {
            self.table.select(row, snapshot);
        }
        self.settle(snapshot);
        None
    }
}
