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

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{latency, objectives};
use crate::sample::Level;
use crate::snapshot::{Detail, Snapshot, TargetSnapshot, WindowDetail};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

const WIDE: usize = 116;
const MEDIUM: usize = 72;

/// Rows of the blocks.
const TITLE: usize = 2;
const CHART: usize = 7;
const BOTTOM: usize = 12;
/// A chart higher than this says no more.
const CHART_LIMIT: usize = 26;

pub fn height(width: usize, snapshot: &Snapshot, view: &View) -> usize {
    let Some(target) = view.selected().and_then(|id| snapshot.target(id)) else {
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

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(target) = view.selected().and_then(|id| snapshot.target(id)) else {
        let lines = ["No target to show.", "Choose one in the overview and press enter."];
        return super::empty(area, buf, &lines, theme);
    };
    let width = usize::from(area.width);
    let inner = text::columns(area, 1, width.saturating_sub(2));
    title(inner, buf, target, theme);
    let empty = Detail::default();
    let detail = target.detail.as_deref().unwrap_or(&empty);
    let top_height = top_height(width, target, snapshot);
    top(
        text::rows(inner, TITLE, top_height),
        buf,
        target,
        detail,
        snapshot,
        theme,
    );

    let y = TITLE + top_height;
    let told_height = gauges::height(usize::from(inner.width), target);
    let spare = usize::from(area.height).saturating_sub(y + told_height + bottom_height(width));
    let chart_height = spare.clamp(CHART, CHART_LIMIT);
    latency::render(text::rows(inner, y, chart_height), buf, target, snapshot, view, theme);
    let told = text::rows(inner, y + chart_height, told_height);
    gauges::render(told, buf, target, snapshot, view, theme);

    let rest = text::rows(inner, y + chart_height + told_height, usize::from(area.height));
    if width >= WIDE {
        let half = usize::from(inner.width) / 2;
        distribution::render(text::columns(rest, 0, half - 2), buf, detail, snapshot, theme);
        failures::render(text::columns(rest, half, width), buf, target, detail, snapshot, theme);
    } else {
        distribution::render(text::rows(rest, 0, BOTTOM - 1), buf, detail, snapshot, theme);
        let failures = text::rows(rest, BOTTOM, usize::from(rest.height));
        failures::render(failures, buf, target, detail, snapshot, theme);
    }
}

fn title(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, theme: &Theme) {
    let info = &target.info;
    let width = usize::from(area.width);
    let level = format!("{} {}", theme.glyphs.level(target.level), target.level.name());
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
    text::put_right(buf, area, 0, &level, theme.style(target.level));
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
        text::put(buf, area, 0, 1, &reason, theme.style(target.level));
    }
}

fn top(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, detail: &Detail, snapshot: &Snapshot, theme: &Theme) {
    let width = usize::from(area.width) + 2;
    let windows_area = text::columns(area, 0, windows::WIDTH);
    windows::render(
        text::rows(windows_area, 0, windows::HEIGHT),
        buf,
        detail,
        snapshot,
        theme,
    );
    let right = if width >= MEDIUM {
        text::columns(area, windows::WIDTH + 2, width)
    } else {
        text::rows(area, windows::HEIGHT + 1, usize::from(area.height))
    };
    let (phases_area, answer_area) = if width >= WIDE {
        let half = usize::from(right.width) / 2;
        (text::columns(right, 0, half - 1), text::columns(right, half + 1, width))
    } else {
        (
            text::rows(right, 0, phases::height(target)),
            text::rows(right, phases::height(target), answer::height(target, snapshot)),
        )
    };
    phases::render(phases_area, buf, window_of(detail, snapshot), theme);
    answer::render(answer_area, buf, target, snapshot, theme);
}

/// The detail of the window that is shown.
fn window_of<'a>(detail: &'a Detail, snapshot: &Snapshot) -> Option<&'a WindowDetail> {
    let found = detail.windows.iter().find(|(window, _)| *window == snapshot.window);
    found.map(|(_, detail)| detail)
}
