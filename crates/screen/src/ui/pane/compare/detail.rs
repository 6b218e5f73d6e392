//! What is to be said about a subject that is compared: each of its figures, and how it was found.

use probetop_core::sample::Unit;
use probetop_core::snapshot::{Comparison, ComparisonRow, FigureChange, Significance};

use super::super::detail::Detail;
use super::words::{absent, change, lack, show};
use super::{role, sides, span};
use crate::ui::format;
use crate::ui::theme::Role;
use crate::ui::widget::text;

/// What is assumed, and where the limits are.
const METHOD: &str = "Told when p < 0.02 and the change is at least 5%. Whole sides are compared, and both are assumed to be steady: how many latencies of \
                      each lie beyond cuts through both together, or failed; of gauges and rates the mean. Bursts and neighbours that are alike count as less.";

pub(crate) fn detail(row: &ComparisonRow, comparison: &Comparison, width: usize) -> Detail {
    let mut detail = Detail::titled(row.subject.as_str());
    detail.title(row.significance().name(), role(row.significance()));
    let head = format!("{:12}{:>8}{:>9}  {:18}{}", "", "A", "B", "change", "meaning");
    detail.words(vec![(text::cut_end(&head, width), Role::Dim)]);
    for figure in &row.figures {
        line(&mut detail, figure, width);
    }
    if let Some([before, after]) = row.attempts.map(|attempts| attempts.map(format::number_of)) {
        detail.words(vec![
            (format!("{:12}", "probes"), Role::Dim),
            (format!("{before:>8}{after:>9}"), Role::Text),
        ]);
    }
    for (name, side) in sides(comparison) {
        detail.labelled(name, &span(side), Role::Text, width);
    }
    detail.wrapped(METHOD, Role::Dim, width);
    detail
}

/// `p95            212ms    280ms  +68ms +32%        worse, p 0.0004`.
fn line(detail: &mut Detail, figure: &FigureChange, width: usize) {
    let change = &figure.change;
    let side = |side: usize| {
        let value = [change.before, change.after][side];
        value.map_or_else(|| absent(figure, side), |value| show(figure, value))
    };
    let meaning = match (lack(figure), change.p_value) {
        (Some(lack), _) if change.significance == Significance::TooLittle => lack,
        (_, Some(p)) => format!("{}, p {}", change.significance.name(), format::p_value(p)),
        (_, None) => change.significance.name().into(),
    };
    let (before, after) = (side(0), side(1));
    let words = format!("{before:>8}{after:>9}  {:18}", by(figure));
    let room = width.saturating_sub(12 + text::width(&words));
    let lines = text::wrap(&meaning, room.max(10));
    let role = role(change.significance);
    let mut lines = lines.into_iter();
    detail.words(vec![
        (format!("{:12}", figure.name), Role::Dim),
        (words, Role::Text),
        (lines.next().unwrap_or_default(), role),
    ]);
    for line in lines {
        detail.words(vec![(format!("{:49}{line}", ""), role)]);
    }
}

/// `+68.0ms +32%`; of a share its points.
fn by(figure: &FigureChange) -> String {
    let Some(shift) = figure.change.shift else {
        return String::new();
    };
    let sign = if shift < 0.0 { '-' } else { '+' };
    let relative = change(figure).unwrap_or_default();
    match figure.unit {
        Unit::Ratio => format!("{:+.1} points", shift * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number => {
            format!("{sign}{} {relative}", show(figure, shift.abs()))
        }
    }
}
