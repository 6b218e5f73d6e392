//! The bottom line while something is typed or chosen there.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::page::About;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Form, Problem, Typing, View};
use crate::ui::widget::segments::{Segment, Segments};
use crate::ui::widget::text;

/// The line with its prompt, and what the keys do where there is room.
pub(super) fn render(area: Rect, buf: &mut Buffer, typing: &Typing, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let problem = view
        .pane_filter()
        .problem()
        .filter(|_| matches!(typing, Typing::Filter { .. }));
    let problem_words = problem.map(ToString::to_string);
    let (prompt, line, hint) = match typing {
        Typing::Filter { .. } => {
            let hint = problem_words
                .as_deref()
                .unwrap_or(filter_hint(view.pages.shown.page().about));
            ("/".into(), view.pane_filter().text(), hint)
        }
        Typing::Note { about, line, .. } => {
            let about = text::cut_middle(about, usize::from(area.width) / 3);
            (format!("note on {about}: "), line.text(), "enter write   esc cancel")
        }
        Typing::Time { line } => {
            let hint = "12:03, 12:03:44 (UTC) or -5m   enter go   esc cancel";
            // What was wrong with the time, as long as nothing of it is changed.
            let wrong = view.said.message.as_ref().map(|message| message.text.as_str());
            ("go to ".into(), line.text(), wrong.unwrap_or(hint))
        }
        Typing::Mark { at, line } => {
            let time = format::time_of_day(snapshot.wall(*at));
            (format!("mark {time}: "), line.text(), "enter set   esc cancel")
        }
        Typing::Export => return choice(area, buf, theme),
        Typing::Pick(picker) => (
            format!("{} ", picker.menu.title()),
            picker.line.text(),
            picker.menu.hint(),
        ),
    };
    let x = text::put(buf, area, 0, 0, &prompt, theme.style(Role::Accent));
    let x = x + put(
        text::columns(area, x, usize::from(area.width)),
        buf,
        line,
        problem,
        theme,
    );
    let room = usize::from(area.width).saturating_sub(x + 4);
    if text::width(hint) < room || problem.is_some() {
        text::put_right(buf, area, 0, &text::cut_end(hint, room), theme.style(Role::Dim));
    }
}

/// As much of the line as there is room for, and the cursor behind it. Returns how many columns the line takes.
fn put(area: Rect, buf: &mut Buffer, line: &str, problem: Option<&Problem>, theme: &Theme) -> usize {
    let room = usize::from(area.width).saturating_sub(1);
    // The end is what is being typed.
    let mut shown = line;
    while text::width(shown) + 1 > room {
        let Some(first) = shown.chars().next() else { break };
        shown = &shown[first.len_utf8()..];
    }
    let end = text::put(buf, area, 0, 0, shown, theme.style(Role::Text));
    text::put(buf, area, end, 0, " ", theme.style(Role::Frozen));
    if let Some(problem) = problem {
        let cut = line.chars().count() - shown.chars().count();
        let before: String = shown.chars().take(problem.place.saturating_sub(cut)).collect();
        let place = text::columns(area, text::width(&before), 1);
        buf.set_style(place, theme.style(Role::Failure).add_modifier(Modifier::REVERSED));
    }
    end
}

/// What may be typed: a condition only over targets.
fn filter_hint(about: About) -> &'static str {
    match about {
        About::Targets => "words, or = p95 > duration('200ms')   enter keep   esc cancel",
        About::Itself => "enter keep   esc cancel",
    }
}

/// Below this width of the line a form is named by its kind alone.
const CONTENTS_FROM: u16 = 112;

/// What can be written, by letter.
fn choice(area: Rect, buf: &mut Buffer, theme: &Theme) {
    let (plain, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    let part = |form: Form| {
        let label = if area.width < CONTENTS_FROM || form == Form::Baseline {
            form.kind().to_owned()
        } else {
            format!("{} ({})", form.content(), form.kind())
        };
        let segment = Segment::left(0).span(form.key().to_string(), plain);
        segment.span(format!(" {label}"), dim)
    };
    let mut parts = vec![Segment::left(1).span("write", theme.style(Role::Accent))];
    parts.extend(Form::ALL.map(part));
    parts.push(Segment::left(2).span("esc", plain).span(" cancel", dim));
    Segments(&parts).render(area, buf);
}
