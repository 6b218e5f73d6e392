//! A moment worth finding again.

use super::Text;
use crate::clock::Timestamp;

/// A labelled moment on the time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub at: Timestamp,
    pub label: Text,
    pub origin: MarkOrigin,
}

/// Who set a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkOrigin {
    /// Somebody at the keyboard.
    Keyboard,
    /// `probetop mark`.
    Script,
    /// The configuration was loaded again.
    Reload,
    /// The wall clock was set, or the machine slept.
    Clock,
    /// A load generator went on to another state.
    Generator,
    /// Alerts began to fire.
    Alert,
}

impl MarkOrigin {
    /// Whether somebody set it, and it did not come about by itself.
    pub const fn is_deliberate(self) -> bool {
        match self {
            Self::Keyboard | Self::Script => true,
            Self::Reload | Self::Clock | Self::Generator | Self::Alert => false,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyboard => "keyboard",
            Self::Script => "script",
            Self::Reload => "reload",
            Self::Clock => "clock",
            Self::Generator => "generator",
            Self::Alert => "alert",
        }
    }
}
