//! What the engine answers to a query: the state of now or of an earlier second, and what is compared beside it.

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Severity;
use probetop_core::snapshot::{Feed, Present, Query, Rows, Snapshot};
use probetop_engine::monitor::{Input, Monitor};

use super::Running;
use super::subscriber::Sight;

impl Running<'_> {
    /// What the query asks for, as of when it asks for it: the one way from the engine's state to a snapshot.
    pub(super) fn answer(&mut self, sight: &mut Sight, query: &Query) -> Snapshot {
        let kept = self.as_of(query.feed).map(|monitor| monitor.now());
        let held = sight.held.as_deref().map(|held| held.taken);
        // Whoever asks for a second that is not kept has it held first.
        let taken = kept.or(held).unwrap_or(self.monitor.now());
        let present = Present {
            history: self.history.report(),
            stores: self.stores(),
            comparison: self.contrast(&mut sight.contrast, query, taken),
            ..self.monitor.present()
        };
        let cursor = query.cursor.and_then(|at| self.standing_at(at));
        let snapshot = match (self.as_of(query.feed), sight.held.as_deref()) {
            (Some(kept), _) => kept.snapshot_from(query, present),
            (None, Some(held)) => held.seen_from(present),
            (None, None) => self.monitor.snapshot_from(query, present),
        };
        Snapshot { cursor, ..snapshot }
    }

    /// How everything stood at that second, without the figures.
    fn standing_at(&mut self, at: Timestamp) -> Option<Arc<Snapshot>> {
        let query = Query {
            series: Rows::None,
            detail: Rows::None,
            feed: Feed::At(at),
            ..Query::default()
        };
        let monitor = self.as_of(query.feed)?;
        Some(Arc::new(monitor.snapshot(&query)))
    }

    /// Makes sure that the second at which a reader holds still stays there: in the history, within its limit, or as what
    /// the reader sees of it by the query it had.
    pub(super) fn hold(&mut self, sight: &mut Sight, query: &Query, at: Timestamp) {
        if sight.held.is_some() || self.history.recall(at).is_some() {
            return;
        }
        let query = Query {
            feed: Feed::At(at),
            ..query.clone()
        };
        sight.held = Some(Box::new(self.monitor.snapshot(&query)));
        let words = "nothing of the past is kept, so only what is on the screen now is held still; \
                     set history to something longer than 0s, or watch fewer targets";
        self.notify(Severity::Warning, words.to_owned());
    }

    /// Tells the monitor whom somebody looks at, where that is another one than before.
    pub(super) fn look(&mut self, before: &Query, query: &Query) {
        let selected = |query: &Query| match &query.detail {
            Rows::Only(ids) => ids.first().copied(),
            Rows::All | Rows::None => None,
        };
        if selected(query) != selected(before) {
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
