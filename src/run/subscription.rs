//! A reader's side of the engine: what it wants to read, where its snapshots wait, and what it asks for.
//!
//! What waits is bounded. A reader that is slow, or never reads, loses the oldest of it and holds up nobody.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use probetop_core::snapshot::{Query, Reader, Request, Snapshot};
use tokio::sync::mpsc;

use super::message::{Command, SubscriberId};

/// What a reader wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    pub query: Query,
    pub cadence: Cadence,
    pub backlog: Backlog,
}

/// How often a reader that follows the time is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cadence {
    /// When a second has ended: documents are of whole seconds.
    #[default]
    EachSecond,
    /// Also in between, with what was measured since: whoever watches a screen waits for the next answer of a target.
    AlsoBetween,
}

/// What waits for a reader that has not read yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backlog {
    /// The newest snapshot alone: a screen shows no other.
    #[default]
    Newest,
    /// One after the other, and of very many the newest: a printer leaves out no second that it need not.
    InOrder,
}

/// A quarter of a minute of seconds: a reader that is further behind does not catch up, and each takes memory.
const BACKLOG_LIMIT: usize = 16;

impl Backlog {
    const fn limit(self) -> usize {
        match self {
            Self::Newest => 1,
            Self::InOrder => BACKLOG_LIMIT,
        }
    }
}

/// Where the engine puts snapshots for one reader.
pub(super) struct Mailbox {
    waiting: Mutex<VecDeque<Arc<Snapshot>>>,
    limit: usize,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Mailbox {
    /// `wake` is called when something waits where nothing did.
    pub(super) fn new(backlog: Backlog, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            waiting: Mutex::default(),
            limit: backlog.limit(),
            wake: Box::new(wake),
        }
    }

    /// Never waits for the reader: where too much waits, the oldest goes.
    pub(super) fn put(&self, snapshot: Arc<Snapshot>) {
        let mut waiting = self.waiting();
        let was_empty = waiting.is_empty();
        // Freeing a large one takes a while, which nobody shall wait for.
        let oldest = (waiting.len() == self.limit).then(|| waiting.pop_front());
        waiting.push_back(snapshot);
        drop(waiting);
        drop(oldest);
        if was_empty {
            (self.wake)();
        }
    }

    fn take(&self) -> Option<Arc<Snapshot>> {
        self.waiting().pop_front()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Arc<Snapshot>>> {
        // Nothing is half done when somebody panics who holds it.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader of the engine's snapshots. Dropping it ends the stream.
#[derive(Debug)]
pub struct Subscription {
    id: SubscriberId,
    commands: mpsc::UnboundedSender<Command>,
    mailbox: Arc<Mailbox>,
}

impl Subscription {
    pub(super) fn new(id: SubscriberId, commands: mpsc::UnboundedSender<Command>, mailbox: Arc<Mailbox>) -> Self {
        Self { id, commands, mailbox }
    }

    pub(super) fn id(&self) -> SubscriberId {
        self.id
    }
}

impl Reader for Subscription {
    fn ask(&self, request: Request) {
        // An engine that has ended has said so, and nothing comes back of what is asked of it.
        let _ = self.commands.send(Command::Ask(Some(self.id), request));
    }

    fn next(&self) -> Option<Arc<Snapshot>> {
        self.mailbox.take()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // One that has ended remembers nobody.
        let _ = self.commands.send(Command::Unsubscribe(self.id));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::SystemTime;

    use probetop_core::clock::Timestamp;

    use super::*;

    fn snapshot(second: u64) -> Arc<Snapshot> {
        Arc::new(Snapshot {
            taken: Timestamp::from_secs(second),
            ..Snapshot::empty(SystemTime::UNIX_EPOCH)
        })
    }

    /// The seconds that are still there for one who reads after `seconds` of them, and how often it was woken.
    fn left(backlog: Backlog, seconds: u64) -> (Vec<u64>, usize) {
        let woken = Arc::<AtomicUsize>::default();
        let wake = Arc::clone(&woken);
        let mailbox = Mailbox::new(backlog, move || {
            wake.fetch_add(1, Ordering::Relaxed);
        });
        (0..seconds).for_each(|second| mailbox.put(snapshot(second)));
        let left = std::iter::from_fn(|| mailbox.take()).map(|snapshot| snapshot.taken.second());
        (left.collect(), woken.load(Ordering::Relaxed))
    }

    #[test]
    fn the_oldest_goes_where_too_much_waits() {
        let check = |backlog, seconds, expected: &[u64]| {
            let (left, woken) = left(backlog, seconds);
            assert_eq!(left, expected, "{backlog:?} {seconds}");
            assert_eq!(woken, usize::from(seconds > 0));
        };
        check(Backlog::Newest, 0, &[]);
        check(Backlog::Newest, 1, &[0]);
        check(Backlog::Newest, 3, &[2]);
        check(Backlog::InOrder, 3, &[0, 1, 2]);
        let newest: Vec<_> = (24..40).collect();
        check(Backlog::InOrder, 40, &newest);
    }

    #[test]
    fn a_reader_is_woken_again_once_it_has_read_everything() {
        let (sender, woken) = std::sync::mpsc::channel();
        let mailbox = Mailbox::new(Backlog::InOrder, move || sender.send(()).unwrap());
        mailbox.put(snapshot(1));
        mailbox.put(snapshot(2));
        assert_eq!(woken.try_iter().count(), 1);
        assert!(mailbox.take().is_some());
        mailbox.put(snapshot(3));
        assert_eq!(woken.try_iter().count(), 0, "two still waited");
        while mailbox.take().is_some() {}
        mailbox.put(snapshot(4));
        assert_eq!(woken.try_iter().count(), 1);
    }
}
