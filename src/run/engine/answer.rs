//! What the engine answers to a query: the state of now or of an earlier second, and what is compared beside it.

use super::Running;
use crate::monitor::Monitor;
use crate::sample::Input;
use crate::snapshot::{Feed, Query, Rows, Snapshot};

impl Running<'_> {
    /// What the query asks for, as of when it asks for it.
    pub(super) fn answer(&mut self, query: &Query) -> Snapshot {
        let now = self.monitor.now();
        let mut snapshot = self.as_of(query.feed).snapshot(query);
        snapshot.now = now;
        // What was marked later than that second is where one may want to go next.
        snapshot.marks = self.monitor.marks();
        snapshot.monitor.history = self.history.report();
        snapshot.comparison = self.contrast(query, snapshot.taken);
        snapshot
    }

    /// Tells the monitor whom somebody looks at, where that is another one than before.
    pub(super) fn look(&mut self, query: &Query) {
        let selected = |query: &Query| match &query.detail {
            Rows::Only(ids) => ids.first().copied(),
            Rows::All | Rows::None => None,
        };
        if selected(query) != selected(&self.query) {
            self.take(Input::Look(selected(query)));
        }
    }

    pub(super) fn as_of(&mut self, feed: Feed) -> &mut Monitor {
        let Feed::At(at) = feed else { return &mut self.monitor };
        if at == self.monitor.now() {
            return &mut self.monitor;
        }
        let held = self.held.as_deref_mut();
        let recalled = match &held {
            Some(held) if held.now() == at => None,
            Some(_) | None => self.history.recall(at),
        };
        recalled.or(held).unwrap_or(&mut self.monitor)
    }
}

/// Every detail of every target, for documents.
pub(super) fn everything(query: &Query, feed: Feed) -> Query {
    Query {
        series: Rows::None,
        detail: Rows::All,
        feed,
        ..query.clone()
    }
}
