//! What happens to the screen.

use probetop_core::sample::{Attention, Severity, Text};
use probetop_core::snapshot::Offer;

use super::Look;
use super::keys::Chord;
use super::meter::Flush;
use super::terminal::input::Batch;
use super::view::Pointer;

/// What happens to the screen.
#[derive(Debug)]
pub enum Event {
    Terminal(Batch),
    /// A snapshot waits for the screen.
    Snapshot,
    /// A short message for the footer: where an export went, what a reload did.
    Notice {
        severity: Severity,
        text: Text,
    },
    /// Somebody shall look up.
    Attention(Attention),
    /// The configuration was loaded again, and with it what the screen is to look like.
    Look(Box<Look>),
    Signal(Signal),
    /// What listens on this machine; or why that cannot be told.
    Discovered(Result<Vec<Offer>, Text>),
    /// The writer has written what it was given.
    Written(Flush),
    /// The terminal is gone.
    Lost,
}

/// What comes from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Chord),
    Pointer(Pointer),
    Paste(String),
    /// The colour of the terminal's ground, as it says when asked.
    Ground([u8; 3]),
}

/// What the process was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTSTP.
    Suspend,
    /// SIGCONT.
    Resume,
    /// SIGWINCH.
    Resize,
    /// SIGINT, SIGTERM, SIGHUP.
    Stop,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Quit,
    QuitKeepingFrame,
    /// The terminal went away.
    Lost,
}
