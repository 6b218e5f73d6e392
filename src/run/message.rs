//! What is asked of the engine, and what it says: one vocabulary each.

use std::io;
use std::sync::{Arc, mpsc as sync_mpsc};
use std::time::Duration;

use probetop_core::snapshot::{Notice, Request, Snapshot, Stretch};
use probetop_screen::ui;

use super::signal::Signal;
use super::subscription::{Interest, Mailbox};

/// What the engine says to whoever started it. What readers get beside it are snapshots, each from a stream of its own.
#[derive(Clone, Debug)]
pub enum Event {
    Notice(Notice),
    /// The screen as it is configured from now on.
    Screen(Box<ui::Settings>),
    Signal(Signal),
    /// The engine cannot go on.
    Failed(Arc<io::Error>),
}

/// What is asked of the engine, in the order in which it was.
#[derive(Debug)]
pub(super) enum Command {
    /// A reader comes: it is answered at once, and then as often as it wants.
    Subscribe(SubscriberId, Interest, Arc<Mailbox>),
    /// A reader goes.
    Unsubscribe(SubscriberId),
    /// Somebody asks for something; a reader, or another program (`None`).
    Ask(Option<SubscriberId>, Request),
    /// Nobody will ask for anything more.
    Finish(Finish),
}

/// A reader's name, which no other had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SubscriberId(pub u32);

/// How the engine ends.
#[derive(Debug)]
pub(super) struct Finish {
    pub last_probes: LastProbes,
    /// Whose query the last snapshot answers, with every detail; `None`: nobody waits for it.
    pub reader: Option<SubscriberId>,
    pub whole_run: WholeRun,
    pub reply: sync_mpsc::Sender<Last>,
}

/// What the engine leaves behind.
#[derive(Debug)]
pub struct Last {
    pub snapshot: Snapshot,
    /// All that was measured and is still kept, where it was asked for.
    pub run: Option<Stretch>,
}

impl From<Snapshot> for Last {
    fn from(snapshot: Snapshot) -> Self {
        Self { snapshot, run: None }
    }
}

/// Whether what was measured in the whole run is wanted at its end, as a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WholeRun {
    Wanted,
    LeftOut,
}

/// What becomes of the probes that are on their way at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastProbes {
    /// They are waited for, until they time out, [`LANDING_LIMIT`] is over, or a signal comes. What then still is on its way
    /// is cut off.
    Awaited,
    /// They are counted as cut off.
    CutOff,
}

impl LastProbes {
    pub(super) const fn patience(self) -> Duration {
        match self {
            Self::Awaited => LANDING_LIMIT,
            Self::CutOff => Duration::ZERO,
        }
    }
}

/// As long as probes last by default: one that takes longer was configured to.
const LANDING_LIMIT: Duration = Duration::from_secs(5);
