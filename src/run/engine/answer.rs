//! What the engine answers to a query: the state of now or of an earlier second, and what is compared beside it.

use probetop_core::clock::Timestamp;
use probetop_core::sample::Severity;
use probetop_core::snapshot::{Feed, Query, Rows, Snapshot};
use probetop_engine::monitor::{Input, Monitor};

use super::Running;

impl Running<'_> {
    /// What the query asks for, as of when it asks for it.
    pub(super) fn answer(&mut self, query: &Query) -> Snapshot {
        let now = self.monitor.now();
        let kept = self.as_of(query.feed).map(|monitor| monitor.snapshot(query));
        let mut snapshot = match (kept, self.held.as_deref()) {
            (Some(kept), _) => kept,
            (None, Some(held)) => held.clone(),
            // Whoever asks for a second that is not kept has it held first.
            (None, None) => self.monitor.snapshot(query),
        };
        snapshot.now = now;
        // What was marked later than that second is where one may want to go next.
        snapshot.marks = self.monitor.marks();
        snapshot.monitor.history = self.history.report();
        snapshot.monitor.stores = self.stores(&snapshot);
        snapshot.comparison = self.contrast(query, snapshot.taken);
        snapshot
    }

    /// Makes sure that the second at which the screen holds still stays there: in the history, within its limit, or as what
    /// the screen shows of it.
    pub(super) fn hold(&mut self, at: Timestamp) {
        if self.held.is_some() || self.history.recall(at).is_some() {
            return;
        }
        let query = Query {
            feed: Feed::At(at),
            ..self.query.clone()
        };
        self.held = Some(Box::new(self.monitor.snapshot(&query)));
        let words = "nothing of the past is kept, so only what is on the screen now is held still; \
                     set history to something longer than 0s, or watch fewer targets";
        self.notify(Severity::Warning, words.to_owned());
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

    /// The state at that second, or at the oldest that is kept. `None`: nothing of the past is kept.
    pub(super) fn as_of(&mut self, feed: Feed) -> Option<&mut Monitor> {
        match feed {
            Feed::Live => Some(&mut self.monitor),
            Feed::At(at) if at == self.monitor.now() => Some(&mut self.monitor),
            Feed::At(at) => self.history.recall(at),
        }
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
