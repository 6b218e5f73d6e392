//! Those who read what the engine measures: each with a query, a second and a comparison of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use probetop_core::sample::Severity;
use probetop_core::snapshot::{Feed, Query, Shown, Snapshot};
use probetop_probe::source::host::Pace;

use super::Running;
use super::contrast::Contrast;
use crate::config::Config;
use crate::run::message::SubscriberId;
use crate::run::subscription::{Cadence, Interest, Mailbox};

/// Each costs the engine a snapshot a second.
const SUBSCRIBERS_LIMIT: usize = 64;

/// With more targets snapshots are made at the end of each second only: each goes through all of them.
const SHOWN_AT_ONCE_LIMIT: usize = 1_000;

/// All who read. While one is answered it stands aside, so that the engine can look at all of itself.
pub(super) type Subscribers = BTreeMap<SubscriberId, Subscriber>;

/// One who reads.
pub(super) struct Subscriber {
    query: Query,
    cadence: Cadence,
    mailbox: Arc<Mailbox>,
    /// Whether it shows the table of processes.
    processes: Shown,
    sight: Sight,
}

/// What a reader sees beside what the monitor knows, kept while it is asked for.
pub(super) struct Sight {
    /// What it saw when it was told to hold still, where no history can bring it back.
    pub held: Option<Box<Snapshot>>,
    pub contrast: Contrast,
}

impl Sight {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            held: None,
            contrast: Contrast::of(config),
        }
    }
}

impl Running<'_> {
    /// Answers everybody.
    pub(super) fn publish(&mut self) {
        self.publish_to(|_| true);
    }

    /// Shows what was taken since the second began to those who want to see it at once.
    pub(super) fn show(&mut self) {
        if self.monitor.targets().len() <= SHOWN_AT_ONCE_LIMIT {
            self.publish_to(|reader| reader.cadence == Cadence::AlsoBetween && reader.query.feed == Feed::Live);
        }
    }

    fn publish_to(&mut self, is_meant: impl Fn(&Subscriber) -> bool) {
        let mut subscribers = std::mem::take(&mut self.subscribers);
        let meant = subscribers.values_mut().filter(|subscriber| is_meant(subscriber));
        meant.for_each(|subscriber| self.publish_for(subscriber));
        self.subscribers = subscribers;
    }

    fn publish_for(&mut self, subscriber: &mut Subscriber) {
        let snapshot = self.answer(&mut subscriber.sight, &subscriber.query);
        subscriber.mailbox.put(Arc::new(snapshot));
    }

    pub(super) fn subscribe(&mut self, id: SubscriberId, interest: Interest, mailbox: Arc<Mailbox>) {
        if self.subscribers.len() == SUBSCRIBERS_LIMIT {
            let words = format!("{SUBSCRIBERS_LIMIT} readers are as many as there may be; close one of them");
            return self.notify(Severity::Warning, words);
        }
        let subscriber = Subscriber {
            query: Query::default(),
            cadence: interest.cadence,
            mailbox,
            processes: Shown::No,
            sight: Sight::of(&self.config),
        };
        self.subscribers.insert(id, subscriber);
        self.follow_query(id, interest.query);
    }

    /// From now on that reader follows this query, and is answered at once.
    pub(super) fn follow_query(&mut self, id: SubscriberId, query: Query) {
        self.with_subscriber(id, |engine, subscriber| {
            match query.feed {
                Feed::At(at) => engine.hold(&mut subscriber.sight, &subscriber.query, at),
                Feed::Live => subscriber.sight.held = None,
            }
            engine.look(&subscriber.query, &query);
            subscriber.query = query;
            engine.publish_for(subscriber);
        });
        self.forget_what_nobody_sees();
    }

    pub(super) fn unsubscribe(&mut self, id: SubscriberId) {
        self.subscribers.remove(&id);
        self.forget_what_nobody_sees();
        self.follow_pace();
    }

    /// The table of processes is read as often as those want it who show it.
    pub(super) fn show_processes(&mut self, id: SubscriberId, shown: Shown) {
        self.with_subscriber(id, |_, subscriber| subscriber.processes = shown);
        self.follow_pace();
    }

    /// Does `work` with that reader's query and sight.
    pub(super) fn as_seen_by(&mut self, id: SubscriberId, work: impl FnOnce(&mut Self, &mut Sight, &Query)) {
        self.with_subscriber(id, |engine, subscriber| {
            work(engine, &mut subscriber.sight, &subscriber.query);
        });
    }

    /// What that reader sees and asked for last, when nobody will ask for anything more.
    pub(super) fn last_sight(&mut self, id: Option<SubscriberId>) -> (Sight, Query) {
        let subscriber = id.and_then(|id| self.subscribers.remove(&id));
        subscriber.map_or_else(
            || (Sight::of(&self.config), Query::default()),
            |subscriber| (subscriber.sight, subscriber.query),
        )
    }

    /// Compares with the baseline of `config` from now on.
    pub(super) fn follow_baseline(&mut self, config: &Config) {
        for subscriber in self.subscribers.values_mut() {
            subscriber.sight.contrast.follow(config);
        }
    }

    /// Does `work` with a reader. What one asks for that has left, or was turned away, has nowhere to go.
    fn with_subscriber(&mut self, id: SubscriberId, work: impl FnOnce(&mut Self, &mut Subscriber)) {
        if let Some(mut subscriber) = self.subscribers.remove(&id) {
            work(self, &mut subscriber);
            self.subscribers.insert(id, subscriber);
        }
    }

    fn forget_what_nobody_sees(&mut self) {
        if self
            .subscribers
            .values()
            .all(|reader| reader.query.feed == Feed::Live && reader.query.cursor.is_none())
        {
            self.history.forget_recalled();
        }
    }

    fn follow_pace(&mut self) {
        let is_shown = self.subscribers.values().any(|reader| reader.processes == Shown::Yes);
        self.pace.set(if is_shown { Pace::Shown } else { Pace::Background });
    }
}
