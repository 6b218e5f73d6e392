//! What happened to one alert, in bounded memory.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Text;
use probetop_core::snapshot::{TimelineEntry, Turn};

/// Entries of one alert: a night of flapping is read from its end.
const ENTRIES_LIMIT: usize = 64;

/// Entries, oldest first. Shared with snapshots until the next one comes.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: Arc<[TimelineEntry]>,
    has_news: bool,
}

impl Timeline {
    /// One that goes on.
    pub fn of(entries: Arc<[TimelineEntry]>) -> Self {
        Self {
            entries,
            has_news: false,
        }
    }

    pub fn push(&mut self, at: Timestamp, turn: Turn, text: Text) {
        // How it began is worth more than what came next.
        let left_out = (self.entries.len() >= ENTRIES_LIMIT).then_some(1);
        let kept = self.entries.iter().enumerate().filter(|(at, _)| Some(*at) != left_out);
        let mut entries: Vec<_> = kept.map(|(_, entry)| entry.clone()).collect();
        // Who looks at the past may mark it.
        let place = entries.partition_point(|earlier| earlier.at <= at);
        let entry = TimelineEntry {
            at,
            carried: Duration::ZERO,
            turn,
            text,
        };
        entries.insert(place, entry);
        self.entries = entries.into();
        self.has_news = true;
    }

    /// Whether anything happened since this was last asked.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    /// Without a copy: every alert is shown each second, and little happens to it.
    pub fn entries(&self) -> Arc<[TimelineEntry]> {
        Arc::clone(&self.entries)
    }
}
