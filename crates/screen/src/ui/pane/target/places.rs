//! Where the blocks of the page stand, by what there is to say of a target.
//!
//! ```text
//!  a service                          figures                  down
//!  windows │ phases │ last answer     large figures            since when, what was tried
//!  latency over time                  the other gauges         last answer │ failures
//!  figures and gauges                 last answer │ failures
//!  distribution │ failures
//! ```

use probetop_core::snapshot::{Failing, Snapshot, TargetSnapshot};
use ratatui::layout::Rect;

use super::{BOTTOM, CHART, CHART_LIMIT, MEDIUM, TITLE, WIDE, answer, down, gauges, phases, vitals, windows};
use crate::ui::view::{Block, TargetPart};
use crate::ui::widget::text;

/// What there is to say of a target.
enum Shape<'a> {
    /// How long its probes take matters.
    Service,
    /// Figures are read there, and how long that takes matters to nobody.
    Figures,
    /// Nothing it did lately was good.
    Down(&'a Failing),
}

impl<'a> Shape<'a> {
    fn of(target: &'a TargetSnapshot) -> Self {
        match down::of(target) {
            Some(failing) => Self::Down(failing),
            None if target.info.purpose.measures_service() => Self::Service,
            None => Self::Figures,
        }
    }
}

/// Rows that all of it takes at least, at a width.
pub(super) fn height(width: usize, target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    let inner = width.saturating_sub(2);
    let answer_and_failures = match width {
        WIDE.. => answer::height(target, snapshot).max(BOTTOM),
        0..WIDE => answer::height(target, snapshot) + 1 + BOTTOM,
    };
    match Shape::of(target) {
        Shape::Service => {
            let bottom = if width >= WIDE { BOTTOM } else { 2 * BOTTOM };
            TITLE + top_height(width, target, snapshot) + CHART + values_height(inner, target) + bottom
        }
        Shape::Figures => TITLE + values_height(inner, target).max(VALUES_LEAST) + answer_and_failures,
        Shape::Down(failing) => TITLE + down::height(inner, target, failing, snapshot) + 1 + answer_and_failures,
    }
}

/// Where nothing was told yet, a heading and a line that says so.
const VALUES_LEAST: usize = 3;

/// Rows of what the target tells of itself, at least.
pub(super) fn values_height(width: usize, target: &TargetSnapshot) -> usize {
    vitals::height(width, target) + gauges::height(width, target)
}

/// The blocks of the pane and where they stand.
pub(super) fn parts(area: Rect, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<(Block, Rect)> {
    let inner = text::inset(area);
    match Shape::of(target) {
        Shape::Service => of_service(area, inner, target, snapshot),
        Shape::Figures => of_figures(inner, target, snapshot),
        Shape::Down(failing) => {
            let height = down::height(usize::from(inner.width), target, failing, snapshot);
            let mut parts = vec![(Block::Chart, text::rows(inner, TITLE, height))];
            let rest = text::rows(inner, TITLE + height + 1, usize::from(inner.height));
            parts.extend(answer_and_failures(rest, target, snapshot));
            parts
        }
    }
}

fn of_service(area: Rect, inner: Rect, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<(Block, Rect)> {
    let width = usize::from(area.width);
    let top_height = top_height(width, target, snapshot);
    let mut parts = top(text::rows(inner, TITLE, top_height), target, snapshot);
    let y = TITLE + top_height;
    let told_height = values_height(usize::from(inner.width), target);
    let bottom_height = if width >= WIDE { BOTTOM } else { 2 * BOTTOM };
    let spare = usize::from(area.height).saturating_sub(y + told_height + bottom_height);
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

fn of_figures(inner: Rect, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<(Block, Rect)> {
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    let least = values_height(width, target).max(VALUES_LEAST);
    let most = (vitals::most(width, target) + gauges::height(width, target)).max(least);
    let below = answer::height(target, snapshot).max(BOTTOM);
    let values = height.saturating_sub(TITLE + below).clamp(least, most);
    let mut parts = vec![(Block::Target(TargetPart::Values), text::rows(inner, TITLE, values))];
    let rest = text::rows(inner, TITLE + values, height);
    parts.extend(answer_and_failures(rest, target, snapshot));
    parts
}

fn answer_and_failures(area: Rect, target: &TargetSnapshot, snapshot: &Snapshot) -> [(Block, Rect); 2] {
    let width = usize::from(area.width);
    if width + 2 >= WIDE {
        let half = width / 2;
        [
            (Block::Target(TargetPart::Answer), text::columns(area, 0, half - 2)),
            (Block::Target(TargetPart::Failures), text::columns(area, half, width)),
        ]
    } else {
        let height = answer::height(target, snapshot);
        [
            (Block::Target(TargetPart::Answer), text::rows(area, 0, height)),
            (
                Block::Target(TargetPart::Failures),
                text::rows(area, height + 1, usize::from(area.height)),
            ),
        ]
    }
}

fn top_height(width: usize, target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    let (phases, answer) = (phases::height(target, snapshot), answer::height(target, snapshot));
    match width {
        WIDE.. => windows::HEIGHT.max(phases).max(answer),
        MEDIUM..WIDE => windows::HEIGHT.max(phases + answer),
        0..MEDIUM => windows::HEIGHT + phases + answer + 2,
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
    let phases_height = phases::height(target, snapshot);
    let (phases, answer) = if width >= WIDE {
        let half = usize::from(right.width) / 2;
        (text::columns(right, 0, half - 1), text::columns(right, half + 1, width))
    } else {
        (
            text::rows(right, 0, phases_height),
            text::rows(right, phases_height, answer::height(target, snapshot)),
        )
    };
    vec![
        (Block::Target(TargetPart::Windows), windows),
        (Block::Target(TargetPart::Phases), phases),
        (Block::Target(TargetPart::Answer), answer),
    ]
}
