//! Whom is told what: takes what the alert table found and decides what the world hears of it.
//!
//! Quiet suppresses telling, never measuring and never the resolve: whoever was told that an alert fires is told once
//! that it is over, whatever keeps quiet by then.

mod view;

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Act, AlertId, Severity, Text};
use probetop_core::setting::Period;
use probetop_core::snapshot::{
    Announcement, AnnouncementReason, Cause, Route, SilenceSnapshot, Stability, Suppression, Turn,
};
use view::{View, troubled};

use super::entry::Entry;
use super::grouping::{self, Firing};
use super::policy::{Escalation, NotifyPolicy, Remind, Usual};
use super::silence::Silences;
use super::source::Key;
use super::table::{AlertTable, Ended};
use super::told::{Moment, Told};

pub use view::SubjectContext;

/// Remembers what was told, and what was asked for.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    /// What `[alerts]` says.
    defaults: NotifyPolicy,
    /// Whom the usual way reaches.
    usual: Usual,
    pub(super) silences: Silences,
    announcements: Vec<Announcement>,
    /// Counts what is worth remembering across a restart.
    pub(super) revision: u64,
}

impl Announcer {
    /// Tells by `defaults` from now on where a rule says nothing else.
    pub fn configure(&mut self, defaults: NotifyPolicy, usual: Usual) {
        self.defaults = defaults;
        self.usual = usual;
    }

    /// Takes the tick's findings, after every alert took its step.
    pub fn step(&mut self, table: &mut AlertTable, around: &impl SubjectContext, now: Timestamp) {
        let before = self.announcements.len();
        for ended in table.take_ended() {
            self.revision += 1;
            self.tell_end(&ended);
            table.file(&ended);
        }
        if self.silences.expire(now) {
            self.revision += 1;
        }
        let troubled = troubled(table);
        for (key, entry) in table.entries_mut().filter(|(_, entry)| entry.is_firing()) {
            let view = View {
                around,
                troubled: &troubled,
                now,
            };
            self.attend(key, entry, &view);
            if entry.timeline.take_news() {
                self.revision += 1;
            }
        }
        // The alert table keeps no order; what is told has one.
        self.announcements[before..].sort_by_key(|announcement| announcement.alert.id);
    }

    /// What is to be told since this was last asked, in order.
    pub fn take_announcements(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.announcements)
    }

    /// Takes what somebody does about an alert. What follows from it is told by the next step.
    pub fn act(&mut self, table: &mut AlertTable, act: Act, now: Timestamp) {
        match act {
            Act::Acknowledge(id) => {
                let Some(entry) = find(table, id) else { return };
                let taken_back = entry.acknowledged.is_some();
                entry.acknowledged = (!taken_back).then_some(now);
                let text = if taken_back { "taken back" } else { "" };
                entry.timeline.push(now, Turn::Acknowledged, text.into());
                if let Some(told) = &mut entry.told {
                    told.start_over(now);
                }
            }
            Act::Silence(id, length) => {
                let Some((name, subject)) = table.name_of(id) else {
                    return;
                };
                self.revision += 1;
                match length {
                    Some(length) => self.silences.begin(name, subject, length, now),
                    None => self.silences.end(name, subject),
                }
            }
            Act::Note(id, text) => table.note(id, text, now),
        }
    }

    /// A mark at `at` belongs to the story of every alert that was on by then.
    pub fn mark(&self, table: &mut AlertTable, at: Timestamp, label: &Text) {
        for (_, entry) in table.entries_mut().filter(|(_, entry)| entry.since() <= at) {
            entry.timeline.push(at, Turn::Marked, label.clone());
        }
    }

    /// What fires, gathered by what is behind it, worst first.
    pub fn causes(&self, table: &AlertTable, around: &impl SubjectContext) -> Vec<Cause> {
        let firing = table.entries().filter(|(_, entry)| entry.is_firing());
        grouping::causes(firing.map(|(key, entry)| gathered(key, entry, around)).collect())
    }

    /// Whether quiet was asked for about alerts called `name` of `subject`.
    pub fn is_silenced(&self, name: &Text, subject: &Text, now: Timestamp) -> bool {
        self.silences.until(name, subject).is_some_and(|until| until > now)
    }

    /// The silences in force, soonest over first.
    pub fn silences(&self) -> Vec<SilenceSnapshot> {
        self.silences.shown()
    }

    /// Changes with a step after which there is something new to remember across a restart.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Decides what is said of an alert that fires.
    fn attend(&mut self, key: &Key, entry: &mut Entry, view: &View<'_, impl SubjectContext>) {
        let now = view.now;
        let suppression = self.suppression(key, entry, view);
        if take_hush(entry, suppression, now) {
            return;
        }
        let Some(told) = &entry.told else {
            if !entry.is_clearing() && view.parents_were_heard(key.subject, entry) {
                self.tell_beginning(key, entry, view);
            }
            return;
        };
        let is_flapping = entry.steadiness != Stability::Steady;
        if is_flapping && !told.flapping {
            let route = told.route.clone();
            self.tell(key, entry, AnnouncementReason::Flapping, route, now);
        }
        if let Some(told) = &mut entry.told {
            told.flapping = is_flapping;
        }
        if entry.acknowledged.is_none() {
            self.escalate(key, entry, now);
            self.tell_worse(key, entry, now);
            self.remind(key, entry, now);
        }
    }

    /// Why nobody is to be told.
    fn suppression(&self, key: &Key, entry: &Entry, view: &View<'_, impl SubjectContext>) -> Option<Suppression> {
        let finding = &entry.finding;
        if let Some(until) = self.silences.until(&finding.name, &finding.subject) {
            return Some(Suppression::Silenced { until });
        }
        if let Some((name, until)) = view.around.maintenance(key.subject) {
            return Some(Suppression::Maintenance { name, until });
        }
        if let Some(parent) = view.parent_in_trouble(key.subject) {
            let parent = view.around.name(parent);
            return Some(Suppression::Behind { parent });
        }
        match &entry.suppression {
            Some(Suppression::Behind { .. }) if !view.fails_by_itself(key, entry) => entry.suppression.clone(),
            Some(Suppression::Behind { .. } | Suppression::Silenced { .. } | Suppression::Maintenance { .. })
            | None => None,
        }
    }

    fn tell_beginning(&mut self, key: &Key, entry: &mut Entry, view: &View<'_, impl SubjectContext>) {
        let route = entry.policy.telling.route(&self.defaults);
        entry.told = Some(Told {
            route: route.clone(),
            group: gathered(key, entry, view.around).group(),
            severity: entry.finding.severity,
            // That it does is news of its own, told next.
            flapping: false,
            reminders: 0,
            reminded: Moment::at(view.now),
            escalations: 0,
            unattended: Moment::at(view.now),
            raised: None,
        });
        self.tell(key, entry, AnnouncementReason::Firing, route, view.now);
    }

    /// Takes the next step of escalation when it is due: at most one at a time, so that each is heard.
    fn escalate(&mut self, key: &Key, entry: &mut Entry, now: Timestamp) {
        let steps = entry.policy.telling.escalation(&self.defaults);
        let Some(told) = &mut entry.told else { return };
        let Some(Escalation { after, severity, route }) = steps.get(told.escalations as usize) else {
            return;
        };
        if told.unattended.elapsed(now) < *after {
            return;
        }
        told.escalations += 1;
        told.route = told.route.and(route);
        told.raised = told.raised.max(*severity);
        told.severity = told.severity.max(severity.unwrap_or(Severity::Info));
        let (step, route) = (told.escalations, route.clone());
        self.tell(key, entry, AnnouncementReason::Escalation(step), route, now);
    }

    /// Says at once that it is graver than was told. The next reminder counts from here.
    fn tell_worse(&mut self, key: &Key, entry: &mut Entry, now: Timestamp) {
        let severity = entry.severity();
        let Some(told) = &mut entry.told else { return };
        if severity <= told.severity {
            return;
        }
        let before = std::mem::replace(&mut told.severity, severity);
        told.reminded = Moment::at(now);
        let route = told.route.clone();
        self.tell(key, entry, AnnouncementReason::Worsened { before }, route, now);
    }

    /// Says again what goes on.
    fn remind(&mut self, key: &Key, entry: &mut Entry, now: Timestamp) {
        let remind = entry.policy.telling.remind(&self.defaults);
        let Some(told) = &mut entry.told else { return };
        let Remind::Every(reminders) = remind else { return };
        if told.reminded.elapsed(now) < reminders.wait(told.reminders) {
            return;
        }
        told.reminders += 1;
        told.reminded = Moment::at(now);
        let (count, route) = (told.reminders, told.route.clone());
        self.tell(key, entry, AnnouncementReason::Reminder(count), route, now);
    }

    fn tell(&mut self, key: &Key, entry: &mut Entry, occasion: AnnouncementReason, route: Route, now: Timestamp) {
        let turn = match occasion {
            AnnouncementReason::Firing | AnnouncementReason::Worsened { .. } => Some(Turn::Announced),
            AnnouncementReason::Reminder(_) => Some(Turn::Reminded),
            AnnouncementReason::Escalation(_) => Some(Turn::Escalated),
            // The alert table notes both where they happen.
            AnnouncementReason::Flapping | AnnouncementReason::Resolved => None,
        };
        if let (Some(turn), Some(whom)) = (turn, self.whom(&route)) {
            entry.timeline.push(now, turn, whom);
        }
        self.revision += 1;
        self.announcements.push(Announcement {
            occasion,
            at: now,
            carried: Duration::ZERO,
            route,
            only_to: None,
            alert: entry.shown(key.subject.target(), None),
            group: entry.told.as_ref().map(|told| told.group.clone()).unwrap_or_default(),
        });
    }

    /// Whom `route` reaches; `None`: nobody is configured to be told.
    fn whom(&self, route: &Route) -> Option<Text> {
        match (self.usual, route) {
            (Usual::Nobody, Route::Usual) => None,
            (Usual::Nobody, Route::UsualAnd(names)) => Some(Route::Named(names.clone()).to_string().into()),
            (Usual::Nobody, Route::Named(_)) | (Usual::Channels, _) => Some(route.to_string().into()),
        }
    }

    fn tell_end(&mut self, ended: &Ended) {
        let Some(told) = &ended.entry.told else { return };
        let mut alert = ended.entry.shown(ended.key.subject.target(), Some(ended.at));
        // Who wants to hear of grave alerts alone, and was told of this one, shall hear its end though it got milder.
        alert.severity = alert.severity.max(told.severity);
        self.announcements.push(Announcement {
            occasion: AnnouncementReason::Resolved,
            at: ended.at,
            carried: Duration::ZERO,
            route: told.route.clone(),
            only_to: None,
            alert,
            group: told.group.clone(),
        });
    }
}

fn gathered<'a>(key: &'a Key, entry: &'a Entry, around: &'a impl SubjectContext) -> Firing<'a> {
    Firing::new(key, entry, around.host(key.subject), || around.failure(key.subject))
}

fn find(table: &mut AlertTable, id: AlertId) -> Option<&mut Entry> {
    table.entries_mut().map(|(_, entry)| entry).find(|entry| entry.id == id)
}

/// Notes the beginning and the end of quiet, and says whether it is quiet.
fn take_hush(entry: &mut Entry, suppression: Option<Suppression>, now: Timestamp) -> bool {
    let quiet = suppression.is_some();
    if !is_same(entry.suppression.as_ref(), suppression.as_ref()) {
        match &suppression {
            Some(suppression) => entry.timeline.push(now, Turn::Hushed, why(suppression, now)),
            None => {
                entry.timeline.push(now, Turn::Heard, Text::default());
                if let Some(told) = &mut entry.told {
                    told.start_over(now);
                }
            }
        }
    }
    // Without a new turn its end may still have moved: it is found by the wall clock.
    entry.suppression = suppression;
    quiet
}

/// Whether both are the same quiet. The end of a maintenance may move with the wall clock.
fn is_same(a: Option<&Suppression>, b: Option<&Suppression>) -> bool {
    match (a, b) {
        (Some(Suppression::Maintenance { name: a, .. }), Some(Suppression::Maintenance { name: b, .. })) => a == b,
        (a, b) => a == b,
    }
}

fn why(suppression: &Suppression, now: Timestamp) -> Text {
    match suppression {
        Suppression::Behind { parent } => format!("behind {parent}").into(),
        Suppression::Silenced { until } => {
            let seconds = until.since(now).as_secs();
            format!("silenced for {}", Period::from(Duration::from_secs(seconds))).into()
        }
        Suppression::Maintenance { name, .. } => format!("maintenance: {name}").into(),
    }
}

#[cfg(test)]
mod tests;
