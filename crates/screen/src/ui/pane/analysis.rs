//! Analysis: what holds everything up, what is not as it was, what creeps, and what moves together.

pub(crate) mod anomalies;
pub(crate) mod bottlenecks;
pub(crate) mod correlations;
pub(crate) mod trends;

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::listing;
use crate::ui::action::Action;
use crate::ui::page::{About, AlertOf, Form, List, Page, Past, Rows};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::list::Section;
use crate::ui::widget::text;

pub(crate) const PAGE: Page = Page {
    title: "Analysis",
    short_title: "Analysis",
    action: Action::Analysis,
    keys: &listing::KEYS,
    about: About::Itself,
    rows: Rows::List(List {
        top_height,
        top,
        note: anomalies::not_yet,
        ..List::plain(&SECTIONS, &NOTHING)
    }),
    alert: AlertOf::Nobody,
    past: Past::Shown,
    needs: &[],
    axis: None,
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts: listing::parts_of_page,
    render: listing::render_page,
};

const SECTIONS: [Section; 4] = [
    Section::Bottlenecks,
    Section::Anomalies,
    Section::Trends,
    Section::Correlations,
];

const NOTHING: [&str; 3] = [
    "Nothing stands out.",
    "Bottlenecks, anomalies, trends and correlations are looked for all the time.",
    "What is usual is known after a minute or two, a trend after several.",
];

fn top_height(_body: Rect, snapshot: &Snapshot) -> usize {
    usize::from(anomalies::not_yet(snapshot).is_some())
}

fn top(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, _view: &crate::ui::view::View, theme: &Theme) {
    let not_yet = anomalies::not_yet(snapshot).unwrap_or_default();
    text::put(buf, text::inset(area), 0, 0, &not_yet, theme.style(Role::Dim));
}
