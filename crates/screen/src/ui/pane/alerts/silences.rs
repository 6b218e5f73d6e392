//! Quiet that was asked for, and how long it lasts.

use probetop_core::snapshot::{SilenceSnapshot, Snapshot};

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::Role;

pub(crate) const COLUMNS: [Column; 5] = [
    Column::left("", 1),
    Column::left("", 10),
    Column::left("subject", 14).most(28),
    Column::left("alert", 12).most(24).from(48),
    Column::right("until", 8).from(58),
];

pub(crate) fn cells(silence: &SilenceSnapshot, snapshot: &Snapshot) -> [Cell; 5] {
    [
        Cell::text("", Role::Dim),
        Cell::text(left(silence, snapshot), Role::Text),
        Cell::name(silence.subject.as_str(), Role::Text),
        Cell::text(silence.name.as_str(), Role::Text),
        Cell::text(format::time_of_day(snapshot.wall(silence.until)), Role::Dim),
    ]
}

fn left(silence: &SilenceSnapshot, snapshot: &Snapshot) -> String {
    format!("{} left", format::countdown(silence.until.since(snapshot.taken)))
}

pub(crate) fn detail(silence: &SilenceSnapshot, snapshot: &Snapshot) -> Detail {
    let mut detail = Detail::titled(silence.subject.as_str());
    detail.title(silence.name.as_str(), Role::Text);
    let until = format::time_of_day(snapshot.wall(silence.until));
    let words = format!("Nobody is told until {until}, {}.", left(silence, snapshot));
    detail.words(vec![(words, Role::Text)]);
    detail
}
