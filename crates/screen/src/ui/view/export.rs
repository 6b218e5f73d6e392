//! The choice of what is written to a file.

use super::{Effect, Typing, View};
use crate::ui::keys::Edit;

/// What can be written, each under a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Everything measured, as a document (JSON).
    Snapshot,
    /// The series that are shown, or what is compared, as a table (CSV).
    Series,
    /// The screen, as text.
    Text,
    /// The screen, as a picture (SVG).
    Picture,
    /// The screen, as an image (PNG).
    Image,
    /// The baseline, to be compared with in another run.
    Baseline,
}

impl Form {
    pub const ALL: [Self; 6] = [
        Self::Snapshot,
        Self::Series,
        Self::Text,
        Self::Picture,
        Self::Image,
        Self::Baseline,
    ];

    pub const fn key(self) -> char {
        match self {
            Self::Snapshot => 'j',
            Self::Series => 'c',
            Self::Text => 't',
            Self::Picture => 'p',
            Self::Image => 'i',
            Self::Baseline => 'b',
        }
    }

    /// What it is of.
    pub const fn content(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Series => "series",
            Self::Text => "screen",
            Self::Picture => "picture",
            Self::Image => "image",
            Self::Baseline => "baseline",
        }
    }

    /// What kind of file it is; a baseline is of its own kind.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Snapshot => "JSON",
            Self::Series => "CSV",
            Self::Text => "text",
            Self::Picture => "SVG",
            Self::Image => "PNG",
            Self::Baseline => "baseline",
        }
    }
}

impl View {
    pub(super) fn begin_export(&mut self) {
        self.typing = Some(Typing::Export);
    }

    /// A key that chooses nothing leaves the choice open.
    pub(super) fn choose_export(&mut self, edit: Edit) -> Option<Effect> {
        let chosen = match edit {
            Edit::Cancel => return None,
            Edit::Insert(c) => Form::ALL.into_iter().find(|form| form.key() == c),
            Edit::Delete | Edit::DeleteWord | Edit::Clear | Edit::Accept | Edit::Previous | Edit::Next | Edit::None => {
                None
            }
        };
        if chosen.is_none() {
            self.begin_export();
        }
        chosen.map(Effect::Export)
    }
}
