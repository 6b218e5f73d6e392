//! What the world is told of alerts.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::sample::{Severity, Text};

use super::AlertSnapshot;

/// One thing to tell, to those it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    pub occasion: AnnouncementReason,
    pub at: Timestamp,
    /// The run before this one made it, so long before `at`; zero for what this run made.
    pub carried: Duration,
    pub route: Route,
    /// The one channel, by name, that owes it since the run before: no other is told.
    pub only_to: Option<Text>,
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
            AnnouncementReason::Firing => severity.to_owned(),
            AnnouncementReason::Worsened { before } => format!("now {severity}, was {}", before.name()),
            AnnouncementReason::Reminder(_) => format!("still {severity}"),
            AnnouncementReason::Escalation(_) => format!("{severity}, and nobody has acknowledged it"),
            AnnouncementReason::Flapping => format!("{severity}, flapping"),
            AnnouncementReason::Resolved => "resolved".to_owned(),
        }
    }

    /// How long it was on: `3m 12s`; `None`: it is not over.
    pub fn lasted(&self) -> Option<String> {
        let lasted = self.alert.lasted(self.alert.resolved?).saturating_sub(self.carried);
        Some(humantime::format_duration(Duration::from_secs(lasted.as_secs())).to_string())
    }
}

/// Why something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnnouncementReason {
    Firing,
    /// It fires on, and is graver than it was told to be.
    Worsened {
        before: Severity,
    },
    /// It still fires: the number of times this was said.
    Reminder(u32),
    /// Nobody has looked after it: the step, from 1.
    Escalation(u32),
    Flapping,
    Resolved,
}

impl AnnouncementReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Worsened { .. } => "worsened",
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
    /// The usual ones, and these by name: whoever was told in the course of time.
    UsualAnd(Vec<Text>),
}

impl Route {
    /// Whether the channel called `channel` is told. `usual`: it does not say that it wants to be named.
    pub fn reaches(&self, channel: &str, usual: bool) -> bool {
        let is_named = |names: &[Text]| names.iter().any(|name| name.as_str() == channel);
        match self {
            Self::Usual => usual,
            Self::Named(names) => is_named(names),
            Self::UsualAnd(names) => usual || is_named(names),
        }
    }

    /// Whoever is told by one of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let usual = !matches!((self, other), (Self::Named(_), Self::Named(_)));
        let mut names = self.names().to_vec();
        names.extend(
            other
                .names()
                .iter()
                .filter(|name| !self.names().contains(name))
                .cloned(),
        );
        match (usual, names.is_empty()) {
            (true, true) => Self::Usual,
            (true, false) => Self::UsualAnd(names),
            (false, _) => Self::Named(names),
        }
    }

    /// The channels that are named.
    pub fn names(&self) -> &[Text] {
        match self {
            Self::Usual => &[],
            Self::Named(names) | Self::UsualAnd(names) => names,
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.names().iter().map(Text::as_str).collect();
        match self {
            Self::Usual => f.write_str("the usual channels"),
            Self::Named(_) => f.write_str(&names.join(", ")),
            Self::UsualAnd(_) => write!(f, "the usual channels and {}", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Text> {
        names.iter().map(|name| Text::from(*name)).collect()
    }

    #[test]
    fn whoever_is_told_by_one_of_two_routes_is_told_by_both_together() {
        let routes = [
            Route::Usual,
            Route::Named(named(&["pager"])),
            Route::Named(named(&["ops", "pager"])),
            Route::UsualAnd(named(&["mail"])),
        ];
        for (a, b) in routes.iter().flat_map(|a| routes.iter().map(move |b| (a, b))) {
            for (channel, usual) in [("ops", true), ("pager", false), ("mail", false), ("other", false)] {
                let either = a.reaches(channel, usual) || b.reaches(channel, usual);
                assert_eq!(a.and(b).reaches(channel, usual), either, "{channel}: {a} and {b}");
            }
        }
        assert_eq!(Route::Usual.and(&Route::Usual), Route::Usual);
    }
}
