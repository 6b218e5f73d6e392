//! Alerts: those that are pending or firing and those that have ended, row by row.
//!
//! The state is told in one word, the most telling there is: of an alert that fires, that somebody looks after it, or why
//! nobody is told. All of it stands in the details.

pub(crate) mod channels;
pub(crate) mod fold;
pub(crate) mod incident;
pub(crate) mod silences;

use probetop_core::clock::Timestamp;
use probetop_core::sample::ChannelState;
use probetop_core::snapshot::{AlertSnapshot, AlertState, Snapshot, Stability, Suppression};

use super::listing;
use super::table::{Cell, Column};
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::page::{About, AlertOf, Form, List, Page, Past, Rows};
use crate::ui::standing::Class;
use crate::ui::theme::{Glyphs, Role};
use crate::ui::view::list::Section;

pub(crate) const PAGE: Page = Page {
    title: "Alerts",
    short_title: "Alerts",
    action: Action::Alerts,
    keys: &[
        Action::Help,
        Action::Back,
        Action::GoThere,
        Action::Acknowledge,
        Action::Silence,
        Action::Note,
        Action::Open,
        Action::Freeze,
        Action::Export,
        Action::Filter,
    ],
    about: About::Itself,
    rows: Rows::List(List::plain(&SECTIONS, &NOTHING)),
    alert: AlertOf::Chosen,
    past: Past::Shown,
    needs: &[],
    axis: None,
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts: listing::parts_of_page,
    render: listing::render_page,
};

const SECTIONS: [Section; 4] = [
    Section::ActiveAlerts,
    Section::Channels,
    Section::Silences,
    Section::EndedAlerts,
];

const NOTHING: [&str; 3] = [
    "No alerts.",
    "Rules are [[alert]] tables in the configuration: when, for, clear_for, severity.",
    "[[notify]] tables say who is notified. `probetop init` writes examples.",
];

pub(crate) const COLUMNS: [Column; 10] = [
    Column::left("", 1),
    Column::left("", 8),
    Column::left("", 16).from(130),
    Column::left("subject", 14).most(28),
    Column::left("alert", 12).most(28).from(36),
    Column::left("since", 8).from(110),
    Column::right("lasted", 6).from(58),
    Column::right("now", 7).from(120),
    Column::right("worst", 7).from(100),
    Column::left("why", 20).prose().from(76),
];

pub(crate) fn active_title(snapshot: &Snapshot) -> String {
    let board = &snapshot.alerts;
    let firing = board.firing().count();
    let pending = board.active.len() - firing;
    let failing = snapshot.channels.iter();
    let failing = failing.filter(|channel| channel.state == ChannelState::Failing).count();
    let parts = [
        (firing, "firing"),
        (pending, "pending"),
        (failing, if failing == 1 { "channel fails" } else { "channels fail" }),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many ended, and in how many rows they are told.
pub(crate) fn ended_title(snapshot: &Snapshot) -> String {
    match snapshot.alerts.history.len() {
        0 | 1 => "ended".into(),
        count => format!("ended, {count} in all"),
    }
}

/// When the condition became true, as a time of day.
fn began(alert: &AlertSnapshot, snapshot: &Snapshot) -> String {
    format::time_of_day(snapshot.wall_of(alert, alert.since))
}

/// How long the condition has been true, or was.
fn lasted(alert: &AlertSnapshot, snapshot: &Snapshot) -> String {
    format::coarse(alert.lasted(snapshot.taken))
}

pub(crate) fn cells(alert: &AlertSnapshot, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; 10] {
    let is_over = alert.state == AlertState::Resolved;
    let words = if is_over { Role::Dim } else { Role::Text };
    let loud = if is_over { Role::Dim } else { alert.severity.into() };
    let figure = |value: Option<f64>| value.map_or_else(|| format::ABSENT.into(), |value| alert.unit.show(value));
    let (state, role) = state(alert);
    let sign = match alert.clears {
        Some(_) => Cell::text(glyphs.clearing, role),
        None if alert.is_set_aside() => Cell::text(glyphs.severity(alert.severity), Role::Dim),
        None => Cell::text(glyphs.severity(alert.severity), loud),
    };
    // What is over, or clearing, is told by what it was: nobody judges it now.
    let now = if is_over || alert.clears.is_some() {
        String::new()
    } else {
        figure(alert.value)
    };
    [
        sign,
        Cell::text(state, role),
        Cell::text(extent(alert, snapshot), Role::Dim),
        Cell::name(alert.subject.as_str(), words),
        Cell::text(alert.name.as_str(), words),
        Cell::text(began(alert, snapshot), Role::Dim),
        Cell::text(lasted(alert, snapshot), words),
        Cell::text(now, words),
        Cell::text(figure(alert.worst), words),
        Cell::text(alert.reason.as_str(), words),
    ]
}

/// What the one word leaves open: since when, for how long yet, behind whom, how often.
fn extent(alert: &AlertSnapshot, snapshot: &Snapshot) -> String {
    let left = |until: Timestamp| format!("{} left", format::countdown(until.since(snapshot.taken)));
    if let Some(clears) = alert.clears.filter(|_| !alert.is_set_aside()) {
        return left(clears);
    }
    if alert.state != AlertState::Firing {
        return String::new();
    }
    match (alert.acknowledged, &alert.suppression, alert.steadiness) {
        (Some(at), ..) => format!("since {}", format::time_of_day(snapshot.wall(at))),
        (None, Some(Suppression::Silenced { until } | Suppression::Maintenance { until, .. }), _) => left(*until),
        (None, Some(Suppression::Behind { parent }), _) => parent.to_string(),
        (None, None, Stability::Flapping { turns }) => format!("{turns} times"),
        (None, None, Stability::Steady) => String::new(),
    }
}

/// In at most eight letters.
fn state(alert: &AlertSnapshot) -> (&'static str, Role) {
    match (alert.state, &alert.suppression, alert.steadiness) {
        (AlertState::Resolved, ..) => ("resolved", Role::Dim),
        (AlertState::Pending, ..) => ("pending", Role::Text),
        (AlertState::Firing, ..) if alert.acknowledged.is_some() => ("acked", Role::Ok),
        (AlertState::Firing, Some(Suppression::Silenced { .. }), _) => ("silenced", Role::Dim),
        (AlertState::Firing, Some(Suppression::Maintenance { .. }), _) => ("planned", Role::Dim),
        (AlertState::Firing, Some(Suppression::Behind { .. }), _) => ("behind", Role::Dim),
        (AlertState::Firing, None, _) if alert.clears.is_some() => (Class::Clearing.word(), Class::Clearing.role()),
        (AlertState::Firing, None, Stability::Flapping { .. }) => ("flapping", alert.severity.into()),
        (AlertState::Firing, None, Stability::Steady) => ("firing", alert.severity.into()),
    }
}
