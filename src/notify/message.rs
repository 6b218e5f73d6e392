//! What one channel is told at once.

use std::time::SystemTime;

use crate::clock::Timestamp;
use crate::sample::{Severity, Text};
use crate::snapshot::{Announcement, Occasion};

/// Announcements that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What they have in common; the same for all messages about the same thing.
    pub group: Text,
    /// At least one, the worst first.
    pub announcements: Vec<Announcement>,
    /// More of the same that were left out, because nobody reads that many.
    pub left_out: usize,
    /// The name of this machine.
    pub machine: Text,
    /// The wall clock at [`Timestamp::ZERO`].
    pub wall_origin: SystemTime,
}

impl Message {
    /// Whether everything in it is over.
    pub fn is_resolved(&self) -> bool {
        let is_over = |announcement: &Announcement| announcement.occasion == Occasion::Resolved;
        self.announcements.iter().all(is_over)
    }

    pub fn severity(&self) -> Severity {
        let severities = self
            .announcements
            .iter()
            .map(|announcement| announcement.alert.severity);
        severities.max().unwrap_or_default()
    }

    pub fn wall(&self, at: Timestamp) -> SystemTime {
        self.wall_origin + at.since_origin()
    }
}
