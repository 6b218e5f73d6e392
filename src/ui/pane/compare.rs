//! Compare: the baseline against the time after it, and what of it is more than chance.

use super::detail::Detail;
use super::table::{Cell, Column};
use crate::sample::{Level, Unit};
use crate::snapshot::{Comparison, ComparisonRow, FigureChange, Significance, Snapshot, Span};
use crate::ui::format;
use crate::ui::theme::{Glyphs, Role};

pub const COLUMNS: [Column; 9] = [
    Column::left("", 1),
    Column::left("", 12).most(32),
    Column::right("errors", 6).from(60),
    Column::right("after", 7).from(60),
    Column::right("p50", 7).from(90),
    Column::right("after", 7).from(90),
    Column::right("p95", 7),
    Column::right("after", 7),
    Column::left("what is more than chance", 24).prose().from(70),
];

/// When, and how many: `120 probes from 03:12:00 to 03:13:00`.
fn span(span: Span, attempts: Option<u64>, snapshot: &Snapshot) -> String {
    let at = |at| format::time_of_day(snapshot.wall(at));
    let probes = attempts.map_or_else(String::new, |count| format!("{} probes ", format::number_of(count)));
    format!("{probes}from {} to {}", at(span.from), at(span.to))
}

pub fn cells(row: &ComparisonRow, glyphs: &Glyphs) -> [Cell; 9] {
    let significance = row.significance();
    let pair = |name: &str| {
        let figure = row.figure(name);
        let shown = |value: Option<f64>| show(figure, value);
        let change = figure.map(|figure| figure.change);
        let after = Cell::text(
            shown(change.and_then(|change| change.after)),
            role(change.map_or(Significance::Same, |change| change.significance)),
        );
        (
            Cell::text(shown(change.and_then(|change| change.before)), Role::Dim),
            after,
        )
    };
    let (errors_before, errors_after) = pair("errors");
    let (p50_before, p50_after) = pair("p50");
    let (p95_before, p95_after) = pair("p95");
    [
        Cell::text(glyph(significance, glyphs), role(significance)),
        Cell::name(row.subject.as_str(), Role::Text),
        errors_before,
        errors_after,
        p50_before,
        p50_after,
        p95_before,
        p95_after,
        Cell::text(told(row), role(significance)),
    ]
}

pub fn detail(row: &ComparisonRow, comparison: &Comparison, snapshot: &Snapshot, width: usize) -> Detail {
    let mut detail = Detail::titled(row.subject.as_str());
    detail.title(row.significance().name(), role(row.significance()));
    let attempts = |side: usize| row.attempts.map(|attempts| attempts[side]);
    let spans = [("before", comparison.before), ("after", comparison.after)];
    for (side, (label, of)) in spans.into_iter().enumerate() {
        detail.labelled(label, &span(of, attempts(side), snapshot), Role::Text, width);
    }
    for figure in &row.figures {
        let change = &figure.change;
        let certainty = change
            .p_value
            .map_or_else(String::new, |p| format!(", p {}", format::p_value(p)));
        let words = format!(
            "{} to {}{}: {}{certainty}",
            show(Some(figure), change.before),
            show(Some(figure), change.after),
            by(figure),
            change.significance.name()
        );
        detail.labelled(figure.name, &words, role(change.significance), width);
    }
    detail.wrapped(
        "Steps are compared, not probes (Mann-Whitney, widened by autocorrelation); a change counts below p 0.01 and above 5%.",
        Role::Dim,
        width,
    );
    detail
}

/// The figures that changed by more than chance: `p95 +32%, errors +1.2%`.
fn told(row: &ComparisonRow) -> String {
    let significant = row
        .figures
        .iter()
        .filter(|figure| matches!(figure.change.significance, Significance::Worse | Significance::Better));
    let words: Vec<_> = significant
        .map(|figure| format!("{}{}", figure.name, by(figure)))
        .collect();
    match words.is_empty() {
        true => row.significance().name().into(),
        false => words.join(", "),
    }
}

/// By how much: of a share its points, of all others the share of what was there before.
fn by(figure: &FigureChange) -> String {
    let Some(shift) = figure.change.shift else {
        return String::new();
    };
    let is_share = figure.unit == Unit::Ratio;
    let ratio = match figure.change.before {
        _ if is_share => shift,
        Some(before) if before.abs() > f64::EPSILON => shift / before,
        Some(_) | None => return String::new(),
    };
    let points = if is_share { " points" } else { "%" };
    format!(" {:+.1}{points}", ratio * 100.0)
}

fn show(figure: Option<&FigureChange>, value: Option<f64>) -> String {
    match (figure, value) {
        (Some(figure), Some(value)) => figure.unit.show(value),
        (Some(_) | None, _) => format::ABSENT.into(),
    }
}

fn role(significance: Significance) -> Role {
    match significance {
        Significance::Worse => Role::Warning,
        Significance::Better => Role::Ok,
        Significance::Same => Role::Text,
        Significance::TooLittle => Role::Dim,
    }
}

fn glyph(significance: Significance, glyphs: &Glyphs) -> &'static str {
    match significance {
        Significance::Worse => glyphs.level(Level::Warning),
        Significance::Better => glyphs.level(Level::Ok),
        Significance::Same => " ",
        Significance::TooLittle => glyphs.level(Level::Unknown),
    }
}
