//! What happened to one alert, in bounded memory.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::sample::Text;
use crate::snapshot::{TimelineEntry, Turn};

/// Entries of one alert: a night of flapping is read from its end.
const ENTRIES_LIMIT: usize = 64;

/// Entries, oldest first. Shared with snapshots until the next one comes.
#[derive(Clone, Debug, Default)]
pub struct Timeline(Arc<Vec<TimelineEntry>>);

impl Timeline {
    pub fn push(&mut self, at: Timestamp, turn: Turn, text: Text) {
        let entries = Arc::make_mut(&mut self.0);
        if entries.len() == ENTRIES_LIMIT {
            // How it began is worth more than what came next.
            entries.remove(1);
        }
        entries.push(TimelineEntry { at, turn, text });
    }

    pub fn entries(&self) -> Arc<[TimelineEntry]> {
        self.0.as_slice().into()
    }
}
