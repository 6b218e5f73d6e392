//! All about one alert: why, for how long, who knows, what to do, and what happened to it, in the order in which it did.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{
    AlertSnapshot, AlertState, Snapshot, Stability, Suppression, TimelineEntry, Turn, before_this_run,
};

use crate::ui::format;
use crate::ui::pane::detail::{Detail, Words};
use crate::ui::pane::marks;
use crate::ui::theme::Role;
use crate::ui::widget::text;

pub(crate) fn detail(alert: &AlertSnapshot, snapshot: &Snapshot, width: usize) -> Detail {
    let loud = match alert.state {
        AlertState::Firing => alert.severity.into(),
        AlertState::Pending | AlertState::Resolved => Role::Dim,
    };
    let mut detail = Detail::titled(alert.subject.as_str());
    detail.title(alert.name.as_str(), Role::Text);
    detail.title(format!("{} {}", alert.severity.name(), alert.state.name()), loud);
    if let Some(clears) = alert.clears {
        let left = format::countdown(clears.since(snapshot.taken));
        detail.title(format!("clearing for {left} more"), Role::Warning);
    }
    detail.wrapped(alert.reason.as_str(), Role::Text, width);
    detail.words(times(alert, snapshot));
    for (label, words, role) in standing(alert, snapshot) {
        detail.labelled(label, &words, role, width);
    }
    if let Some(action) = &alert.action {
        detail.labelled("to do", action.as_str(), Role::Accent, width);
    }
    if let Some(after) = marks::just_before(alert.since, snapshot).filter(|_| alert.carried.is_zero()) {
        detail.labelled("after a mark", &after, Role::Accent, width);
    }
    for entry in alert.timeline.iter() {
        turn(&mut detail, entry, alert, snapshot, width);
    }
    detail
}

/// Since when, how long, and the figure now and at its worst.
fn times(alert: &AlertSnapshot, snapshot: &Snapshot) -> Words {
    let (began, lasted) = (super::began(alert, snapshot), super::lasted(alert, snapshot));
    let when = match alert.resolved {
        Some(resolved) => {
            let ended = format::time_of_day(snapshot.wall(resolved));
            format!("from {began} to {ended}, {lasted}")
        }
        None => format!("since {began}, {lasted}"),
    };
    let mut words = vec![(when, Role::Text)];
    // What clears is told by what it was; the chart has the figure of this second.
    let now = alert
        .value
        .filter(|_| alert.state != AlertState::Resolved && alert.clears.is_none());
    for (label, value) in [("now", now), ("worst", alert.worst)] {
        if let Some(value) = value {
            words.push((format!("   {label} "), Role::Dim));
            words.push((alert.unit.show(value), Role::Text));
        }
    }
    words
}

/// Who looks after it, why nobody is told, and whether it flaps.
fn standing(alert: &AlertSnapshot, snapshot: &Snapshot) -> Vec<(&'static str, String, Role)> {
    let line = |label: &'static str, words: String, role| (label, words, role);
    let until = |end: Timestamp| {
        let left = format::countdown(end.since(snapshot.taken));
        format!("{left} left, until {}", format::time_of_day(snapshot.wall(end)))
    };
    let mut lines = Vec::new();
    if let Some(at) = alert.acknowledged {
        let since = format::time_of_day(snapshot.wall(at));
        lines.push(line(
            "ack",
            format!("acknowledged since {since}, until it is over"),
            Role::Ok,
        ));
    }
    match &alert.suppression {
        None => {}
        Some(Suppression::Behind { parent }) => {
            lines.push(line("nobody told", format!("{parent} is down itself"), Role::Text))
        }
        Some(Suppression::Silenced { until: end }) => {
            lines.push(line("nobody told", format!("silenced, {}", until(*end)), Role::Text));
        }
        Some(Suppression::Maintenance { name, until: end }) => {
            let words = format!("maintenance {name}, {}", until(*end));
            lines.push(line("nobody told", words, Role::Text));
        }
    }
    if let Stability::Flapping { turns } = alert.steadiness {
        lines.push(line("flapping", format!("fired {turns} times"), Role::Warning));
    }
    lines
}

/// `14:02:11  +1m25s  fired      p99 1.62s > 1.5s`, the text wrapped below itself.
fn turn(detail: &mut Detail, entry: &TimelineEntry, alert: &AlertSnapshot, snapshot: &Snapshot, width: usize) {
    /// The longest name of a turn.
    const TURN: usize = 12;
    let at = format::time_of_day(before_this_run(snapshot.wall(entry.at), entry.carried));
    let after = format!("+{}", format::coarse(alert.until(entry)));
    let stamp = format!("{at} {after:>6}  ");
    let indent = text::width(&stamp) + TURN + 1;
    let lines = text::wrap(entry.text.as_str(), width.saturating_sub(indent).max(12));
    let mut lines = lines.into_iter();
    detail.words(vec![
        (stamp, Role::Dim),
        (format!("{:TURN$} ", entry.turn.name()), role(entry.turn, alert)),
        (lines.next().unwrap_or_default(), Role::Text),
    ]);
    for line in lines {
        detail.words(vec![(" ".repeat(indent), Role::Dim), (line, Role::Text)]);
    }
}

fn role(turn: Turn, alert: &AlertSnapshot) -> Role {
    match turn {
        Turn::Fired | Turn::Severity | Turn::FlappingBegan => alert.severity.into(),
        Turn::Resolved | Turn::Acknowledged => Role::Ok,
        Turn::Noted | Turn::Marked => Role::Accent,
        Turn::Pending
        | Turn::FlappingEnded
        | Turn::Hushed
        | Turn::Heard
        | Turn::Announced
        | Turn::Reminded
        | Turn::Escalated
        | Turn::Restored => Role::Dim,
    }
}
