//! What happens to the screen, and what it asks for.

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Act, Attention, Severity, Text};
use probetop_core::snapshot::{Query, Snapshot, Span};

use super::Look;
use super::keys::Chord;
use super::meter::Flush;
use super::terminal::input::Batch;
use super::view::Pointer;

/// What happens to the screen.
#[derive(Debug)]
pub enum Event {
    Terminal(Batch),
    Snapshot(Arc<Snapshot>),
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

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Answer with a snapshot now, and follow this from now on.
    Query(Query),
    /// Write a file and tell its path.
    Export(Document),
    Reload,
    /// Somebody did something about an alert.
    Act(Act),
    /// Set a mark with a label.
    Mark(Timestamp, Text),
    /// Something the log shall have as well.
    Notice(Severity, Text),
    /// Whether the process table is on the screen; it is dear to read.
    Processes(Shown),
}

/// What is written to a file. What the screen shows it has drawn itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    Snapshot,
    Series,
    /// What is compared, figure by figure.
    Comparison,
    /// What was measured in a span, to be compared with in another run; `None`: nothing was yet.
    Baseline(Option<Span>),
    Text(String),
    /// An SVG document.
    Picture(String),
}

/// Whether something is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Yes,
    No,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Quit,
    QuitKeepingFrame,
    /// The terminal went away.
    Lost,
}
