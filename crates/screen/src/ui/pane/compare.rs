//! Compare: A against B, and what of it is more than chance.
//!
//! ```text
//!  3 worse, 1 better, 11 same, 2 too little data            by effect▾
//!  A 03:12:00 to 03:13:00 (1m00s)   B 03:13:00 to 03:14:00 (1m00s)
//!  A against B ── figure ── A ────── B ── change ──────────── verdict ───
//!  ▲ checkout     p95    212ms   554ms     +161% ████▍        worse, also p50 +32%
//!  ○ api          p50   11.6ms   1.69s      ×146              takes 10s of B, has 4s
//! ```

mod columns;
mod detail;
mod words;

use probetop_core::sample::Level;
use probetop_core::snapshot::{Comparison, ComparisonRow, Side, Significance, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::detail::Words;
use super::figure::{Figure, Overlay, OverlayForm};
use super::listing;
use crate::ui::action::Action;
use crate::ui::column::Order;
use crate::ui::format;
use crate::ui::page::{About, AlertOf, Form, List, Need, Page, Past, Rows};
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::View;
use crate::ui::view::list::Section;
use crate::ui::widget::text;

pub(crate) use columns::{COLUMNS, cells};
pub(crate) use detail::detail;
pub(crate) use words::{change, is_told};

pub(crate) const PAGE: Page = Page {
    title: "Compare",
    short_title: "Comp",
    action: Action::Compare,
    keys: &[
        Action::Help,
        Action::Back,
        Action::Baseline,
        Action::SortNext,
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

const NOTHING: [&str; 5] = [
    "Nothing to compare with yet.",
    "Press b: the last minute becomes A, the baseline, and everything after it is B.",
    "v begins a span and ends it; then b makes it A, and B makes it B. M compares before and after a mark.",
    "A baseline can be a file: e, then b writes one, and so does `probetop run --save-baseline FILE`.",
    "`probetop --baseline FILE` compares with it.",
];

/// Rows of the body from which on the sides stand above the list, below the verdict.
const SIDES_FROM: u16 = 10;

/// Between the two sides in one row.
const SPACE: usize = 3;

/// Rows above the list: the verdict, and the sides in one row where they fit.
fn top_height(body: Rect, snapshot: &Snapshot) -> usize {
    let Some(comparison) = &snapshot.comparison else {
        return 0;
    };
    let width: usize = sides(comparison)
        .iter()
        .map(|(name, side)| text::width(name) + 1 + text::width(&span(side)))
        .sum();
    match body.height < SIDES_FROM {
        true => 1,
        false if width + SPACE <= usize::from(body.width).saturating_sub(2) => 2,
        false => 3,
    }
}

fn top(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(comparison) = &snapshot.comparison else {
        return;
    };
    let inner = text::inset(area);
    let mut x = 0;
    let mut words = verdict(comparison, &theme.glyphs, Room::Enough);
    let width = |words: &Words| words.iter().map(|(words, _)| text::width(words)).sum::<usize>();
    if width(&words) > usize::from(inner.width) {
        words = verdict(comparison, &theme.glyphs, Room::Little);
    }
    for (words, role) in words {
        x = text::put(buf, inner, x, 0, &words, theme.style(role));
    }
    let sorted = sorted(view, &theme.glyphs);
    if x + SPACE + text::width(&sorted) <= usize::from(inner.width) {
        text::put_right(buf, inner, 0, &sorted, theme.style(Role::Dim));
    }
    let (mut x, mut y) = (0, 1);
    for (name, side) in sides(comparison) {
        let words = span(side);
        if x + 2 + text::width(&words) > usize::from(inner.width) && x > 0 {
            (x, y) = (0, y + 1);
        }
        let from = text::put(buf, inner, x, y, name, theme.style(Role::Accent)) + 1;
        let words = text::cut_end(&words, usize::from(inner.width).saturating_sub(from));
        x = text::put(buf, inner, from, y, &words, theme.style(Role::Text)) + SPACE;
    }
}

/// Whether all words fit.
#[derive(Clone, Copy)]
enum Room {
    Enough,
    Little,
}

/// `▲ 3 worse, ● 1 better, 11 same, ○ 2 too little data`, or `▲3 worse ●1 better 11 same ○2 unknown`.
fn verdict(comparison: &Comparison, glyphs: &Glyphs, room: Room) -> Words {
    let (between, space) = match room {
        Room::Enough => (", ", " "),
        Room::Little => (" ", ""),
    };
    let counts = Significance::ORDER.into_iter().zip(comparison.counts());
    let mut words = Words::new();
    for (meant, count) in counts.filter(|(meant, count)| *count > 0 || *meant == Significance::Worse) {
        if !words.is_empty() {
            words.push((between.into(), Role::Dim));
        }
        let (sign, role) = match count {
            0 => ("", Role::Text),
            _ => (glyph(meant, glyphs).trim(), role(meant)),
        };
        let space = if sign.is_empty() { "" } else { space };
        let name = match room {
            Room::Enough => meant.name(),
            Room::Little => short(meant),
        };
        words.push((format!("{sign}{space}{count} {name}"), role));
    }
    words
}

/// What it means where there is little room.
const fn short(significance: Significance) -> &'static str {
    match significance {
        Significance::TooLittle => "unknown",
        Significance::Worse | Significance::Better | Significance::Different | Significance::Same => {
            significance.name()
        }
    }
}

/// `by effect▾ (s)`.
fn sorted(view: &View, glyphs: &Glyphs) -> String {
    let arrow = match view.pages.compared.order {
        Order::Ascending => glyphs.ascending,
        Order::Descending => glyphs.descending,
    };
    let key = view.keys.keys(Action::SortNext).into_iter().next();
    let key = key.map_or_else(String::new, |key| format!(" ({key})"));
    format!("by {}{arrow}{key}", view.pages.compared.column.name())
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

/// Both distributions of a target over each other: how many took how long, and how many took no longer.
pub(crate) fn figures(row: &ComparisonRow) -> Vec<Figure> {
    if row.spread.is_empty() {
        return Vec::new();
    }
    let probes = |side: usize| -> u64 { row.spread.iter().map(|bin| u64::from(bin.counts[side])).sum() };
    let title = |what: &str| -> Words {
        let sides = super::figure::SIDES.into_iter().enumerate();
        let sides =
            sides.map(|(side, (name, role))| (format!("{name} {} probes", format::number_of(probes(side))), role));
        std::iter::once((what.into(), Role::Heading)).chain(sides).collect()
    };
    let percentiles = ["p50", "p95", "p99"].into_iter().filter_map(|name| row.figure(name));
    let mut marks = [Vec::new(), Vec::new()];
    for figure in percentiles {
        for (side, value) in [figure.change.before, figure.change.after].into_iter().enumerate() {
            marks[side].extend(value.map(|value| (figure.name, value)));
        }
    }
    let overlay = |what: &str, form| {
        Figure::Overlay(Overlay {
            title: title(what),
            form,
            bins: row.spread.clone(),
            marks: marks.clone(),
        })
    };
    vec![
        overlay("latency distribution", OverlayForm::Density),
        overlay("cumulative share", OverlayForm::Cumulative),
    ]
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
