//! How a channel of notification does.

use super::Text;
use crate::clock::Timestamp;

/// One channel as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelReport {
    pub name: Text,
    /// `webhook`, `slack`, `email`, …
    pub kind: &'static str,
    pub state: ChannelState,
    /// Announcements that wait to be told or are being told. All figures count announcements: a message may hold many.
    pub waiting: u64,
    /// Those that were replaced by a newer word on the same alert while they waited are not among them.
    pub delivered_total: u64,
    /// Refused for good, or given up after the last try.
    pub failed_total: u64,
    /// Not taken because the queue was full.
    pub dropped_total: u64,
    pub delivered: Option<Timestamp>,
    /// What went wrong last, and when.
    pub error: Option<(Timestamp, Text)>,
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
