//! What moves with a slow target, closest first.

use probetop_core::snapshot::Correlation;

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::Role;

pub(crate) const COLUMNS: [Column; 6] = [
    Column::left("", 1),
    Column::left("", 14).most(28),
    Column::left("moves with", 14).most(40),
    Column::right("rank", 6),
    Column::right("ahead", 6).from(48),
    Column::left("in words", 12).prose().from(100),
];

fn coefficient(correlation: &Correlation) -> String {
    match correlation.coefficient {
        value if value.is_finite() => format!("{value:+.2}"),
        _ => format::ABSENT.into(),
    }
}

pub(crate) fn cells(correlation: &Correlation) -> [Cell; 6] {
    [
        Cell::text("", Role::Dim),
        Cell::name(correlation.subject.as_str(), Role::Text),
        Cell::name(correlation.with.as_str(), Role::Text),
        Cell::text(coefficient(correlation), Role::Text),
        Cell::text(format::coarse(correlation.ahead), Role::Text),
        Cell::text(correlation.text.as_str(), Role::Dim),
    ]
}

pub(crate) fn detail(correlation: &Correlation, width: usize) -> Detail {
    let mut detail = Detail::titled(correlation.subject.as_str());
    detail.title(format!("moves with {}", correlation.with), Role::Text);
    detail.wrapped(correlation.text.as_str(), Role::Text, width);
    let figures = format!(
        "{} by rank, over {} s, {} ahead",
        coefficient(correlation),
        format::count(u64::from(correlation.points)),
        format::coarse(correlation.ahead)
    );
    detail.labelled("closeness", &figures, Role::Text, width);
    detail
}
