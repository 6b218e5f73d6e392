//! What the world is told of alerts.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::sample::Text;

use super::AlertSnapshot;

/// One thing to tell, to those it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    pub occasion: Occasion,
    pub at: Timestamp,
    pub route: Route,
    /// The alert as it stood then.
    pub alert: AlertSnapshot,
    /// What is behind it, where others share it: alerts with the same key belong into one message.
    pub group: Text,
}

impl Announcement {
    /// What has become of the alert, in a word or two: `critical`, `still warning`, `resolved`.
    pub fn headline(&self) -> String {
        let severity = self.alert.severity.name();
        match self.occasion {
            Occasion::Firing => severity.to_owned(),
            Occasion::Reminder(_) => format!("still {severity}"),
            Occasion::Escalation(_) => format!("{severity}, and nobody looks after it"),
            Occasion::Flapping => format!("{severity}, flapping"),
            Occasion::Resolved => "resolved".to_owned(),
        }
    }

    /// How long it fired: `3m 12s`; `None`: it is not over.
    pub fn lasted(&self) -> Option<String> {
        let lasted = self.alert.resolved?.since(self.alert.fired?);
        Some(humantime::format_duration(Duration::from_secs(lasted.as_secs())).to_string())
    }
}

/// Why something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occasion {
    Firing,
    /// It still fires: the how manieth time this is said.
    Reminder(u32),
    /// Nobody has looked after it: the step, from 1.
    Escalation(u32),
    Flapping,
    Resolved,
}

impl Occasion {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Reminder(_) => "reminder",
            Self::Escalation(_) => "escalation",
            Self::Flapping => "flapping",
            Self::Resolved => "resolved",
        }
    }
}

/// Which channels are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// Every channel that does not say it wants to be named.
    #[default]
    Usual,
    /// These, by name.
    Named(Vec<Text>),
}
