//! What happened to an alert, as the next run is told of it.

use std::sync::Arc;

use probetop_core::sample::Text;
use probetop_core::snapshot::{TimelineEntry, Turn};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Moments, Wall};
use crate::alert::timeline::Timeline;

/// Entries that are remembered of one alert.
const ENTRIES_LIMIT: usize = 32;

/// Entries that are remembered of all alerts together, in equal shares: some 5 MB beside the 12 MB that so many alerts
/// have themselves.
const ALL_ENTRIES_LIMIT: usize = 30_000;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedTurn {
    at: Wall,
    turn: TurnName,
    text: String,
}

/// How many entries each of so many alerts may remember.
pub(super) fn share(alerts: usize) -> usize {
    (ALL_ENTRIES_LIMIT / alerts.max(1)).min(ENTRIES_LIMIT)
}

/// The first and the newest entries, `share` of them; oldest first.
pub(super) fn save(timeline: &Timeline, share: usize, at: Moments) -> Vec<SavedTurn> {
    let entries = timeline.entries();
    let left_out = entries.len().saturating_sub(share);
    let kept = entries
        .iter()
        .enumerate()
        .filter(|(place, _)| *place == 0 || *place > left_out);
    kept.take(share).map(|(_, entry)| SavedTurn::of(entry, at)).collect()
}

/// The timeline as it goes on.
pub(super) fn restore(saved: &[SavedTurn], at: Moments) -> Timeline {
    // Whoever edits the file may have put more into it than is ever shown.
    let entries: Arc<[_]> = saved
        .iter()
        .take(ENTRIES_LIMIT)
        .map(|saved| saved.restore(at))
        .collect();
    Timeline::of(entries)
}

impl SavedTurn {
    fn of(entry: &TimelineEntry, at: Moments) -> Self {
        Self {
            at: at.ago(at.now.since(entry.at).saturating_add(entry.carried)),
            turn: TurnName(entry.turn),
            text: entry.text.to_string(),
        }
    }

    fn restore(&self, at: Moments) -> TimelineEntry {
        TimelineEntry {
            at: at.now,
            carried: at.elapsed(self.at),
            turn: self.turn.0,
            text: Text::clean(&self.text),
        }
    }
}

/// A turn by the name that documents give it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TurnName(Turn);

impl Serialize for TurnName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for TurnName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Turn::from_name(&name)
            .map(Self)
            .ok_or_else(|| de::Error::custom(format!("{name:?} is no turn of an alert")))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use probetop_core::clock::Timestamp;

    use super::*;

    /// Which of `happened` seconds, from 1, the next run knows, when each alert may remember `share` of them.
    fn check(happened: u64, share: usize, expected: &[u64]) {
        let mut timeline = Timeline::default();
        (1..=happened).for_each(|second| timeline.push(Timestamp::from_secs(second), Turn::Noted, "a note".into()));
        let origin = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let now = Timestamp::from_secs(100);
        let wall = now.wall(origin);
        let written = serde_json::to_string(&save(&timeline, share, Moments { now, wall })).unwrap();
        let read: Vec<SavedTurn> = serde_json::from_str(&written).unwrap();
        // A minute passes between the runs.
        let later = Moments {
            now: Timestamp::from_secs(2),
            wall: wall + Duration::from_secs(60),
        };
        let restored = restore(&read, later);
        let seconds: Vec<_> = restored
            .entries()
            .iter()
            .map(|entry| 160 - entry.carried.as_secs())
            .collect();
        assert_eq!(seconds, expected, "{happened} with {share}");
    }

    #[test]
    fn the_first_and_the_newest_entries_are_known_to_the_next_run() {
        check(0, 4, &[]);
        check(3, 4, &[1, 2, 3]);
        check(4, 4, &[1, 2, 3, 4]);
        check(9, 4, &[1, 7, 8, 9]);
        check(9, 1, &[1]);
        check(9, 0, &[]);
    }

    #[test]
    fn so_many_alerts_share_what_is_remembered() {
        assert_eq!([0, 1, 937, 938, 20_000, 30_001].map(share), [32, 32, 32, 31, 1, 0]);
    }

    #[test]
    fn every_turn_is_read_back_as_it_was_written() {
        for turn in Turn::ALL {
            let written = serde_json::to_string(&TurnName(turn)).unwrap();
            let read: TurnName = serde_json::from_str(&written).unwrap();
            assert_eq!(read, TurnName(turn), "{written}");
        }
        assert!(serde_json::from_str::<TurnName>("\"somersault\"").is_err());
    }
}
