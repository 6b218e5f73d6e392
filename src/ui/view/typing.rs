//! What takes the keys while it stands in the footer: a line that is typed, or a choice.

use super::{Effect, Line, Pane, Picker, View};
use crate::clock::Timestamp;
use crate::sample::AlertId;
use crate::snapshot::Snapshot;
use crate::ui::keys::Edit;

/// A line that is typed, or a choice by a letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Typing {
    /// The words of the pane's filter, and what they were before.
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

    pub(super) fn type_filter(&mut self) {
        match self.pane {
            Pane::Help => {}
            Pane::Overview
            | Pane::Target
            | Pane::Machine
            | Pane::Alerts
            | Pane::Objectives
            | Pane::Health
            | Pane::Analysis
            | Pane::Compare
            | Pane::Timeline
            | Pane::Heat => self.show(Pane::Overview),
        }
        let filter = if self.pane == Pane::Help {
            &self.search
        } else {
            &self.filter
        };
        self.typing = Some(Typing::Filter {
            before: filter.text().into(),
        });
    }

    /// Text pasted from the clipboard: goes into a line that is typed, and is otherwise no key presses.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot) {
        if self.typing == Some(Typing::Export) {
            return;
        }
        for c in text.chars() {
            // Only accepting a line has an effect, and no character does.
            let _ = self.edit(Edit::Insert(c), snapshot);
        }
    }

    /// A key while a line is typed.
    pub fn edit(&mut self, edit: Edit, snapshot: &Snapshot) -> Option<Effect> {
        match self.typing.take()? {
            Typing::Filter { before } => {
                self.edit_filter(before, edit, snapshot);
                None
            }
            Typing::Note { alert, about, line } => self.edit_note(alert, about, line, edit),
            Typing::Time { line } => {
                self.edit_time(line, edit, snapshot);
                None
            }
            Typing::Mark { at, line } => self.edit_mark(at, line, edit, snapshot),
            Typing::Export => self.choose_export(edit),
            Typing::Pick(picker) => self.edit_pick(picker, edit, snapshot),
        }
    }

    fn edit_filter(&mut self, before: String, edit: Edit, snapshot: &Snapshot) {
        let filter = if self.pane == Pane::Help {
            &mut self.search
        } else {
            &mut self.filter
        };
        match edit {
            Edit::Insert(_) | Edit::Delete | Edit::DeleteWord | Edit::Clear => filter.edit(edit),
            Edit::Cancel => filter.set(before.clone()),
            Edit::Accept | Edit::Previous | Edit::Next | Edit::None => {}
        }
        if !matches!(edit, Edit::Accept | Edit::Cancel) {
            self.typing = Some(Typing::Filter { before });
        }
        self.sort(snapshot);
        self.table.select_something_shown(snapshot);
    }
}
