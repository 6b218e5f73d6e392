//! What somebody at the keyboard does about alerts: an input like any other, so that a recording shows it too.

use std::time::Duration;

use super::Text;

/// Names an alert for the life of the process, from when its condition became true until it is resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub u64);

/// Something done about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Somebody looks after it: no reminders, no escalation, until it is resolved. A second time takes it back.
    Acknowledge(AlertId),
    /// Nobody is told for this long; `None` ends the quiet.
    Silence(AlertId, Option<Duration>),
    /// A line for its timeline.
    Note(AlertId, Text),
}
