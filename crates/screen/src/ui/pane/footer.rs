//! The bottom line: what is typed or chosen, a message, or the keys that matter on this pane.

mod keys;
mod typed;

use probetop_core::sample::Severity;
use probetop_core::snapshot::{Feed, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::Scene;
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::geometry::Geometry;
use crate::ui::page::Rows;
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::{Block, Drag, Hint, Pane, View, spans};
use crate::ui::widget::segments::{self, Segment, Segments};
use crate::ui::widget::text;

pub fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot,
        view,
        geometry,
        theme,
    } = scene;
    let area = text::inset(area);
    if let Some(typing) = view.typing() {
        return typed::render(area, buf, typing, snapshot, view, theme);
    }
    if let Some((severity, words)) = message(snapshot, view) {
        let glyph = theme.glyphs.severity(severity);
        let x = text::put(buf, area, 0, 0, glyph, theme.style(severity)) + 1;
        let cut = text::cut_end(words, usize::from(area.width).saturating_sub(x));
        text::put(buf, area, x, 0, &cut, theme.style(Role::Text));
        return;
    }
    if let Some(drag) = view.drag {
        return dragged(area, buf, drag, snapshot, theme);
    }
    let (hints, _): (Vec<_>, Vec<_>) = hints(snapshot, view, geometry, theme).into_iter().unzip();
    Segments(&hints).render(area, buf);
}

/// The action whose key is told in this column.
pub fn action_at(x: u16, area: Rect, geometry: &Geometry, snapshot: &Snapshot, view: &View) -> Option<Action> {
    if view.typing().is_some() || message(snapshot, view).is_some() {
        return None;
    }
    let x = usize::from(x).checked_sub(1)?;
    let (segments, actions): (Vec<_>, Vec<_>) = hints(snapshot, view, geometry, &Theme::plain(Glyphs::ASCII))
        .into_iter()
        .unzip();
    let starts = segments::place(usize::from(area.width).saturating_sub(2), &segments);
    let parts = segments.iter().zip(starts).zip(actions);
    let is_here = |start: usize, segment: &Segment| (start..start + segment.width()).contains(&x);
    parts
        .filter(|((segment, start), _)| start.is_some_and(|start| is_here(start, segment)))
        .find_map(|(_, action)| action)
}

/// Keys with what they do, and which rows are seen, which is not a key.
fn hints(snapshot: &Snapshot, view: &View, geometry: &Geometry, theme: &Theme) -> Vec<(Segment, Option<Action>)> {
    let is_first =
        view.said.hint() == Hint::Shown && view.pages.shown == Pane::Overview && view.travel.feed == Feed::Live;
    let hint = |(rank, action): (usize, &Action)| {
        if !view.is_of_use(*action, snapshot) {
            return None;
        }
        let key = key(*action, view)?;
        let label = match action {
            Action::Help if view.pages.shown == Pane::Help => "close",
            Action::Palette if is_first => "every action",
            Action::Open if is_first => "details",
            Action::Discover if snapshot.targets.is_empty() => "watch what listens here",
            _ => action.command().label,
        };
        let rank = u8::try_from(rank).unwrap_or(u8::MAX);
        let role = if is_first { Role::Accent } else { Role::Text };
        let segment = Segment::left(rank).span(key, theme.style(role));
        Some((segment.span(format!(" {label}"), theme.style(Role::Dim)), Some(*action)))
    };
    let actions = if is_first { keys::FIRST } else { keys::actions(view) };
    // Where nothing is watched yet that is what to do first.
    let first = snapshot.targets.is_empty().then_some(&Action::Discover);
    let others = actions.iter().filter(|action| Some(*action) != first);
    let mut hints: Vec<_> = first.into_iter().chain(others).enumerate().filter_map(hint).collect();
    let span = view
        .spans
        .chosen
        .map(|span| format!("span {}", spans::words(span, snapshot)));
    let notes = [narrowed(view), following(view), span].into_iter().flatten();
    hints.extend(notes.map(|words| (Segment::right(1).span(words, theme.style(Role::Accent)), None)));
    if let Some(key) = key(Action::Expand, view).filter(|_| view.pages.expanded().is_some()) {
        let whole = Segment::left(0).span(key, theme.style(Role::Accent));
        let whole = whole.span(" all blocks", theme.style(Role::Dim));
        hints.insert(0, (whole, Some(Action::Expand)));
    }
    if let Some(rows) = rows(snapshot, view, geometry) {
        hints.push((Segment::right(1).span(rows, theme.style(Role::Accent)), None));
    }
    if let Some(past) = past(snapshot).filter(|_| view.pages.shown.has_cursor()) {
        let past = Segment::right(u8::MAX).span(past, theme.style(Role::Dim));
        hints.push((past, None));
    }
    hints
}

/// The key to show for an action: one that holds only now says most.
fn key(action: Action, view: &View) -> Option<String> {
    let past = match view.travel.feed {
        Feed::At(_) => view.keys.past_keys(action),
        Feed::Live if view.pages.shown.has_cursor() => view.keys.past_keys(action),
        Feed::Live => Vec::new(),
    };
    past.into_iter().chain(view.keys.keys(action)).next()
}

/// The filter of a list, and a condition; words stand in the heading of their table.
fn narrowed(view: &View) -> Option<String> {
    let filter = view.pane_filter();
    let is_told = view.pages.shown.list().is_some() && !filter.is_empty() || filter.has_condition();
    is_told.then(|| format!("/{}", filter.applied()))
}

/// Whom the selection goes with, on the panes that show whom it is on.
fn following(view: &View) -> Option<String> {
    let is_told = view.tells_of_targets() && view.targets.is_following();
    is_told.then(|| "following the worst".into())
}

/// Which rows of the pane are seen, where that is not all of them.
fn rows(snapshot: &Snapshot, view: &View, geometry: &Geometry) -> Option<String> {
    let (count, visible) = match view.pages.shown.page().rows {
        // The heading of the details has it.
        _ if view.pages.expanded() == Some(Block::Details) => return None,
        // The table has it in its heading.
        Rows::Targets => return None,
        Rows::List(_) => (
            view.rows(view.pages.shown, snapshot).len(),
            usize::from(geometry.list(view.pages.shown).page.list.height),
        ),
        Rows::Lines => (geometry.scrolled.rows, geometry.scrolled.visible),
    };
    let first = view.pages.offset() + 1;
    (count > visible).then(|| format!("rows {first}-{}/{count}", (view.pages.offset() + visible).min(count)))
}

/// How much of the past is kept, and what that takes: `history 12m, 9M`.
fn past(snapshot: &Snapshot) -> Option<String> {
    let history = snapshot.monitor.history;
    let length = format::coarse(snapshot.now.since(history.oldest?));
    Some(format!("history {length}, {}", format::bytes(history.bytes as f64)))
}

/// The span that the mouse is dragged over: `1m12s  12:03:04 to 12:04:16`.
fn dragged(area: Rect, buf: &mut Buffer, drag: Drag, snapshot: &Snapshot, theme: &Theme) {
    let span = drag.span(snapshot.axis);
    let time = |at| format::time_of_day(snapshot.wall(at));
    let length = Segment::left(0).span(format::age(span.length()), theme.style(Role::Accent));
    let times = format!("{} to {}", time(span.from), time(span.to));
    let times = Segment::left(1).span(times, theme.style(Role::Text));
    let hint = Segment::right(2).span("release to zoom", theme.style(Role::Dim));
    Segments(&[length, times, hint]).render(area, buf);
}

/// The view's own message, or what the last reload did, while it is news.
fn message<'a>(snapshot: &'a Snapshot, view: &'a View) -> Option<(Severity, &'a str)> {
    /// How long a reload is news.
    const NEWS: u64 = 8;
    if let Some(message) = &view.said.message {
        return Some((message.severity, message.text.as_str()));
    }
    let notice = snapshot
        .monitor
        .notice
        .as_ref()
        .filter(|notice| view.said.is_new(notice))?;
    let is_news = snapshot.now.since(notice.at).as_secs() < NEWS;
    is_news.then(|| (notice.severity, notice.text.as_str()))
}
