//! What can be done at this moment: footer and palette offer nothing else, or say that it is not now.

use probetop_core::snapshot::{Feed, Snapshot};

use super::pages::Sorted;
use super::{Pane, SignalPolicy, View};
use crate::ui::action::{Action, When};
use crate::ui::page::{About, AlertOf, Rows};

impl View {
    /// Whether an action would do anything here and now.
    pub fn is_of_use(&self, action: Action, snapshot: &Snapshot) -> bool {
        let page = self.pages.shown.page();
        match action.command().when {
            When::Always => true,
            When::Alert => {
                let is_any = snapshot.alerts.firing().next().is_some();
                is_any || page.alert == AlertOf::Chosen && !snapshot.alerts.active.is_empty()
            }
            When::Past => self.travel.feed != Feed::Live,
            When::Mark => !snapshot.marks.is_empty(),
            When::MarkSet => snapshot.marks.iter().any(|mark| mark.origin.is_deliberate()),
            When::Compared => self.spans.baseline.is_some() || snapshot.comparison.is_some(),
            When::Sorted => self.pages.sorted() != Sorted::Nothing,
            When::Leads => match page.rows {
                Rows::Targets => !snapshot.targets.is_empty(),
                Rows::List(_) => true,
                Rows::Lines => false,
            },
            When::Away => {
                self.pages.shown != Pane::Overview
                    || self.pages.expanded().is_some()
                    || !self.targets.filter.text().is_empty()
                    || self.travel.feed != Feed::Live
            }
            When::Signals => self.signals == SignalPolicy::Allowed && self.pages.sorted() == Sorted::Processes,
            When::Began if self.pages.shown.has_cursor() => !snapshot.marks.is_empty(),
            When::Began => self.beginning(snapshot).is_ok(),
            When::Copied => page.about == About::Targets || self.pages.shown.list().is_some(),
        }
    }
}
