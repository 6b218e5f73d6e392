//! How a channel of notification does.

use super::{Text, Word};
use crate::clock::Timestamp;

/// One channel as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelReport {
    pub name: Text,
    /// `webhook`, `slack`, `email`, …
    pub kind: Word,
    pub state: ChannelState,
    /// Announcements that wait to be told or are being told. All figures count announcements: a message may hold many.
    pub waiting: u64,
    /// Those that were replaced by a newer word on the same alert while they waited are not among them.
    pub delivered_total: u64,
    /// Refused for good, or given up after the last try.
    pub failed_total: u64,
    /// Not taken because a queue was full.
    pub dropped_total: u64,
    /// Those that still waited when the run ended; zero before.
    pub left_total: u64,
    pub delivered: Option<Timestamp>,
    /// What went wrong last, and when.
    pub error: Option<(Timestamp, Text)>,
}

impl ChannelReport {
    /// Those that this run delivers no more.
    pub const fn undelivered(&self) -> u64 {
        self.failed_total + self.dropped_total + self.left_total
    }

    /// What was not delivered, in a sentence; `None`: nothing that is known yet.
    pub fn undelivered_words(&self) -> Option<String> {
        let undelivered = self.undelivered();
        if undelivered == 0 {
            return None;
        }
        let all = self.delivered_total + undelivered;
        let parts = [
            (self.left_total, "waited when the run ended"),
            (self.failed_total, "given up"),
            (self.dropped_total, "dropped, the queue was full"),
        ];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{count} {why}"))
            .collect();
        let error = self.error.as_ref().map(|(_, error)| format!("; last error: {error}"));
        Some(format!(
            "{undelivered} of {all} announcements were not delivered ({}){}",
            parts.join(", "),
            error.unwrap_or_default()
        ))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelState {
    /// Nothing was sent yet.
    Idle,
    /// The last message was delivered.
    Delivering,
    /// The last try failed and is made again.
    Retrying,
    /// Messages were given up.
    Failing,
}

impl ChannelState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Delivering => "delivering",
            Self::Retrying => "retrying",
            Self::Failing => "failing",
        }
    }
}
