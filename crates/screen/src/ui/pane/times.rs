//! The row below a chart or the lanes: what time it was, where now is, and where the cursor is.
//!
//! Swept in place a second keeps its column, so the clock stands still below it; where everything moves on while it is live,
//! what stands still is how long ago it was.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{Feed, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, second_of};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;
use crate::ui::widget::timeline::Motion;

/// What may lie between two labels, in seconds.
const INTERVALS_S: [u64; 10] = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800];

const DAY_S: u64 = 86_400;

/// Free columns between two labels at least.
const SPACE: usize = 2;

/// Draws over the whole row, on the columns of the plot.
pub(super) fn render(row: Rect, buf: &mut Buffer, plot: Plot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let left = usize::from(plot.area.x.saturating_sub(row.x));
    let row = text::columns(row, left, plot.width());
    let mut taken = vec![false; plot.width()];
    if let Some((cell, label)) = cursor(plot, snapshot, view, theme) {
        let end = text::put(buf, row, cell, 0, &label, theme.style(Role::Frozen));
        claim(&mut taken, cell..end);
    }
    if let Some((cell, label)) = now(plot, snapshot)
        && claim(&mut taken, cell..cell + label.len())
    {
        text::put(buf, row, cell, 0, label, theme.style(Role::Accent));
    }
    let labels = match (view.charts.motion, snapshot.feed) {
        (Motion::Scroll, Feed::Live) => ages(plot, snapshot),
        (Motion::Sweep, _) | (Motion::Scroll, Feed::At(_)) => clock(plot, snapshot),
    };
    for (cell, label) in labels {
        // A line stands before it.
        if !claim(&mut taken, cell..cell + 1 + text::width(&label)) {
            continue;
        }
        let x = text::put(buf, row, cell, 0, theme.glyphs.vertical, theme.style(Role::Rule));
        text::put(buf, row, x, 0, &label, theme.style(Role::Dim));
    }
}

/// Takes the cells, unless one of them or of those beside them is taken.
fn claim(taken: &mut [bool], cells: Range<usize>) -> bool {
    let around = cells.start.saturating_sub(SPACE)..(cells.end + SPACE).min(taken.len());
    let is_free = taken.get(around).is_some_and(|around| !around.contains(&true));
    match taken.get_mut(cells).filter(|_| is_free) {
        Some(cells) => cells.fill(true),
        None => return false,
    }
    true
}

/// The time of day below the column of the cursor, to the side that has room.
fn cursor(plot: Plot, snapshot: &Snapshot, view: &View, theme: &Theme) -> Option<(usize, String)> {
    let cell = plot.cell_of(view.cursor_step(snapshot)?)?;
    let time = snapshot.wall(Timestamp::from_secs(view.looked_at(snapshot)?));
    let (pointer, time) = (theme.glyphs.ascending, format::time_of_day(time));
    if cell + 1 + time.len() <= plot.width() {
        Some((cell, format!("{pointer}{time}")))
    } else {
        Some((cell.saturating_sub(time.len()), format!("{time}{pointer}")))
    }
}

/// Below the newest step there is; in the past that is not now.
fn now(plot: Plot, snapshot: &Snapshot) -> Option<(usize, &'static str)> {
    const NOW: &str = "now";
    let newest = plot.cells(snapshot.axis_end..snapshot.axis_end.saturating_add(1));
    let end = newest.last()?.end;
    let is_live = snapshot.feed == Feed::Live && plot.width() >= NOW.len();
    is_live.then(|| (end.saturating_sub(NOW.len()), NOW))
}

/// Round times of day, newest first.
fn clock(plot: Plot, snapshot: &Snapshot) -> Vec<(usize, String)> {
    let origin = snapshot
        .wall_origin
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let interval_s = interval_s(plot, snapshot);
    let mut labels = Vec::new();
    for cell in 0..plot.width() {
        let Some(steps) = plot.steps(cell) else { continue };
        // A step is as of the second that it ends with.
        let wall_s = |step: u64| match step.checked_sub(1) {
            Some(before) => origin.as_secs().saturating_add(second_of(before, snapshot.axis)),
            None => origin.as_secs(),
        };
        let round = wall_s(steps.end) / interval_s;
        if round > wall_s(steps.start) / interval_s && labels.last().is_none_or(|(_, last)| *last != round) {
            labels.push((cell, round));
        }
    }
    labels.sort_by_key(|(_, round)| std::cmp::Reverse(*round));
    let time = |round: u64| {
        let mut time = format::time_of_day(SystemTime::UNIX_EPOCH + Duration::from_secs(round * interval_s % DAY_S));
        time.truncate(if interval_s.is_multiple_of(60) { 5 } else { 8 });
        time
    };
    labels.into_iter().map(|(cell, round)| (cell, time(round))).collect()
}

/// How long ago it was, newest first.
fn ages(plot: Plot, snapshot: &Snapshot) -> Vec<(usize, String)> {
    let (interval_s, step_s) = (interval_s(plot, snapshot), snapshot.axis.step().as_secs());
    let age = |number: u64| {
        let ago_s = number * interval_s;
        let step = snapshot.axis_end.checked_sub(ago_s / step_s)?;
        let cell = plot.cells(step..step.saturating_add(1)).into_iter().next()?.start;
        let label = format!("-{}", format::age(Duration::from_secs(ago_s)).replace("m00s", "m"));
        // At the right edge there is room to the left only.
        Some((cell.min(plot.width().saturating_sub(1 + label.len())), label))
    };
    let count = length_s(plot, snapshot) / interval_s;
    (1..=count).filter_map(age).collect()
}

/// How long the axis is that is drawn, in seconds.
fn length_s(plot: Plot, snapshot: &Snapshot) -> u64 {
    plot.timeline.span().saturating_mul(snapshot.axis.step().as_secs())
}

/// The shortest time between labels that leaves them apart, and is no shorter than a step.
fn interval_s(plot: Plot, snapshot: &Snapshot) -> u64 {
    let axis_s = length_s(plot, snapshot);
    let is_wide_enough = |interval_s: &u64| {
        let label = if interval_s.is_multiple_of(60) { 5 } else { 8 };
        let cells = plot.width() as u64 * interval_s / axis_s.max(1);
        cells > (label + SPACE) as u64 && *interval_s >= snapshot.axis.step().as_secs()
    };
    let longest = INTERVALS_S[INTERVALS_S.len() - 1];
    INTERVALS_S.into_iter().find(is_wide_enough).unwrap_or(longest)
}
