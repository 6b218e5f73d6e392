//! What a terminal is asked to do, so that whoever sits before it, or before another window, looks up.

use super::Text;

/// One call for attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    pub bell: Bell,
    pub title: Title,
    /// `None`: the desktop is left alone.
    pub popup: Option<Popup>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    Rung,
    Silent,
}

/// The title of the terminal's window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Title {
    AsItIs,
    Ours(Text),
    /// As it was before it was ours.
    GivenBack,
}

/// A notification of the desktop, which the terminal shows on our behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Popup {
    pub sequence: PopupSequence,
    pub title: Text,
    pub body: Text,
}

/// Which escape sequence asks for it; no terminal tells which it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopupSequence {
    Osc9,
    Osc777,
}
