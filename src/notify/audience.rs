//! Whom a channel speaks for: which announcements it takes.

use std::collections::HashMap;
use std::sync::Arc;

use probetop_core::sample::{Severity, TargetId, TargetInfo, Text};
use probetop_core::setting::Selector;
use probetop_core::setting::selector::any_matches;
use probetop_core::snapshot::{AlertSnapshot, Announcement};

/// Every target that is watched, and those that are just gone: that their alerts are over is still told.
pub type Targets = Arc<HashMap<TargetId, Arc<TargetInfo>>>;

/// What a channel wants to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Milder alerts are not told.
    pub severity: Severity,
    /// Empty: every alert.
    pub on: Vec<Selector>,
    /// Whether it hears what is told in the usual way, or only what names it.
    pub usual: bool,
}

impl Audience {
    /// Whether the channel called `name` is told.
    pub fn wants(&self, name: &Text, announcement: &Announcement, targets: &Targets) -> bool {
        let is_told = announcement.route.reaches(name.as_str(), self.usual);
        is_told && announcement.alert.severity >= self.severity && self.is_about(&announcement.alert, targets)
    }

    fn is_about(&self, alert: &AlertSnapshot, targets: &Targets) -> bool {
        if self.on.is_empty() {
            return true;
        }
        match alert.target.and_then(|id| targets.get(&id)) {
            Some(info) => {
                let group = info.group.as_ref().map(Text::as_str);
                any_matches(&self.on, info.name.as_str(), info.kind.as_str(), group)
            }
            None => {
                let subject = alert.subject.as_str();
                self.on.iter().any(|on| on.matches_subject(subject))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::Timestamp;
    use probetop_core::snapshot::Route;

    use super::*;
    use crate::notify::message::Message;

    /// Whether a channel called `ops` that is `on` these takes the example, whose target is checkout, http, group api.
    fn check(on: &[&str], subject: Option<&str>, expected: bool) {
        let audience = Audience {
            severity: Severity::Warning,
            on: on.iter().map(|text| Selector::parse(text)).collect(),
            usual: true,
        };
        let mut example = Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let announcement = &mut example.announcements[0];
        if let Some(subject) = subject {
            announcement.alert.subject = subject.into();
            announcement.alert.target = None;
        }
        let wants = audience.wants(&"ops".into(), announcement, &example.targets);
        assert_eq!(wants, expected, "{on:?} of {subject:?}");
    }

    #[test]
    fn a_channel_hears_of_those_it_is_on() {
        check(&[], None, true);
        check(&["check*"], None, true);
        check(&["group:api"], None, true);
        check(&["kind:tcp", "kind:http"], None, true);
        check(&["kind:tcp"], None, false);
        check(&["host"], None, false);
        check(&["host"], Some("host"), true);
        check(&["checkout"], Some("host"), false);
        check(&["slo*"], Some("slo of checkout"), true);
        check(&["group:*"], Some("slo of checkout"), false);
        check(&[], Some("host"), true);
    }

    #[test]
    fn a_channel_hears_what_is_loud_enough_and_meant_for_it() {
        let example = Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let check = |severity, usual, route: Route, expected| {
            let audience = Audience {
                severity,
                on: Vec::new(),
                usual,
            };
            let announcement = Announcement {
                route: route.clone(),
                ..example.announcements[0].clone()
            };
            let wants = audience.wants(&"ops".into(), &announcement, &example.targets);
            assert_eq!(wants, expected, "{severity:?} {usual} {route:?}");
        };
        let named = |names: &[&str]| Route::Named(names.iter().map(|name| Text::from(*name)).collect());
        check(Severity::Info, true, Route::Usual, true);
        check(Severity::Warning, true, Route::Usual, true);
        check(Severity::Critical, true, Route::Usual, false);
        check(Severity::Warning, false, Route::Usual, false);
        check(Severity::Warning, false, named(&["ops"]), true);
        check(Severity::Warning, true, named(&["chat"]), false);
        check(Severity::Critical, true, named(&["ops"]), false);
    }

    #[test]
    fn a_target_that_is_not_known_any_more_is_known_by_its_name() {
        let example = Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let audience = Audience {
            on: vec![Selector::parse("checkout")],
            usual: true,
            ..Audience::default()
        };
        assert!(audience.wants(&"ops".into(), &example.announcements[0], &Targets::default()));
    }
}
