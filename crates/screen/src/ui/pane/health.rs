//! Health: the score, large, how it went, and how it came about.
//!
//! ```text
//!  ██████  ██████   checkout: p95(1m) 612ms > 500ms     score over 2m ─────────
//!  ██  ██      ██   18.3 + 35.2 + 33.9, rounded down.    100 │⣿⣿⣿⣿⣶⣤⣀
//!  ██████      ██                                         50 │⣿⣿⣿⣿⣿⣿⣿⣿
//!  ██  ██      ██                                          0 │⣿⣿⣿⣿⣿⣿⣿⣿
//!  ██████      ██                                            -1m        now
//!
//!  ▲ warning
//!  groups by points lost: weight, share, score, what it adds and loses; the intact ones in a line
//!  what costs points
//! ```

pub(crate) mod components;
pub(crate) mod groups;
mod score;

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::listing;
use crate::ui::action::Action;
use crate::ui::page::{About, AlertOf, Form, List, Page, Pane, Past, Rows};
use crate::ui::theme::Theme;
use crate::ui::view::View;
use crate::ui::view::list::{self, Section};
use crate::ui::widget::text;

pub(crate) const PAGE: Page = Page {
    title: "Health",
    short_title: "Health",
    action: Action::Health,
    keys: &listing::KEYS,
    about: About::Itself,
    rows: Rows::List(List {
        top_height,
        top,
        ..List::plain(&[Section::HealthGroups, Section::HealthComponents], &NOTHING)
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

const NOTHING: [&str; 2] = [
    "No score yet.",
    "It is made of the levels of the targets and of this machine, once there are any.",
];

/// Rows of the body from which on the score is large.
const LARGE_FROM: u16 = 18;

/// Rows that the details of a row take.
const DETAIL: usize = 5;

/// Rows for the score.
fn top_height(body: Rect, snapshot: &Snapshot) -> usize {
    match &snapshot.health {
        None => 0,
        Some(health) if body.height >= LARGE_FROM => {
            let rows = list::all_rows(Pane::Health, snapshot);
            score::height(body, snapshot, health, rows.len() + DETAIL)
        }
        Some(_) => 1,
    }
}

fn top(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(health) = snapshot.health.as_deref() else {
        return;
    };
    let inner = text::inset(area);
    if usize::from(area.height) < score::COURSE_ROWS {
        return score::line(inner, buf, health, theme);
    }
    score::render(inner, buf, health, snapshot, view, theme);
}
