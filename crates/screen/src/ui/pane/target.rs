//! One target in every detail.
//!
//! ```text
//!  wide                                       medium
//!  name, address, level, why                  name, address, level, why
//!  windows      │ phases      │ last answer   windows      │ phases
//!               │             │                            │ last answer
//!  latency over time                          latency over time
//!  gauges                                     gauges
//!  distribution       │ failures              distribution
//!                                             failures
//! ```
//! Narrower than [`MEDIUM`] all blocks stand one below the other. What does not fit is scrolled to.

mod answer;
mod distribution;
mod failures;
mod gauges;
mod phases;
mod windows;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Level;
use probetop_core::snapshot::{Detail, Snapshot, TargetSnapshot, WindowDetail};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::objectives;
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::geometry::Placed;
use crate::ui::page::{About, AlertOf, Form, Need, Page, Past, Rows};
use crate::ui::pane::Scene;
use crate::ui::standing::Standing;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Block, TargetPart, View};
use crate::ui::widget::text;

const WIDE: usize = 116;
const MEDIUM: usize = 72;

/// Rows of the blocks.
const TITLE: usize = 2;
const CHART: usize = 7;
const BOTTOM: usize = 12;
/// A chart higher than this says no more.
const CHART_LIMIT: usize = 26;

pub const PAGE: Page = Page {
    title: "Target",
    short_title: "Target",
    action: Action::Target,
    keys: &[
        Action::Help,
        Action::Back,
        Action::PreviousTarget,
        Action::NextTarget,
        Action::WindowNext,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::Freeze,
        Action::Export,
    ],
    about: About::Targets,
    rows: Rows::Lines,
    alert: AlertOf::Target,
    past: Past::Shown,
    needs: &[Need::Detail, Need::Map],
    axis: None,
    form: Form::Sheet,
    measure: height,
    parts: parts_of_page,
    render,
};

fn height(width: usize, snapshot: &Snapshot, view: &View) -> usize {
    let Some(target) = view.target(snapshot) else {
        return 0;
    };
    let told = gauges::height(width.saturating_sub(2), target);
    TITLE + top_height(width, target, snapshot) + CHART + told + bottom_height(width)
}

fn top_height(width: usize, target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    let (phases, answer) = (phases::height(target), answer::height(target, snapshot));
    match width {
        WIDE.. => windows::HEIGHT.max(phases).max(answer),
        MEDIUM..WIDE => windows::HEIGHT.max(phases + answer),
        0..MEDIUM => windows::HEIGHT + phases + answer + 2,
    }
}

fn bottom_height(width: usize) -> usize {
    if width >= WIDE { BOTTOM } else { 2 * BOTTOM }
}

fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let Some(target) = view.target(snapshot) else {
        let lines = ["No target to show.", "Choose one in the overview and press enter."];
        return super::empty(area, buf, &lines, theme);
    };
    let inner = text::inset(area);
    title(inner, buf, target, snapshot.taken, theme);
    for (part, area) in parts(area, target, snapshot) {
        super::block::draw(part, area, buf, scene);
    }
}

fn parts_of_page(area: Rect, snapshot: &Snapshot, view: &View) -> Placed {
    let target = view.target(snapshot);
    target.map_or_else(Placed::default, |target| parts(area, target, snapshot).into())
}

/// The blocks of the pane and where they stand.
fn parts(area: Rect, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<(Block, Rect)> {
    let width = usize::from(area.width);
    let inner = text::inset(area);
    let top_height = top_height(width, target, snapshot);
    let mut parts = top(text::rows(inner, TITLE, top_height), target, snapshot);

    let y = TITLE + top_height;
    let told_height = gauges::height(usize::from(inner.width), target);
    let spare = usize::from(area.height).saturating_sub(y + told_height + bottom_height(width));
    let chart_height = spare.clamp(CHART, CHART_LIMIT);
    parts.push((Block::Chart, text::rows(inner, y, chart_height)));
    if told_height > 0 {
        parts.push((
            Block::Target(TargetPart::Values),
            text::rows(inner, y + chart_height, told_height),
        ));
    }
    let rest = text::rows(inner, y + chart_height + told_height, usize::from(area.height));
    if width >= WIDE {
        let half = usize::from(inner.width) / 2;
        parts.push((
            Block::Target(TargetPart::Distribution),
            text::columns(rest, 0, half - 2),
        ));
        parts.push((Block::Target(TargetPart::Failures), text::columns(rest, half, width)));
    } else {
        parts.push((Block::Target(TargetPart::Distribution), text::rows(rest, 0, BOTTOM - 1)));
        parts.push((
            Block::Target(TargetPart::Failures),
            text::rows(rest, BOTTOM, usize::from(rest.height)),
        ));
    }
    parts
}

/// One part of what is known of a target.
pub fn part(part: TargetPart, area: Rect, buf: &mut Buffer, target: &TargetSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let empty = Detail::default();
    let detail = target.detail.as_deref().unwrap_or(&empty);
    match part {
        TargetPart::Windows => windows::render(area, buf, detail, snapshot, theme),
        TargetPart::Phases => phases::render(area, buf, window_of(detail, snapshot), theme),
        TargetPart::Answer => answer::render(area, buf, target, snapshot, theme),
        TargetPart::Values => gauges::render(area, buf, target, snapshot, view, theme),
        TargetPart::Distribution => distribution::render(area, buf, target, detail, snapshot, theme),
        TargetPart::Failures => failures::render(area, buf, target, detail, snapshot, theme),
    }
}

/// Rows of one part, its heading among them; 0 for one that has nothing to say.
pub fn height_of(part: TargetPart, width: usize, target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    match part {
        TargetPart::Windows => windows::HEIGHT,
        TargetPart::Phases => phases::height(target),
        TargetPart::Answer => answer::height(target, snapshot),
        TargetPart::Values => gauges::height(width, target),
        TargetPart::Distribution | TargetPart::Failures => BOTTOM,
    }
}

fn title(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, now: Timestamp, theme: &Theme) {
    let info = &target.info;
    let width = usize::from(area.width);
    let standing = Standing::of(target);
    let level = standing.words_at(now, &theme.glyphs);
    let room = width.saturating_sub(text::width(&level) + 2);
    let mut x = text::put(
        buf,
        area,
        0,
        0,
        &text::cut_middle(info.name.as_str(), room),
        theme.style(Role::Accent),
    );
    let url = text::cut_middle(info.url.as_str(), room.saturating_sub(x + 2));
    x = text::put(buf, area, x + 2, 0, &url, theme.style(Role::Text));
    let group = info.group.as_ref().map(|group| format!("group {group}"));
    let every = format!(
        "every {}, timeout {}",
        format::interval(info.interval),
        format::interval(info.timeout)
    );
    for part in [Some(info.kind.to_string()), group, Some(every)].into_iter().flatten() {
        if x + 2 + text::width(&part) <= room {
            x = text::put(buf, area, x + 2, 0, &part, theme.style(Role::Dim));
        }
    }
    text::put_right(buf, area, 0, &level, theme.style(standing.role()));
    let apdex = target.apdex.map(objectives::apdex::words).into_iter().flatten();
    let apdex: Vec<_> = apdex.collect();
    let apdex_width: usize = apdex.iter().map(|(words, _)| text::width(words)).sum();
    let mut x = width.saturating_sub(apdex_width);
    for (words, role) in &apdex {
        x = text::put(buf, area, x, 1, words, theme.style(*role));
    }
    let why = target.reason.as_ref().filter(|_| target.level != Level::Ok);
    if let Some(reason) = why {
        let reason = text::cut_end(reason.as_str(), width.saturating_sub(apdex_width + 2));
        text::put(buf, area, 0, 1, &reason, theme.style(standing.role()));
    }
}

fn top(area: Rect, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<(Block, Rect)> {
    let width = usize::from(area.width) + 2;
    let windows = text::rows(text::columns(area, 0, windows::WIDTH), 0, windows::HEIGHT);
    let right = if width >= MEDIUM {
        text::columns(area, windows::WIDTH + 2, width)
    } else {
        text::rows(area, windows::HEIGHT + 1, usize::from(area.height))
    };
    let (phases, answer) = if width >= WIDE {
        let half = usize::from(right.width) / 2;
        (text::columns(right, 0, half - 1), text::columns(right, half + 1, width))
    } else {
        (
            text::rows(right, 0, phases::height(target)),
            text::rows(right, phases::height(target), answer::height(target, snapshot)),
        )
    };
    vec![
        (Block::Target(TargetPart::Windows), windows),
        (Block::Target(TargetPart::Phases), phases),
        (Block::Target(TargetPart::Answer), answer),
    ]
}

/// The detail of the window that is shown.
fn window_of<'a>(detail: &'a Detail, snapshot: &Snapshot) -> Option<&'a WindowDetail> {
    let found = detail.windows.iter().find(|(window, _)| *window == snapshot.window);
    found.map(|(_, detail)| detail)
}
