//! What creeps, soonest at its limit first.

use crate::snapshot::Trend;
use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::Role;

pub const COLUMNS: [Column; 8] = [
    Column::left("", 1),
    Column::left("", 11),
    Column::left("subject", 10).most(28),
    Column::right("now", 7),
    Column::right("an hour", 8).from(48),
    Column::right("limit", 7).from(66),
    Column::right("limit in", 8),
    Column::left("in words", 12).prose().from(100),
];

/// A figure in its unit. Bytes have none of their own and are known by the figure's name.
fn show(trend: &Trend, value: f64) -> String {
    let name = trend.figure.as_str();
    if name.contains("memory") || name.ends_with("bytes") {
        return format::bytes(value);
    }
    trend.unit.show(value)
}

/// The slope with its sign.
fn slope(trend: &Trend) -> String {
    let sign = if trend.per_hour < 0.0 { "-" } else { "+" };
    format!("{sign}{}", show(trend, trend.per_hour.abs()))
}

pub fn cells(trend: &Trend) -> [Cell; 8] {
    let reached = trend.reaches_limit_in.map(format::coarse);
    [
        Cell::text("", Role::Dim),
        Cell::text(trend.figure.as_str(), Role::Text),
        Cell::name(trend.subject.as_str(), Role::Text),
        Cell::text(show(trend, trend.now), Role::Text),
        Cell::text(slope(trend), Role::Text),
        Cell::text(
            trend.limit.map_or(format::ABSENT.into(), |limit| show(trend, limit)),
            Role::Dim,
        ),
        Cell::text(
            reached.clone().unwrap_or(format::ABSENT.into()),
            if reached.is_some() { Role::Warning } else { Role::Dim },
        ),
        Cell::text(trend.text.as_str(), Role::Dim),
    ]
}

pub fn detail(trend: &Trend, width: usize) -> Detail {
    let mut detail = Detail::titled(trend.subject.as_str());
    detail.title(trend.figure.as_str(), Role::Text);
    detail.wrapped(trend.text.as_str(), Role::Text, width);
    let course = format!("{} now, {} an hour", show(trend, trend.now), slope(trend));
    detail.labelled("course", &course, Role::Text, width);
    let limit = match (trend.limit, trend.reaches_limit_in) {
        (Some(limit), Some(left)) => format!("{} in {}", show(trend, limit), format::coarse(left)),
        (Some(limit), None) => format!("{}, not reached this way", show(trend, limit)),
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
