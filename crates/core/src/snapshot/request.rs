//! What a reader of snapshots and the engine say to each other, whoever the reader is: a screen, a printer, a service.

use std::sync::Arc;
use std::time::SystemTime;

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
    /// Something on the machine that the screen runs on: done by the program around the screen, not by the engine.
    Errand(Errand),
}

/// What a screen has done on its own machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Find out what listens there, and what it speaks.
    Discover,
    /// Watch one that was found, until the end of this run.
    Watch(Offer),
    /// Send a signal to a process, if it still is the one that was meant.
    Signal(ProcessSignal),
}

/// A signal, and the process that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessSignal {
    pub pid: u32,
    pub name: Text,
    /// Tells it from a later one with the same number.
    pub started: SystemTime,
    pub signal: SignalKind,
}

/// A signal that may be sent, the mildest way to end a process first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    Terminate,
    Interrupt,
    Hangup,
    Quit,
    User1,
    User2,
    Stop,
    Continue,
    Kill,
}

impl SignalKind {
    pub const ALL: [Self; 9] = [
        Self::Terminate,
        Self::Interrupt,
        Self::Hangup,
        Self::Quit,
        Self::User1,
        Self::User2,
        Self::Stop,
        Self::Continue,
        Self::Kill,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Hangup => "SIGHUP",
            Self::Quit => "SIGQUIT",
            Self::User1 => "SIGUSR1",
            Self::User2 => "SIGUSR2",
            Self::Stop => "SIGSTOP",
            Self::Continue => "SIGCONT",
            Self::Kill => "SIGKILL",
        }
    }

    /// What it does to most processes.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Terminate => "asks it to end, and lets it tidy up",
            Self::Interrupt => "as ctrl-c in its terminal",
            Self::Hangup => "many services read their configuration again, others end",
            Self::Quit => "ends it with a core dump, or makes it tell what it does",
            Self::User1 | Self::User2 => "means what the program says; ends one that does not know it",
            Self::Stop => "holds it, until SIGCONT",
            Self::Continue => "lets it go on after SIGSTOP",
            Self::Kill => "ends it at once: nothing is tidied up or saved",
        }
    }
}

/// Something that listens on this machine and can be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub name: Text,
    pub url: Text,
    /// Who listens, and what it answers.
    pub about: Text,
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
