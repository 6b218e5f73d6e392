//! Health: the score, large, and how it came about.
//!
//! ```text
//!  ██████  ██████   warning
//!  ██  ██      ██   checkout latency: p95(1m) 612ms > 500ms   ▇▇▇▆▆▆▃▃▂▂
//!  ██████      ██
//!  ██  ██      ██   18.3 + 35.2 + 33.9, rounded down
//!  ██████      ██
//!  groups: weight, share, score, and share x score, which is what they add
//!  the worst components of all groups
//! ```

pub(crate) mod components;
pub(crate) mod groups;

use probetop_core::snapshot::{Health, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::{course, header, listing};
use crate::ui::action::Action;
use crate::ui::page::{About, AlertOf, Form, List, Page, Past, Rows};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::view::list::Section;
use crate::ui::widget::digits::{self, Digits};
use crate::ui::widget::segments::{self, Segment, Segments};
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

/// Columns beside the score from which on its course is drawn.
const COURSE_FROM: usize = 64;

/// Rows for the score.
fn top_height(body: Rect, snapshot: &Snapshot) -> usize {
    match &snapshot.health {
        None => 0,
        Some(_) if body.height >= LARGE_FROM => digits::HEIGHT + 1,
        Some(_) => 1,
    }
}

fn top(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(health) = snapshot.health.as_deref() else {
        return;
    };
    let inner = text::inset(area);
    let (sign, role) = header::sign_of(health, &theme.glyphs);
    let style = theme.style(role);
    let level = match health.clearing {
        true => format!("{sign} {}, clearing", health.level.name()),
        false => format!("{sign} {}", health.level.name()),
    };
    if usize::from(area.height) <= digits::HEIGHT {
        let line = [
            Segment::left(0).span(format!("health {:>3}", health.score), style),
            Segment::left(1).span(level, style),
        ];
        let taken: usize = line.iter().map(|segment| segment.width() + segments::SPACE).sum();
        let room = usize::from(inner.width).saturating_sub(taken);
        let worst = text::cut_end(worst(health), room);
        let line = [
            line.as_slice(),
            &[Segment::left(2).span(worst, theme.style(Role::Text))],
        ]
        .concat();
        Segments(&line).render(inner, buf);
        return;
    }
    // The words stand still when the score changes its number of digits.
    let digits = Digits {
        number: health.score,
        style,
        theme,
    };
    let x = digits.width().max(24) + 1;
    digits.render(inner, buf);
    let (words, course) = beside(inner, x);
    course::render(course, buf, &snapshot.health_course, Some(100.0), snapshot, view, theme);
    let room = usize::from(words.width);
    text::put(buf, words, 0, 0, &level, style);
    let lines = text::wrap(worst(health), room);
    for (y, line) in lines.iter().take(2).enumerate() {
        text::put(buf, words, 0, 1 + y, line, theme.style(Role::Text));
    }
    for (y, line) in text::wrap(&sum(health), room).iter().take(2).enumerate() {
        text::put(buf, words, 0, 3 + y, line, theme.style(Role::Dim));
    }
}

/// The words beside the score, and its course beside these where there is room for both.
fn beside(area: Rect, x: usize) -> (Rect, Rect) {
    let rest = usize::from(area.width).saturating_sub(x);
    if rest < COURSE_FROM {
        return (text::columns(area, x, rest), Rect::default());
    }
    let words = rest / 2 - 2;
    let course = text::columns(area, x + words + 2, rest - words - 2);
    (text::columns(area, x, words), text::rows(course, 0, digits::HEIGHT))
}

/// What the groups add, as a sum: `6.9 + 20.2 + 15.3, rounded down`.
fn sum(health: &Health) -> String {
    let parts: Vec<_> = health.groups.iter().filter_map(groups::part).collect();
    let parts: Vec<_> = parts.into_iter().map(|part| groups::points(Some(part))).collect();
    format!("{}, rounded down", parts.join(" + "))
}

fn worst(health: &Health) -> &str {
    health
        .worst
        .as_ref()
        .map_or("nothing costs anything", |worst| worst.as_str())
}
