//! What is done about an alert by key: looking after it, silencing it, writing a note.
//!
//! Each press says in the footer what is so from now on, because the screen follows only with the next snapshot.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Act, AlertId, Severity, Text};
use probetop_core::snapshot::{AlertSnapshot, AlertState, Snapshot};

use super::list;
use super::{Effect, Line, Typing, View};
use crate::ui::format;
use crate::ui::keys::Edit;
use crate::ui::page::AlertOf;

/// What the silence key goes through before it ends the silence: a look, a coffee, a meeting, a morning.
const SILENCES: [Duration; 4] = [
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(4 * 3600),
];

/// A silence just asked for: a second press must go on from it before a snapshot tells of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pressed {
    alert: AlertId,
    length: Option<Duration>,
    at: Timestamp,
}

/// By then a snapshot has told what became of a press.
const ANSWERED_AFTER: Duration = Duration::from_secs(2);

impl View {
    pub(super) fn acknowledge(&mut self, snapshot: &Snapshot) -> Option<Effect> {
        let alert = self.meant_and_active(snapshot)?;
        let about = about(alert);
        let words = match alert.acknowledged {
            None => format!("acknowledged until it is over: {about}"),
            Some(_) => format!("not acknowledged any more: {about}"),
        };
        self.tell(Severity::Info, Text::clean(&words));
        Some(Effect::Act(Act::Acknowledge(alert.id)))
    }

    pub(super) fn silence(&mut self, snapshot: &Snapshot) -> Option<Effect> {
        let alert = self.meant_and_active(snapshot)?;
        let length = self.next_silence(alert, snapshot);
        let about = about(alert);
        let words = match length {
            Some(length) => format!("silenced for {}: {about}", format::coarse(length)),
            None => format!("not silenced any more: {about}"),
        };
        self.pressed = Some(Pressed {
            alert: alert.id,
            length,
            at: snapshot.now,
        });
        self.tell(Severity::Info, Text::clean(&words));
        Some(Effect::Act(Act::Silence(alert.id, length)))
    }

    /// The first length above what is left of the silence there is; `None` after the longest.
    fn next_silence(&self, alert: &AlertSnapshot, snapshot: &Snapshot) -> Option<Duration> {
        let pressed = self
            .pressed
            .as_ref()
            .filter(|pressed| pressed.alert == alert.id && snapshot.now.since(pressed.at) < ANSWERED_AFTER);
        let left = match pressed {
            Some(pressed) => pressed.length,
            None => silence_left(alert, snapshot),
        };
        let left = left.unwrap_or_default();
        SILENCES.into_iter().find(|length| *length > left)
    }

    pub(super) fn begin_note(&mut self, snapshot: &Snapshot) {
        if let Some(alert) = self.meant(snapshot) {
            self.typing = Some(Typing::Note {
                alert: alert.id,
                about: about(alert),
                line: Line::default(),
            });
        }
    }

    pub(super) fn edit_note(&mut self, alert: AlertId, about: String, mut line: Line, edit: Edit) -> Option<Effect> {
        match edit {
            Edit::Cancel => None,
            Edit::Accept => {
                let note = Text::clean(line.text());
                if note.as_str().is_empty() {
                    return None;
                }
                self.tell(Severity::Info, Text::clean(&format!("noted: {about}")));
                Some(Effect::Act(Act::Note(alert, note)))
            }
            Edit::Insert(_)
            | Edit::Delete
            | Edit::DeleteWord
            | Edit::Clear
            | Edit::Previous
            | Edit::Next
            | Edit::None => {
                line.edit(edit);
                self.typing = Some(Typing::Note { alert, about, line });
                None
            }
        }
    }

    /// As [`meant`](Self::meant), but not one that is over: says so instead.
    fn meant_and_active<'a>(&mut self, snapshot: &'a Snapshot) -> Option<&'a AlertSnapshot> {
        let alert = self.meant(snapshot)?;
        if alert.state == AlertState::Resolved {
            self.tell(Severity::Info, Text::clean(&format!("over already: {}", about(alert))));
            return None;
        }
        Some(alert)
    }

    /// The alert the keys act on: the chosen one in its pane, the worst of the target in the target's, and where the banner
    /// stands the one on top. Says so where none is shown.
    fn meant<'a>(&mut self, snapshot: &'a Snapshot) -> Option<&'a AlertSnapshot> {
        let board = &snapshot.alerts;
        let acting = self.pages.acting().page().alert;
        let meant = match acting {
            AlertOf::Chosen => {
                let rows = self.rows(self.pages.acting(), snapshot);
                let chosen = list::items(&rows).nth(self.pages.chosen());
                chosen.and_then(|(section, index)| list::alert(section, index, snapshot))
            }
            AlertOf::Banner => Self::worst_alert(snapshot),
            AlertOf::Target => board
                .firing()
                .find(|alert| alert.target.is_some() && alert.target == self.targets.table.selected),
            AlertOf::Nobody => None,
        };
        if meant.is_none() {
            let words = match acting {
                AlertOf::Chosen => "choose an alert first",
                AlertOf::Banner => "no alert fires",
                AlertOf::Target => "no alert of this target fires",
                AlertOf::Nobody => "choose an alert in the pane Alerts first",
            };
            self.tell(Severity::Info, words.into());
        }
        meant
    }

    /// The alert that the topmost banner is of.
    pub(super) fn worst_alert(snapshot: &Snapshot) -> Option<&AlertSnapshot> {
        let board = &snapshot.alerts;
        let headline = board.causes.first().and_then(|cause| cause.alerts.first());
        board
            .firing()
            .find(|alert| headline.is_none_or(|headline| *headline == alert.id))
    }
}

/// What is left of the silence that was asked for; `None` without one.
fn silence_left(alert: &AlertSnapshot, snapshot: &Snapshot) -> Option<Duration> {
    let is_of = |name: &Text, subject: &Text| *name == alert.name && *subject == alert.subject;
    let mut silences = snapshot.alerts.silences.iter();
    let silence = silences.find(|silence| is_of(&silence.name, &silence.subject))?;
    Some(silence.until.since(snapshot.now))
}

fn about(alert: &AlertSnapshot) -> String {
    format!("{} {}", alert.subject, alert.name)
}
