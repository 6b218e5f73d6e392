//! Going to the second at which something began: an alert, an anomaly, a bottleneck or a mark.
//!
//! It is shown on the timeline, where all that happened in the seconds around it stands on one axis, with the cursor on that
//! second. The key that goes back undoes it: the page it was pressed on is shown again, as of the second it showed.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, TargetId, Text};
use probetop_core::snapshot::{AlertSnapshot, AlertState, Snapshot};

use super::list::{self, Section};
use super::{Pane, Travel, View};
use crate::ui::format;
use crate::ui::page::{AlertOf, Rows};

/// What began, and when.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beginning {
    pub at: Timestamp,
    /// Whom it is about.
    pub target: Option<TargetId>,
    /// What it is, in words.
    what: String,
}

/// The page that was left for a second, and the second that it showed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Left {
    pane: Pane,
    travel: Travel,
}

impl View {
    /// To the second at which what the keys act on began; where time is the axis, to the mark before the one looked at.
    pub(super) fn go_there(&mut self, snapshot: &Snapshot) {
        if self.pages.shown.has_cursor() {
            return self.travel(|travel, axis| travel.previous_mark(axis, snapshot));
        }
        match self.beginning(snapshot) {
            Ok(beginning) => self.go_to(&beginning, snapshot, |view| {
                if beginning.target.is_some() {
                    view.targets.table.selected = beginning.target;
                }
                view.show(Pane::Timeline);
            }),
            Err(why) => self.tell(Severity::Info, why.into()),
        }
    }

    /// Holds the screen at that second on the page that `show` shows, and remembers where it was.
    pub(super) fn go_to(&mut self, beginning: &Beginning, snapshot: &Snapshot, show: impl FnOnce(&mut Self)) {
        let left = Left {
            pane: self.pages.shown,
            travel: self.travel.clone(),
        };
        let words = self
            .travel
            .look_at(beginning.at.second(), self.charts.axis, snapshot)
            .unwrap_or_else(|| {
                let at = format::time_of_day(snapshot.wall(beginning.at));
                Text::clean(&format!("{at} {} began; esc leads back", beginning.what))
            });
        self.tell(Severity::Info, words);
        // Where no past is kept, nothing can be shown of it.
        if snapshot.monitor.history.oldest.is_some() {
            show(self);
            self.left = Some(left);
        }
    }

    /// Back to where the key that goes to a second was pressed. `false`: it was not, or another page was shown since.
    pub(super) fn return_from_there(&mut self) -> bool {
        let Some(left) = self.left.take() else {
            return false;
        };
        self.show(left.pane);
        self.travel = left.travel;
        true
    }

    /// When what the keys act on began: the chosen row, the newest alert of the chosen target, or what the banner tells. `Err`
    /// says why there is none.
    pub(super) fn beginning(&self, snapshot: &Snapshot) -> Result<Beginning, &'static str> {
        self.beginning_in(self.pages.acting(), snapshot)
    }

    /// The same where the keys act on that page.
    pub(crate) fn beginning_in(&self, acting: Pane, snapshot: &Snapshot) -> Result<Beginning, &'static str> {
        let page = acting.page();
        if matches!(page.rows, Rows::List(_)) {
            let rows = self.rows(acting, snapshot);
            let chosen = list::items(&rows).nth(self.pages.chosen_in(acting));
            let beginning = chosen.and_then(|(section, index)| of_row(section, index, snapshot));
            return beginning.ok_or("this row began at no second: choose an alert, an anomaly or a bottleneck");
        }
        let alert = match page.alert {
            AlertOf::Banner => Self::worst_alert(snapshot).or(snapshot.alerts.history.first()),
            AlertOf::Target => {
                let selected = self.targets.selected();
                let is_of = |alert: &&AlertSnapshot| alert.target.is_some() && alert.target == selected;
                let ended = || snapshot.alerts.history.iter().find(is_of);
                snapshot.alerts.firing().find(is_of).or_else(ended)
            }
            AlertOf::Chosen | AlertOf::Nobody => None,
        };
        alert.map(of_alert).ok_or("no alert has fired")
    }
}

/// When a row of a list began; `None`: it has no beginning.
pub(super) fn of_row(section: Section, index: usize, snapshot: &Snapshot) -> Option<Beginning> {
    let analysis = &snapshot.analysis;
    match section {
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => {
            list::alert(section, index, snapshot).map(of_alert)
        }
        Section::Bottlenecks => analysis.bottlenecks.get(index).map(|it| Beginning {
            at: it.since,
            target: it.target,
            what: it.what.to_string(),
        }),
        Section::Anomalies => analysis.anomalies.get(index).map(|it| Beginning {
            at: it.since,
            target: it.target,
            what: format!("{} {}", it.subject, it.kind.name()),
        }),
        Section::Channels
        | Section::Silences
        | Section::Objectives
        | Section::Apdex
        | Section::HealthGroups
        | Section::HealthComponents
        | Section::Trends
        | Section::Correlations
        | Section::Comparison => None,
    }
}

/// The same of an alert or an anomaly that is over; `None`: it is not.
pub(super) fn of_what_is_over(section: Section, index: usize, snapshot: &Snapshot) -> Option<Beginning> {
    let is_over = match section {
        Section::Anomalies => snapshot.analysis.anomalies.get(index)?.until.is_some(),
        _ => list::alert(section, index, snapshot)?.state == AlertState::Resolved,
    };
    is_over.then(|| of_row(section, index, snapshot)).flatten()
}

fn of_alert(alert: &AlertSnapshot) -> Beginning {
    Beginning {
        at: alert.since,
        target: alert.target,
        what: format!("{} {}", alert.subject, alert.name),
    }
}
