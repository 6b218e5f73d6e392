//! Compare: A against B, and what of it is more than chance.

use probetop_core::sample::{Level, Micros, Unit};
use probetop_core::snapshot::{Comparison, ComparisonRow, FigureChange, Side, Significance, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::detail::Detail;
use super::listing;
use super::table::{Cell, Column};
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::page::{About, AlertOf, Form, List, Need, Page, Past, Rows};
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::list::Section;
use crate::ui::widget::text;

pub(crate) const PAGE: Page = Page {
    title: "Compare",
    short_title: "A/B",
    action: Action::Compare,
    keys: &[
        Action::Help,
        Action::Back,
        Action::Baseline,
        Action::Span,
        Action::OtherSpan,
        Action::AroundMark,
        Action::WindowNext,
        Action::Open,
        Action::Freeze,
        Action::Export,
    ],
    about: About::Itself,
    rows: Rows::List(List {
        top_height,
        top,
        ..List::plain(&[Section::Comparison], &NOTHING)
    }),
    alert: AlertOf::Nobody,
    past: Past::Shown,
    needs: &[Need::Comparison],
    axis: None,
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts: listing::parts_of_page,
    render: listing::render_page,
};

const NOTHING: [&str; 4] = [
    "Nothing to compare with yet.",
    "b takes the window that ends at the second shown as A, the baseline; the time after it is B.",
    "v begins a span and ends it: b: use as baseline A; B: compare A with it. M compares before and after a mark.",
    "e b writes the baseline to a file, --baseline FILE compares with one.",
];

pub(crate) const COLUMNS: [Column; 15] = [
    Column::left("", 1),
    Column::left("", 12).most(32),
    Column::right("probes", 7).from(110),
    Column::right("B", 7).from(110),
    Column::right("rate", 7).from(170),
    Column::right("B", 7).from(170),
    Column::right("errors", 6).from(60),
    Column::right("B", 6).from(60),
    Column::right("p50", 7).from(90),
    Column::right("B", 7).from(90),
    Column::right("p95", 7),
    Column::right("B", 7),
    Column::right("p99", 7).from(140),
    Column::right("B", 7).from(140),
    Column::left("verdict", 20).prose().from(70),
];

/// What is assumed, and where the limits are.
const METHOD: &str = "Whole sides are compared: how many latencies of each lie beyond cuts through both together, or failed; of gauges and rates the mean. \
                      Bursts and neighbours that are alike count as less. Reported when p < 0.02 and the change is at least 5%. Both sides are assumed to be steady.";

/// Rows of the body from which on the sides stand above the list.
const TOP_FROM: u16 = 10;

/// Rows above the list: one for each side.
fn top_height(body: Rect, snapshot: &Snapshot) -> usize {
    match &snapshot.comparison {
        Some(_) if body.height >= TOP_FROM => 2,
        Some(_) | None => 0,
    }
}

fn top(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, _view: &crate::ui::view::View, theme: &Theme) {
    let Some(comparison) = &snapshot.comparison else {
        return;
    };
    let inner = text::inset(area);
    for (y, (name, side)) in sides(comparison).into_iter().enumerate() {
        let x = text::put(buf, inner, 0, y, name, theme.style(Role::Accent)) + 1;
        let words = text::cut_end(&span(side), usize::from(inner.width).saturating_sub(x)).to_string();
        text::put(buf, inner, x, y, &words, theme.style(Role::Text));
    }
}

fn sides(comparison: &Comparison) -> [(&'static str, &Side); 2] {
    [("A", &comparison.before), ("B", &comparison.after)]
}

/// `03:12:00 to 03:13:00 (1m00s) of baseline.json`.
fn span(side: &Side) -> String {
    let [from, to] = [side.from, side.to()].map(format::time_of_day);
    let file = side
        .file
        .as_ref()
        .map_or_else(String::new, |file| format!(" of {file}"));
    format!("{from} to {to} ({}){file}", format::age(side.length))
}

pub(crate) fn cells(row: &ComparisonRow, glyphs: &Glyphs) -> [Cell; 15] {
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
    let probes = |side: usize, role| {
        let count = row.attempts.map(|attempts| format::number_of(attempts[side]));
        Cell::text(count.unwrap_or_else(|| format::ABSENT.into()), role)
    };
    let (rate_before, rate_after) = pair("rate");
    let (errors_before, errors_after) = pair("errors");
    let (p50_before, p50_after) = pair("p50");
    let (p95_before, p95_after) = pair("p95");
    let (p99_before, p99_after) = pair("p99");
    [
        Cell::text(glyph(significance, glyphs), role(significance)),
        Cell::name(row.subject.as_str(), Role::Text),
        probes(0, Role::Dim),
        probes(1, Role::Text),
        rate_before,
        rate_after,
        errors_before,
        errors_after,
        p50_before,
        p50_after,
        p95_before,
        p95_after,
        p99_before,
        p99_after,
        Cell::text(told(row), role(significance)),
    ]
}

pub(crate) fn detail(row: &ComparisonRow, comparison: &Comparison, width: usize) -> Detail {
    let mut detail = Detail::titled(row.subject.as_str());
    detail.title(verdict(row), role(row.significance()));
    if let Some(attempts) = row.attempts {
        let [before, after] = attempts.map(format::number_of);
        detail.labelled("probes", &format!("{before} to {after}"), Role::Text, width);
    }
    for figure in &row.figures {
        detail.labelled(figure.name, &sentence(figure), role(figure.change.significance), width);
    }
    for (name, side) in sides(comparison) {
        detail.labelled(name, &span(side), Role::Text, width);
    }
    detail.wrapped(METHOD, Role::Dim, width);
    detail
}

/// `212ms to 280ms, +68ms +32%: worse, p 0.0004`.
fn sentence(figure: &FigureChange) -> String {
    let change = &figure.change;
    let sides = [change.before, change.after].map(|value| show(Some(figure), value));
    let absolute = change
        .shift
        .map_or_else(String::new, |shift| format!(", {}", absolute(figure, shift)));
    let relative = match figure.unit {
        Unit::Ratio => String::new(),
        Unit::Microseconds | Unit::Bytes | Unit::Number => {
            self::change(figure).map_or_else(String::new, |change| format!(" {change}"))
        }
    };
    let certainty = change
        .p_value
        .map_or_else(String::new, |p| format!(", p {}", format::p_value(p)));
    let [before, after] = sides;
    let means = change.significance.name();
    format!("{before} to {after}{absolute}{relative}: {means}{certainty}")
}

fn absolute(figure: &FigureChange, shift: f64) -> String {
    let sign = if shift < 0.0 { '-' } else { '+' };
    match figure.unit {
        Unit::Ratio => format!("{:+.1} points", shift * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number => format!("{sign}{}", show(Some(figure), Some(shift.abs()))),
    }
}

/// The figures that changed by more than chance: `p95 +32%, errors +1.2pt`.
fn told(row: &ComparisonRow) -> String {
    let significant = row.figures.iter().filter(|figure| is_told(figure.change.significance));
    let words: Vec<_> = significant
        .map(|figure| format!("{} {}", figure.name, change(figure).unwrap_or_default()))
        .collect();
    match words.is_empty() {
        true => verdict(row).into(),
        false => words.join(", "),
    }
}

fn verdict(row: &ComparisonRow) -> &'static str {
    match row.is_new() {
        true => "new: not in A",
        false => row.significance().name(),
    }
}

/// By how much, in seven columns at most: `+3.1%`, `+12%`, `×13`, of a share its points `+1.2pt`.
pub(crate) fn change(figure: &FigureChange) -> Option<String> {
    let ratio = figure.relative()?;
    Some(match figure.unit {
        Unit::Ratio if ratio.abs() < 0.0995 => format!("{:+.1}pt", ratio * 100.0),
        Unit::Ratio => format!("{:+.0}pt", ratio * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number if ratio >= 9.995 => {
            format!("×{:.0}", (ratio + 1.0).min(99_999.0))
        }
        Unit::Microseconds | Unit::Bytes | Unit::Number if ratio.abs() < 0.0995 => format!("{:+.1}%", ratio * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number => format!("{:+.0}%", ratio * 100.0),
    })
}

/// As the other panes show such a figure.
fn show(figure: Option<&FigureChange>, value: Option<f64>) -> String {
    let (Some(figure), Some(value)) = (figure, value) else {
        return format::ABSENT.into();
    };
    match figure.unit {
        Unit::Microseconds => format::latency(Some(Micros(value as u32))),
        Unit::Ratio => format::share(Some(value)),
        Unit::Bytes => format::bytes(value),
        Unit::Number if figure.name == "rate" => format::rate(Some(value)),
        Unit::Number => format::number(Some(value)),
    }
}

/// Whether it is more than chance.
pub(crate) const fn is_told(significance: Significance) -> bool {
    match significance {
        Significance::Worse | Significance::Better | Significance::Different => true,
        Significance::Same | Significance::TooLittle => false,
    }
}

pub(crate) fn role(significance: Significance) -> Role {
    match significance {
        Significance::Worse => Role::Warning,
        Significance::Better => Role::Ok,
        Significance::Different => Role::Accent,
        Significance::Same => Role::Text,
        Significance::TooLittle => Role::Dim,
    }
}

pub(crate) fn glyph(significance: Significance, glyphs: &Glyphs) -> &'static str {
    match significance {
        Significance::Worse => glyphs.level(Level::Warning),
        Significance::Better => glyphs.level(Level::Ok),
        Significance::Different => "~",
        Significance::Same => " ",
        Significance::TooLittle => glyphs.level(Level::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use probetop_core::snapshot::Change;

    use super::*;

    #[test]
    fn a_change_fits_its_column_whatever_it_is() {
        let figure = |unit, before: f64, shift: f64| FigureChange {
            name: "p95",
            unit,
            change: Change {
                before: Some(before),
                after: Some(before + shift),
                shift: Some(shift),
                p_value: Some(0.001),
                significance: Significance::Worse,
            },
        };
        let check = |unit, before, shift, expected: Option<&str>| {
            assert_eq!(change(&figure(unit, before, shift)).as_deref(), expected);
        };
        check(Unit::Microseconds, 1000.0, 31.0, Some("+3.1%"));
        check(Unit::Microseconds, 1000.0, 120.0, Some("+12%"));
        check(Unit::Microseconds, 1000.0, -1000.0, Some("-100%"));
        check(Unit::Microseconds, 1000.0, 9_900.0, Some("+990%"));
        check(Unit::Microseconds, 1000.0, 12_000.0, Some("×13"));
        check(Unit::Microseconds, 1.0, 1e12, Some("×99999"));
        check(Unit::Microseconds, 0.0, 5.0, None);
        check(Unit::Ratio, 0.0, 0.012, Some("+1.2pt"));
        check(Unit::Ratio, 1.0, -1.0, Some("-100pt"));
    }
}
