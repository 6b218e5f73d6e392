//! The table of what is compared: of each subject the figure that changed most, and where there is room the others.

use probetop_core::snapshot::{ComparisonRow, FigureChange};

use super::super::table::{Cell, Column};
use super::words::{absent, change, is_told, show, verdict};
use super::{glyph, role};
use crate::ui::format;
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 18] = [
    Column::left("", 1),
    Column::left("", 12).most(32),
    Column::left("figure", 6).most(11),
    Column::right("A", 7).from(56),
    Column::right("B", 7),
    Column::right("change", 7),
    Column::left("", 6).most(24).from(64),
    Column::left("verdict", 20).prose().from(72),
    Column::right("errors A", 8).from(132),
    Column::right("B", 6).from(132),
    Column::right("p50 A", 7).from(148),
    Column::right("B", 7).from(148),
    Column::right("p95 A", 7).from(132),
    Column::right("B", 7).from(132),
    Column::right("p99 A", 7).from(168),
    Column::right("B", 7).from(168),
    Column::right("probes A", 8).from(188),
    Column::right("B", 7).from(188),
];

/// An effect that fills its bar: ten times as much.
const FULL: f64 = std::f64::consts::LN_10;

pub(crate) fn cells(row: &ComparisonRow, glyphs: &Glyphs) -> [Cell; 18] {
    let significance = row.significance();
    let role = role(significance);
    let leading = row.leading();
    let shown = |side| leading.map_or_else(|| format::ABSENT.into(), |figure| side_of(figure, side));
    let by = leading.and_then(change);
    // What chance does as well has no bar that competes with what it does not.
    let bar = leading
        .filter(|figure| is_told(figure.change.significance))
        .map(|figure| figure.effect() / FULL);
    let [errors, p50, p95, p99] = ["errors", "p50", "p95", "p99"].map(|name| pair(row.figure(name)));
    let ([errors, errors_after], [p50, p50_after]) = (errors, p50);
    let ([p95, p95_after], [p99, p99_after]) = (p95, p99);
    let probes = |side: usize, role| {
        let count = row.attempts.map(|attempts| format::number_of(attempts[side]));
        Cell::text(count.unwrap_or_else(|| format::ABSENT.into()), role)
    };
    [
        Cell::text(glyph(significance, glyphs), role),
        Cell::name(row.subject.as_str(), Role::Text),
        Cell::text(leading.map_or("", |figure| figure.name), Role::Text),
        Cell::text(shown(0), Role::Dim),
        Cell::text(shown(1), role),
        Cell::text(by.unwrap_or_default(), role),
        Cell::Bar(bar, role),
        Cell::text(verdict(row), role),
        errors,
        errors_after,
        p50,
        p50_after,
        p95,
        p95_after,
        p99,
        p99_after,
        probes(0, Role::Dim),
        probes(1, Role::Text),
    ]
}

/// What a figure was, and what it is.
fn pair(figure: Option<&FigureChange>) -> [Cell; 2] {
    let Some(figure) = figure else {
        return [0, 1].map(|_| Cell::text(format::ABSENT, Role::Dim));
    };
    [
        Cell::text(side_of(figure, 0), Role::Dim),
        Cell::text(side_of(figure, 1), role(figure.change.significance)),
    ]
}

/// The figure of a side, or how far it is from being known.
fn side_of(figure: &FigureChange, side: usize) -> String {
    let value = [figure.change.before, figure.change.after][side];
    value.map_or_else(|| absent(figure, side), |value| show(figure, value))
}
