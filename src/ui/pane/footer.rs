//! The bottom line: a filter that is typed, a message, or the keys that matter on this pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::Severity;
use crate::snapshot::{Feed, Snapshot};
use crate::ui::action::Action;
use crate::ui::layout;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Pane, View};
use crate::ui::widget::segments::{self, Segment};
use crate::ui::widget::text;

const OVERVIEW: &[Action] = &[
    Action::Help,
    Action::Quit,
    Action::Open,
    Action::Filter,
    Action::SortNext,
    Action::WindowNext,
    Action::Freeze,
    Action::Export,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Reload,
];
const TARGET: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::PreviousTarget,
    Action::NextTarget,
    Action::WindowNext,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Freeze,
    Action::Export,
];
const MACHINE: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::SortNext,
    Action::SortReverse,
    Action::ZoomIn,
    Action::Freeze,
    Action::Export,
];
const ALERTS: &[Action] = &[Action::Help, Action::Back, Action::Open, Action::Freeze, Action::Export];
const HELP: &[Action] = &[Action::Help, Action::Filter, Action::PageDown, Action::Quit];

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let area = text::columns(area, 1, usize::from(area.width).saturating_sub(2));
    if view.is_typing() {
        return typed(area, buf, view, theme);
    }
    if let Some((severity, words)) = message(snapshot, view) {
        let glyph = theme.glyphs.severity(severity);
        let x = text::put(buf, area, 0, 0, glyph, theme.style(severity)) + 1;
        let cut = text::cut_end(words, usize::from(area.width).saturating_sub(x));
        text::put(buf, area, x, 0, &cut, theme.style(Role::Text));
        return;
    }
    let actions = match view.pane {
        Pane::Overview => OVERVIEW,
        Pane::Target => TARGET,
        Pane::Machine => MACHINE,
        Pane::Alerts => ALERTS,
        Pane::Help => HELP,
    };
    let hint = |(rank, action): (usize, &Action)| {
        let key = view.keys.keys(*action).into_iter().next()?;
        let label = match (action, view.feed) {
            (Action::Freeze, Feed::At(_)) => "follow",
            (Action::Help, _) if view.pane == Pane::Help => "close",
            _ => action.command().label,
        };
        let rank = u8::try_from(rank).unwrap_or(u8::MAX);
        let segment = Segment::left(rank).span(key, theme.style(Role::Text));
        Some(segment.span(format!(" {label}"), theme.style(Role::Dim)))
    };
    let mut hints: Vec<_> = actions.iter().enumerate().filter_map(hint).collect();
    if let Some(rows) = rows(snapshot, view) {
        hints.push(Segment::right(1).span(rows, theme.style(Role::Accent)));
    }
    segments::render(buf, area, &hints);
}

/// Which rows of the pane are seen, where that is not all of them.
fn rows(snapshot: &Snapshot, view: &View) -> Option<String> {
    let body = usize::from(layout::screen(view.size, snapshot, view.pane).body.height);
    let (count, visible) = match view.pane {
        // The table has it in its heading.
        Pane::Overview => return None,
        Pane::Alerts => (
            snapshot.alerts.active.len() + snapshot.alerts.history.len(),
            layout::alert_rows(body),
        ),
        Pane::Target | Pane::Machine | Pane::Help => (super::height(snapshot, view), body),
    };
    let first = view.offset() + 1;
    (count > visible).then(|| format!("rows {first}-{}/{count}", (view.offset() + visible).min(count)))
}

fn typed(area: Rect, buf: &mut Buffer, view: &View, theme: &Theme) {
    let filter = if view.pane == Pane::Help {
        &view.search
    } else {
        &view.filter
    };
    let room = usize::from(area.width).saturating_sub(2);
    // The end is what is being typed.
    let mut shown = filter.text();
    while text::width(shown) + 1 > room {
        let Some(first) = shown.chars().next() else { break };
        shown = &shown[first.len_utf8()..];
    }
    text::put(buf, area, 0, 0, "/", theme.style(Role::Accent));
    let x = text::put(buf, area, 1, 0, shown, theme.style(Role::Text));
    text::put(buf, area, x, 0, " ", theme.style(Role::Frozen));
    let hint = "enter keep   esc cancel";
    if x + 4 + hint.len() < usize::from(area.width) {
        text::put_right(buf, area, 0, hint, theme.style(Role::Dim));
    }
}

/// The view's own message, or what the last reload did, while it is news.
fn message<'a>(snapshot: &'a Snapshot, view: &'a View) -> Option<(Severity, &'a str)> {
    /// How long a reload is news.
    const NEWS: u64 = 8;
    if let Some(message) = &view.message {
        return Some((message.severity, message.text.as_str()));
    }
    let notice = snapshot.monitor.notice.as_ref()?;
    let is_news = snapshot.now.since(notice.at).as_secs() < NEWS;
    is_news.then(|| (notice.severity, notice.text.as_str()))
}
