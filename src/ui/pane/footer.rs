//! The bottom line: what is typed or chosen, a message, or the keys that matter on this pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::sample::Severity;
use crate::snapshot::{Feed, Snapshot};
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::layout;
use crate::ui::pane::listing;
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::{Block, Drag, Form, Hint, Pane, Typing, View, list, spans};
use crate::ui::widget::segments::{self, Segment};
use crate::ui::widget::text;

/// At the start of a run, until a key is pressed.
const FIRST: &[Action] = &[
    Action::Help,
    Action::Palette,
    Action::Open,
    Action::Filter,
    Action::Timeline,
    Action::Quit,
    Action::Machine,
    Action::Alerts,
    Action::Freeze,
    Action::Theme,
];
const OVERVIEW: &[Action] = &[
    Action::Help,
    Action::Quit,
    Action::Open,
    Action::Filter,
    Action::SortNext,
    Action::WindowNext,
    Action::Freeze,
    Action::Acknowledge,
    Action::Silence,
    Action::Export,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Columns,
    Action::SavedFilter,
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
    Action::Filter,
];
const ALERTS: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Acknowledge,
    Action::Silence,
    Action::Note,
    Action::Open,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
const OBJECTIVES: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Open,
    Action::WindowNext,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
/// Of the other panes that list things.
const LISTS: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Open,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
const COMPARE: &[Action] = &[
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
];
/// Of the panes that have time as their axis.
const TIME: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::StepBack,
    Action::Scope,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::PreviousMark,
    Action::Mark,
    Action::Span,
    Action::Export,
];
/// While an earlier second is shown, on every pane but help.
const PAST: &[Action] = &[
    Action::Help,
    Action::Live,
    Action::StepBack,
    Action::StepForward,
    Action::PreviousMark,
    Action::NextMark,
    Action::Mark,
    Action::Span,
    Action::GoToTime,
    Action::Export,
    Action::LeapBack,
    Action::LeapForward,
    Action::Oldest,
];
const HELP: &[Action] = &[Action::Help, Action::Filter, Action::PageDown, Action::Quit];

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let area = text::columns(area, 1, usize::from(area.width).saturating_sub(2));
    if let Some(typing) = view.typing() {
        return typed(area, buf, typing, snapshot, view, theme);
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
    let (hints, _): (Vec<_>, Vec<_>) = hints(snapshot, view, theme).into_iter().unzip();
    segments::render(buf, area, &hints);
}

/// The action whose key is told in this column.
pub fn action_at(x: u16, area: Rect, snapshot: &Snapshot, view: &View) -> Option<Action> {
    if view.typing().is_some() || message(snapshot, view).is_some() {
        return None;
    }
    let x = usize::from(x).checked_sub(1)?;
    let (segments, actions): (Vec<_>, Vec<_>) = hints(snapshot, view, &Theme::plain(Glyphs::ASCII)).into_iter().unzip();
    let starts = segments::place(usize::from(area.width).saturating_sub(2), &segments);
    let parts = segments.iter().zip(starts).zip(actions);
    let is_here = |start: usize, segment: &Segment| (start..start + segment.width()).contains(&x);
    parts
        .filter(|((segment, start), _)| start.is_some_and(|start| is_here(start, segment)))
        .find_map(|(_, action)| action)
}

/// Keys with what they do, and which rows are seen, which is no key.
fn hints(snapshot: &Snapshot, view: &View, theme: &Theme) -> Vec<(Segment, Option<Action>)> {
    let is_first = view.hint() == Hint::Shown && view.pane == Pane::Overview && view.feed == Feed::Live;
    let hint = |(rank, action): (usize, &Action)| {
        if !view.is_of_use(*action, snapshot) {
            return None;
        }
        let key = key(*action, view)?;
        let label = match action {
            Action::Help if view.pane == Pane::Help => "close",
            Action::Palette if is_first => "every action",
            Action::Open if is_first => "details",
            _ => action.command().label,
        };
        let rank = u8::try_from(rank).unwrap_or(u8::MAX);
        let role = if is_first { Role::Accent } else { Role::Text };
        let segment = Segment::left(rank).span(key, theme.style(role));
        Some((segment.span(format!(" {label}"), theme.style(Role::Dim)), Some(*action)))
    };
    let actions = if is_first { FIRST } else { actions(view) };
    let mut hints: Vec<_> = actions.iter().enumerate().filter_map(hint).collect();
    let span = view.span.map(|span| format!("span {}", spans::words(span, snapshot)));
    let notes = [narrowed(view), following(view), span].into_iter().flatten();
    hints.extend(notes.map(|words| (Segment::right(1).span(words, theme.style(Role::Accent)), None)));
    if let Some(key) = key(Action::Expand, view).filter(|_| view.expanded().is_some()) {
        let whole = Segment::left(0).span(key, theme.style(Role::Accent));
        let whole = whole.span(" all blocks", theme.style(Role::Dim));
        hints.insert(0, (whole, Some(Action::Expand)));
    }
    if let Some(rows) = rows(snapshot, view) {
        hints.push((Segment::right(1).span(rows, theme.style(Role::Accent)), None));
    }
    if let Some(past) = past(snapshot).filter(|_| view.pane.has_cursor()) {
        let past = Segment::right(u8::MAX).span(past, theme.style(Role::Dim));
        hints.push((past, None));
    }
    hints
}

fn actions(view: &View) -> &'static [Action] {
    match (view.pane, view.feed) {
        (Pane::Help, _) => HELP,
        (_, Feed::At(_)) => PAST,
        (Pane::Overview, Feed::Live) => OVERVIEW,
        (Pane::Target, Feed::Live) => TARGET,
        (Pane::Machine, Feed::Live) => MACHINE,
        (Pane::Alerts, Feed::Live) => ALERTS,
        (Pane::Objectives, Feed::Live) => OBJECTIVES,
        (Pane::Health | Pane::Analysis, Feed::Live) => LISTS,
        (Pane::Compare, Feed::Live) => COMPARE,
        (Pane::Timeline | Pane::Heat, Feed::Live) => TIME,
    }
}

/// The key to show for an action: one that holds only now says most.
fn key(action: Action, view: &View) -> Option<String> {
    let past = match view.feed {
        Feed::At(_) => view.keys.past_keys(action),
        Feed::Live if view.pane.has_cursor() => view.keys.past_keys(action),
        Feed::Live => Vec::new(),
    };
    past.into_iter().chain(view.keys.keys(action)).next()
}

/// The filter of a list, and a condition; words stand in the heading of their table.
fn narrowed(view: &View) -> Option<String> {
    let filter = view.pane_filter();
    let is_told = list::is_list(view.pane) && !filter.is_empty() || filter.has_condition();
    is_told.then(|| format!("/{}", filter.applied()))
}

/// Whom the selection goes with, on the panes that show whom it is on.
fn following(view: &View) -> Option<String> {
    let is_told = match view.pane {
        Pane::Overview | Pane::Target | Pane::Timeline | Pane::Heat => view.is_following(),
        Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Health
        | Pane::Analysis
        | Pane::Compare
        | Pane::Help => false,
    };
    is_told.then(|| "following the worst".into())
}

/// Which rows of the pane are seen, where that is not all of them.
fn rows(snapshot: &Snapshot, view: &View) -> Option<String> {
    let body = layout::screen(view.size, snapshot, view.pane).body;
    let (count, visible) = match view.pane {
        // The heading of the details has it.
        _ if view.expanded() == Some(Block::Details) => return None,
        // The table has it in its heading.
        Pane::Overview => return None,
        Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => (
            view.rows(view.pane, snapshot).len(),
            usize::from(listing::parts(body, view.pane, snapshot, view).list.height),
        ),
        Pane::Heat => return None,
        Pane::Target | Pane::Machine | Pane::Timeline | Pane::Help => view.scrolled(snapshot),
    };
    let first = view.offset() + 1;
    (count > visible).then(|| format!("rows {first}-{}/{count}", (view.offset() + visible).min(count)))
}

/// How much of the past is kept, and what that takes: `past 12m in 9M`.
fn past(snapshot: &Snapshot) -> Option<String> {
    let history = snapshot.monitor.history;
    let length = format::coarse(snapshot.now.since(history.oldest?));
    Some(format!("past {length} in {}", format::bytes(history.bytes as f64)))
}

/// The span that the mouse is dragged over: `1m12s  12:03:04 to 12:04:16`.
fn dragged(area: Rect, buf: &mut Buffer, drag: Drag, snapshot: &Snapshot, theme: &Theme) {
    let span = drag.span(snapshot.axis);
    let time = |at| format::time_of_day(snapshot.wall(at));
    let length = Segment::left(0).span(format::age(span.length()), theme.style(Role::Accent));
    let times = format!("{} to {}", time(span.from), time(span.to));
    let times = Segment::left(1).span(times, theme.style(Role::Text));
    let hint = Segment::right(2).span("release to zoom", theme.style(Role::Dim));
    segments::render(buf, area, &[length, times, hint]);
}

fn typed(area: Rect, buf: &mut Buffer, typing: &Typing, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let problem = view
        .pane_filter()
        .problem()
        .filter(|_| matches!(typing, Typing::Filter { .. }));
    let problem_words = problem.map(ToString::to_string);
    let (prompt, line, hint) = match typing {
        Typing::Filter { .. } => {
            let hint = problem_words.as_deref().unwrap_or(filter_hint(view.pane));
            ("/".into(), view.pane_filter().text(), hint)
        }
        Typing::Note { about, line, .. } => {
            let about = text::cut_middle(about, usize::from(area.width) / 3);
            (format!("note on {about}: "), line.text(), "enter write   esc cancel")
        }
        Typing::Time { line } => {
            let hint = "12:03, 12:03:44 (UTC) or -5m   enter go   esc cancel";
            // What was wrong with the time, as long as nothing of it is changed.
            let wrong = view.message.as_ref().map(|message| message.text.as_str());
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
    let room = usize::from(area.width).saturating_sub(x + 1);
    // The end is what is being typed.
    let mut shown = line;
    while text::width(shown) + 1 > room {
        let Some(first) = shown.chars().next() else { break };
        shown = &shown[first.len_utf8()..];
    }
    let start = x;
    let x = text::put(buf, area, start, 0, shown, theme.style(Role::Text));
    text::put(buf, area, x, 0, " ", theme.style(Role::Frozen));
    if let Some(problem) = problem {
        let cut = line.chars().count() - shown.chars().count();
        let before: String = shown.chars().take(problem.place.saturating_sub(cut)).collect();
        let place = text::columns(area, start + text::width(&before), 1);
        buf.set_style(place, theme.style(Role::Failure).add_modifier(Modifier::REVERSED));
    }
    let room = usize::from(area.width).saturating_sub(x + 4);
    if text::width(hint) < room || problem.is_some() {
        text::put_right(buf, area, 0, &text::cut_end(hint, room), theme.style(Role::Dim));
    }
}

/// What may be typed: a condition only over targets.
fn filter_hint(pane: Pane) -> &'static str {
    match pane {
        Pane::Overview | Pane::Target | Pane::Timeline | Pane::Heat => {
            "words, or = p95 > duration('200ms')   enter keep   esc cancel"
        }
        Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Health
        | Pane::Analysis
        | Pane::Compare
        | Pane::Help => "enter keep   esc cancel",
    }
}

/// Below this width of the line a form is named by its kind alone.
const CONTENTS_FROM: u16 = 90;

/// What can be written, by letter.
fn choice(area: Rect, buf: &mut Buffer, theme: &Theme) {
    let (plain, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    let part = |form: Form| {
        let label = if area.width < CONTENTS_FROM {
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
    segments::render(buf, area, &parts);
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
