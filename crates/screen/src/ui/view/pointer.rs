//! The mouse: a click on a tab, a row, a heading or a time axis, a drag over one, and the wheel.

use probetop_core::snapshot::Snapshot;

use super::{Block, Drag, Effect, Extent, Hint, Pane, Picker, PickerRow, Typing, View};
use crate::ui::action::Action;
use crate::ui::geometry::{Geometry, Spot};

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

/// What the mouse does, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    pub kind: PointerKind,
    /// What is clicked.
    pub spot: Option<Spot>,
    /// The block that is clicked, and whether that is on its heading.
    pub block: Option<(Block, bool)>,
    /// The step of the time axis that is dragged over, or the nearest one.
    pub step: Option<u64>,
    /// What else lies there.
    pub under: Under,
}

/// What lies under the mouse beside what is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// A row of the list of choices.
    Choice(PickerRow),
    /// The page beside that list.
    Beside,
    /// The details of a list.
    Details,
    Else,
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
    pub fn point(&mut self, touch: Touch, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        self.said.hint = Hint::Gone;
        let selected = self.targets.selected();
        let effect = match self.typing.take_if(|typing| matches!(typing, Typing::Pick(_))) {
            Some(Typing::Pick(picker)) => self.point_at_choices(picker, touch, snapshot, geometry),
            Some(_) | None => self.point_at(touch, snapshot, geometry),
        };
        self.targets.follow_no_more(selected);
        effect
    }

    fn point_at_choices(
        &mut self,
        picker: Picker,
        touch: Touch,
        snapshot: &Snapshot,
        geometry: &Geometry,
    ) -> Option<Effect> {
        match touch.kind {
            PointerKind::WheelUp => self.roll_pick(picker, -1, snapshot, geometry),
            PointerKind::WheelDown => self.roll_pick(picker, 1, snapshot, geometry),
            PointerKind::Click => return self.click_pick(picker, touch.under, snapshot, geometry),
            PointerKind::Drag | PointerKind::Release | PointerKind::RightClick => {
                self.typing = Some(Typing::Pick(picker));
            }
        }
        None
    }

    fn point_at(&mut self, touch: Touch, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        match touch.kind {
            PointerKind::WheelUp => self.roll(-WHEEL_ROWS, touch.under, snapshot),
            PointerKind::WheelDown => self.roll(WHEEL_ROWS, touch.under, snapshot),
            PointerKind::Drag => self.drag_to(touch.step?),
            PointerKind::Release => self.end_drag(snapshot),
            PointerKind::RightClick => match touch.spot? {
                Spot::Step(_) => return self.update(Action::ZoomOut, snapshot, geometry),
                Spot::Tab(_) | Spot::Heading(_) | Spot::Row(_) | Spot::Item(_) | Spot::Hint(_) => {}
            },
            PointerKind::Click => return self.click(touch, snapshot, geometry),
        }
        None
    }

    fn click(&mut self, touch: Touch, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        let turn = match touch.block {
            Some((block, on_heading)) => self.click_block(block, on_heading, geometry),
            None => Turn::None,
        };
        match touch.spot? {
            Spot::Tab(pane) => return self.update(pane.page().action, snapshot, geometry),
            Spot::Hint(action) => return self.update(action, snapshot, geometry),
            Spot::Heading(column) => {
                self.targets.sort_by(column, snapshot);
            }
            Spot::Step(step) => self.drag = Some(Drag::at(step)),
            Spot::Row(row) => self.click_row(row, snapshot),
            Spot::Item(ordinal) if ordinal == self.pages.chosen() && turn == Turn::None => {
                return self.update(Action::Open, snapshot, geometry);
            }
            Spot::Item(ordinal) => self.pages.acting_mut().choose(ordinal),
        }
        None
    }

    /// A click on a block gives it the focus; one on the heading of the block that has it shows it whole, and back. The
    /// table and the list of a page are what the keys act on anyway.
    fn click_block(&mut self, block: Block, on_heading: bool, geometry: &Geometry) -> Turn {
        if matches!(block, Block::Targets | Block::Cards | Block::List) {
            if self.pages.extent() == Extent::Parts {
                self.pages.focus_on(None);
            }
            return Turn::None;
        }
        if self.pages.focus() != Some(block) {
            self.pages.focus_on(Some(block));
            return Turn::Focused;
        }
        if on_heading {
            self.expand(geometry);
        }
        Turn::None
    }

    /// Moves what lies under the wheel: the details of a list, or the rows of the pane.
    fn roll(&mut self, by: isize, under: Under, snapshot: &Snapshot) {
        if under == Under::Details {
            self.move_aside(by, snapshot);
        } else {
            self.move_by(by, snapshot);
        }
    }

    /// A click selects; a click on the selected row opens it.
    fn click_row(&mut self, row: usize, snapshot: &Snapshot) {
        if self.targets.table.selected_row(snapshot) == Some(row) {
            self.show(Pane::Target);
        } else {
            self.targets.table.select(row, snapshot);
        }
    }
}
