//! What a reader of snapshots and the engine say to each other, whoever the reader is: a screen, a printer, a service.

use std::sync::Arc;

use super::{Query, Snapshot, Span};
use crate::clock::Timestamp;
use crate::sample::{Act, MarkOrigin, Severity, Text};

/// A reader's way to the engine, and its own stream of snapshots.
pub trait Reader {
    /// Asks for something. Never waits; what comes of it is seen in a later snapshot, or said by a notice.
    fn ask(&self, request: Request);

    /// The next snapshot that waits for this reader; `None`: it has seen all there are.
    fn next(&self) -> Option<Arc<Snapshot>>;
}

/// One thing that is asked of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Answer this reader at once, and follow this query from now on.
    Query(Query),
    /// Write a file, as of the second that this reader looks at, and say where it is.
    Export(Document),
    /// Whether this reader shows the process table; it is dear to read.
    Processes(Shown),
    /// Load the configuration again.
    Reload,
    /// Somebody did something about an alert.
    Act(Act),
    /// Set a mark; without a time, at this moment.
    Mark {
        at: Option<Timestamp>,
        label: Text,
        origin: MarkOrigin,
    },
    /// Something that the log and all who read shall hear of as well.
    Notice(Severity, Text),
}

/// What is written to a file. What a screen shows it has drawn itself.
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
    /// A PNG.
    Image(Vec<u8>),
}

/// Whether something is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Yes,
    No,
}
