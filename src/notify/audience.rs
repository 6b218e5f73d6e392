//! Whom a channel speaks for: which announcements it takes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::sample::{Severity, TargetId, TargetInfo, Text};
use crate::setting::Selector;
use crate::setting::selector::{HOST, any_matches};
use crate::snapshot::{AlertSnapshot, Announcement, Route};

/// Every target that was ever watched: the resolve of one that is gone is still told.
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
        let is_named = match &announcement.route {
            Route::Usual => self.usual,
            Route::Named(names) => names.contains(name),
        };
        is_named && announcement.alert.severity >= self.severity && self.is_about(&announcement.alert, targets)
    }

    fn is_about(&self, alert: &AlertSnapshot, targets: &Targets) -> bool {
        if self.on.is_empty() {
            return true;
        }
        match alert.target.and_then(|id| targets.get(&id)) {
            Some(info) => {
                let group = info.group.as_ref().map(Text::as_str);
                any_matches(&self.on, info.name.as_str(), info.kind, group)
            }
            None => {
                let subject = alert.subject.as_str();
                let is_meant = |on: &Selector| match on {
                    Selector::Host => subject == HOST,
                    Selector::Name(_) => on.matches(subject, "", None),
                    Selector::Group(_) | Selector::Kind(_) => false,
                };
                self.on.iter().any(is_meant)
            }
        }
    }
}
