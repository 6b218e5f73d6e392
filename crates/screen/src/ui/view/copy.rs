//! Copying: the name of what is chosen, and on a second press all that its row says.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, Text};
use probetop_core::snapshot::Snapshot;

use super::{Effect, View, list};
use crate::ui::action::Action;
use crate::ui::page::{About, Rows};
use crate::ui::section;

/// A second press in this time asks for more of the same.
const AGAIN: Duration = Duration::from_secs(3);

/// What was copied last.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Copied {
    name: Text,
    at: Timestamp,
}

/// Something to copy: its name, and what else there is of it.
struct Subject {
    name: Text,
    more: Text,
    /// What `more` is.
    called: &'static str,
}

impl View {
    pub(super) fn copy(&mut self, snapshot: &Snapshot) -> Option<Effect> {
        let Some(subject) = self.subject(snapshot) else {
            self.tell(Severity::Info, "nothing is chosen here that could be copied".into());
            return None;
        };
        let Subject { name, more, called } = subject;
        let is_again = |last: &Copied| last.name == name && self.now.since(last.at) <= AGAIN;
        let (text, words) = if self.copied.take().as_ref().is_some_and(is_again) {
            let words = format!("copied the {called} of {name}, if the terminal allows it (OSC 52)");
            (more, words)
        } else {
            self.copied = Some(Copied {
                name: name.clone(),
                at: self.now,
            });
            let key = self.keys.keys(Action::Copy).into_iter().next().unwrap_or_default();
            let words = format!("copied {name}, if the terminal allows it (OSC 52); {key} again: the {called}");
            (name, words)
        };
        self.tell(Severity::Info, Text::clean(&words));
        Some(Effect::Copy(text))
    }

    fn subject(&self, snapshot: &Snapshot) -> Option<Subject> {
        let page = self.pages.acting().page();
        match (page.about, page.rows) {
            (About::Targets, _) => {
                let target = self.target(snapshot)?;
                Some(Subject {
                    name: target.info.name.clone(),
                    more: target.info.url.clone(),
                    called: "URL",
                })
            }
            (About::Itself, Rows::List(_)) => {
                let rows = self.rows(self.pages.acting(), snapshot);
                let (section, index) = list::items(&rows).nth(self.pages.chosen())?;
                let (name, row) = section::words(section, index, snapshot)?;
                Some(Subject {
                    name: Text::clean(&name),
                    more: Text::clean(&row),
                    called: "row",
                })
            }
            (About::Itself, Rows::Targets | Rows::Lines) => None,
        }
    }
}
