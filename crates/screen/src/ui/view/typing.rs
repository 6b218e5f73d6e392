//! What takes the keys while it stands in the footer: a line that is typed, or a choice.

use probetop_core::clock::Timestamp;
use probetop_core::sample::AlertId;
use probetop_core::snapshot::Snapshot;

use super::{Effect, Line, Picker, View};
use crate::ui::geometry::Geometry;
use crate::ui::keys::Edit;

/// A line that is typed, or a choice by a letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Typing {
    /// The pane's filter, and what it was before.
    Filter { before: String },
    /// A note for an alert.
    Note { alert: AlertId, about: String, line: Line },
    /// A time to go to.
    Time { line: Line },
    /// The label of a mark.
    Mark { at: Timestamp, line: Line },
    /// Which file to write.
    Export,
    /// One of a list of choices.
    Pick(Picker),
}

impl View {
    /// Whether keys go into a line.
    pub fn is_typing(&self) -> bool {
        self.typing.is_some()
    }

    pub fn typing(&self) -> Option<&Typing> {
        self.typing.as_ref()
    }

    /// Text pasted from the clipboard: goes into a line that is typed, and is otherwise no key presses.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot, geometry: &Geometry) {
        let chooses = match &self.typing {
            Some(Typing::Export) => true,
            // A blank takes what is chosen.
            Some(Typing::Pick(picker)) => picker.menu.stays(),
            Some(Typing::Filter { .. } | Typing::Note { .. } | Typing::Time { .. } | Typing::Mark { .. }) | None => {
                false
            }
        };
        if chooses {
            return;
        }
        for c in text.chars() {
            // Only accepting a line has an effect, and no character does.
            let _ = self.edit(Edit::Insert(c), snapshot, geometry);
        }
    }

    /// A key while a line is typed.
    pub fn edit(&mut self, edit: Edit, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        match self.typing.take()? {
            Typing::Filter { before } => {
                self.edit_filter(before, edit, snapshot, geometry);
                None
            }
            Typing::Note { alert, about, line } => self.edit_note(alert, about, line, edit),
            Typing::Time { line } => {
                self.edit_time(line, edit, snapshot);
                None
            }
            Typing::Mark { at, line } => self.edit_mark(at, line, edit, snapshot),
            Typing::Export => self.choose_export(edit),
            Typing::Pick(picker) => self.edit_pick(picker, edit, snapshot, geometry),
        }
    }
}
