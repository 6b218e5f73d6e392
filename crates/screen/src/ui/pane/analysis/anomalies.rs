//! What is not as it was, newest first.

use probetop_core::sample::Severity;
use probetop_core::snapshot::{Anomaly, Snapshot};

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::marks;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 8] = [
    Column::left("", 1),
    Column::left("", 11),
    Column::left("subject", 10).most(28),
    Column::right("seen", 7),
    Column::right("usual", 7).from(48),
    Column::right("since", 8).from(72),
    Column::right("lasted", 7).from(60),
    Column::left("in words", 12).prose().from(100),
];

/// One that is over is told in a weaker voice.
fn role(anomaly: &Anomaly, loud: Role) -> Role {
    if anomaly.until.is_some() { Role::Dim } else { loud }
}

pub(crate) fn cells(anomaly: &Anomaly, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; 8] {
    let words = role(anomaly, Role::Text);
    let end = anomaly.until.unwrap_or(snapshot.taken);
    let mark = if anomaly.until.is_some() {
        " "
    } else {
        glyphs.severity(Severity::Info)
    };
    [
        Cell::text(mark, Role::Info),
        Cell::text(anomaly.kind.name(), role(anomaly, Role::Info)),
        Cell::name(anomaly.subject.as_str(), words),
        Cell::text(anomaly.unit.show(anomaly.seen), words),
        Cell::text(anomaly.unit.show(anomaly.usual), Role::Dim),
        Cell::text(format::time_of_day(snapshot.wall(anomaly.since)), Role::Dim),
        Cell::text(format::coarse(end.since(anomaly.since)), words),
        Cell::text(in_words(anomaly, snapshot), words),
    ]
}

/// What was seen, and what had been marked just before.
fn in_words(anomaly: &Anomaly, snapshot: &Snapshot) -> String {
    match marks::just_before(anomaly.since, snapshot) {
        Some(after) => format!("{}, {after}", anomaly.text),
        None => anomaly.text.to_string(),
    }
}

/// What is to be said while anomalies cannot be known yet. `None`: they can, or nobody looks for them.
pub(crate) fn not_yet(snapshot: &Snapshot) -> Option<String> {
    let watch = snapshot.analysis.anomaly_watch?;
    match watch.known_from {
        None => Some("anomalies: waiting for a first answer".to_owned()),
        Some(at) if at > snapshot.taken => Some(format!(
            "anomalies: learning until {}",
            format::time_of_day(snapshot.wall(at))
        )),
        Some(_) => None,
    }
}

pub(crate) fn detail(anomaly: &Anomaly, snapshot: &Snapshot, width: usize) -> Detail {
    let at = |at| format::time_of_day(snapshot.wall(at));
    let mut detail = Detail::titled(anomaly.subject.as_str());
    detail.title(anomaly.kind.name(), role(anomaly, Role::Info));
    detail.wrapped(anomaly.text.as_str(), Role::Text, width);
    let figures = format!(
        "{} against {}, score {}",
        anomaly.unit.show(anomaly.seen),
        anomaly.unit.show(anomaly.usual),
        format::number(Some(anomaly.score))
    );
    detail.labelled("seen", &figures, Role::Text, width);
    let when = match anomaly.until {
        None => format!("since {}, not over", at(anomaly.since)),
        Some(until) => format!("from {} to {}", at(anomaly.since), at(until)),
    };
    detail.labelled("when", &when, Role::Text, width);
    if let Some(after) = marks::just_before(anomaly.since, snapshot) {
        detail.labelled("after a mark", &after, Role::Accent, width);
    }
    detail
}
