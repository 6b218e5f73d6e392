//! What creeps, soonest at its limit first.

use probetop_core::snapshot::Trend;

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::Role;

pub(crate) const COLUMNS: [Column; 8] = [
    Column::left("", 1),
    Column::left("", 11),
    Column::left("subject", 10).most(28),
    Column::right("now", 7),
    Column::right("an hour", 8).from(48),
    Column::right("limit", 7).from(66),
    Column::right("limit in", 8),
    Column::left("in words", 12).prose().from(100),
];

/// The slope with its sign.
fn slope(trend: &Trend) -> String {
    let sign = if trend.per_hour < 0.0 { "-" } else { "+" };
    format!("{sign}{}", trend.unit.show(trend.per_hour.abs()))
}

pub(crate) fn cells(trend: &Trend) -> [Cell; 8] {
    let reached = trend.reaches_limit_in.map(format::coarse);
    [
        Cell::text("", Role::Dim),
        Cell::text(trend.figure.as_str(), Role::Text),
        Cell::name(trend.subject.as_str(), Role::Text),
        Cell::text(trend.unit.show(trend.now), Role::Text),
        Cell::text(slope(trend), Role::Text),
        Cell::text(
            trend
                .limit
                .map_or(format::ABSENT.into(), |limit| trend.unit.show(limit)),
            Role::Dim,
        ),
        Cell::text(
            reached.clone().unwrap_or(format::ABSENT.into()),
            if reached.is_some() { Role::Warning } else { Role::Dim },
        ),
        Cell::text(trend.text.as_str(), Role::Dim),
    ]
}

pub(crate) fn detail(trend: &Trend, width: usize) -> Detail {
    let mut detail = Detail::titled(trend.subject.as_str());
    detail.title(trend.figure.as_str(), Role::Text);
    detail.wrapped(trend.text.as_str(), Role::Text, width);
    let course = format!("{} now, {} an hour", trend.unit.show(trend.now), slope(trend));
    detail.labelled("course", &course, Role::Text, width);
    let limit = match (trend.limit, trend.reaches_limit_in) {
        (Some(limit), Some(left)) => format!("{} in {}", trend.unit.show(limit), format::coarse(left)),
        (Some(limit), None) => format!("{}, not reached this way", trend.unit.show(limit)),
        (None, _) => "none is known".into(),
    };
    detail.labelled("limit", &limit, Role::Text, width);
    let fit = format!(
        "fitted over {}, p {}",
        format::coarse(trend.span),
        format::p_value(trend.p_value)
    );
    detail.labelled("certainty", &fit, Role::Dim, width);
    detail
}
