//! A strip for each target: a cell for what its latency came to then against its own limit, and a cross where most of its probes
//! failed.
//!
//! ```text
//!  ✗ checkout        454ms │░░░░░░░▓▓██████▓▓░░░░××░░░
//! ```

use std::ops::Range;

use probetop_core::sample::Level;
use probetop_core::snapshot::{Axis, Point, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text::{self, Align};

/// Of the rows of the terminal so many in ten are for strips; what there is no room for is counted.
const ROWS_IN_TEN: usize = 4;

/// Columns of the latency at the left.
const VALUE: usize = 6;

/// Which targets have a strip, in the order of the configuration, so that none moves: all that the filter leaves, or where those are
/// too many the ones that were in trouble anywhere on the axis, then the others. With how many have none.
pub(super) fn chosen<'a>(snapshot: &'a Snapshot, view: &View) -> (Vec<&'a TargetSnapshot>, usize) {
    let mut left = view.targets.table.rows.clone();
    left.sort_unstable();
    let targets = left.iter().filter_map(|index| snapshot.targets.get(*index));
    let targets: Vec<_> = targets.filter(|target| !target.series.is_empty()).collect();
    let room = (usize::from(view.size.1) * ROWS_IN_TEN / 10).max(3);
    if targets.len() <= room {
        return (targets, 0);
    }
    // A row is for those that are left out.
    let room = room - 1;
    let mut ranked: Vec<usize> = (0..targets.len()).collect();
    ranked.sort_by_key(|at| !is_troubled(targets[*at]));
    ranked.truncate(room);
    ranked.sort_unstable();
    let shown = ranked.into_iter().map(|at| targets[at]).collect();
    (shown, targets.len() - room)
}

fn is_troubled(target: &TargetSnapshot) -> bool {
    target.level >= Level::Warning
        || target
            .series
            .iter()
            .any(|point| shade(point, target) != Some(Shade::Within))
}

/// What a step of a target is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shade {
    Within,
    Warning,
    Critical,
    Failed,
}

/// `None`: nothing was measured.
fn shade(point: &Point, target: &TargetSnapshot) -> Option<Shade> {
    if point.attempts > 0 && point.failed * 2 >= point.attempts {
        return Some(Shade::Failed);
    }
    let latency = target.limits.figure(point)?;
    Some(match target.limits.level(latency) {
        Level::Ok | Level::Unknown => Shade::Within,
        Level::Warning => Shade::Warning,
        Level::Critical => Shade::Critical,
    })
}

/// The sign and the style of a shade; a target without limits is neither well nor unwell.
fn look(shade: Shade, target: &TargetSnapshot, theme: &Theme) -> (&'static str, Style) {
    let [within, warning, critical] = theme.glyphs.shades;
    let is_judged = target.limits.set().next().is_some();
    match shade {
        Shade::Within if is_judged => (within, theme.style(Level::Ok)),
        Shade::Within => (within, theme.style(Role::Bar)),
        Shade::Warning => (warning, theme.style(Level::Warning)),
        Shade::Critical => (critical, theme.style(Level::Critical)),
        Shade::Failed => (theme.glyphs.failed, theme.style(Role::Failure)),
    }
}

/// What the shades mean, for the heading.
pub(super) fn legend(theme: &Theme) -> impl Iterator<Item = (String, Style)> {
    let [within, warning, critical] = theme.glyphs.shades;
    let levels = [
        (within, Level::Ok),
        (warning, Level::Warning),
        (critical, Level::Critical),
    ];
    let levels = levels.map(|(sign, level)| (format!("{sign} {}", level.name()), theme.style(level)));
    let failed = (format!("{} failed", theme.glyphs.failed), theme.style(Role::Failure));
    levels.into_iter().chain([failed])
}

/// Draws the name and the latency of the step looked at in the columns before `from`, and the strip on those of the plot.
pub(super) fn render(
    row: Rect,
    buf: &mut Buffer,
    from: usize,
    (plot, step): (Plot, u64),
    (target, axis): (&TargetSnapshot, Axis),
    theme: &Theme,
) {
    let hold = held_steps(target, axis);
    let cells = text::columns(row, from, plot.width());
    for cell in 0..plot.width() {
        let worst = plot.steps(cell).and_then(|steps| worst(target, plot, steps, hold));
        if let Some(shade) = worst {
            let (sign, style) = look(shade, target, theme);
            text::put(buf, cells, cell, 0, sign, style);
        }
    }
    let here = newest(target, plot, step..step.saturating_add(1), hold);
    let shade = here.and_then(|point| shade(point, target));
    let (sign, style) = match shade {
        None | Some(Shade::Within) => (" ", theme.style(Role::Dim)),
        Some(Shade::Warning) => (theme.glyphs.level(Level::Warning), theme.style(Level::Warning)),
        Some(Shade::Critical) => (theme.glyphs.level(Level::Critical), theme.style(Level::Critical)),
        Some(Shade::Failed) => (theme.glyphs.failed, theme.style(Role::Failure)),
    };
    text::put(buf, row, 0, 0, sign, style);
    let room = from.saturating_sub(VALUE + 5);
    let name = text::cut_middle(target.info.name.as_str(), room);
    text::put(buf, row, 2, 0, &name, theme.style(Role::Dim));
    let value = here.and_then(|point| target.limits.figure(point));
    let value = match shade {
        Some(Shade::Failed) if value.is_none() => "failed".into(),
        _ => format::latency(value),
    };
    text::put_cell(
        buf,
        row,
        from.saturating_sub(VALUE + 2),
        0,
        VALUE,
        Align::Right,
        &value,
        theme.style(Role::Text),
    );
}

/// The steps for which a probe stands until the next one is due.
fn held_steps(target: &TargetSnapshot, axis: Axis) -> u64 {
    let interval_s = target.info.interval.as_secs_f64();
    (interval_s / axis.step().as_secs_f64()).ceil() as u64
}

/// The worst of what was measured in the steps; where nothing was, of the newest probe that still stands.
fn worst(target: &TargetSnapshot, plot: Plot, steps: Range<u64>, hold: u64) -> Option<Shade> {
    let within = plot.timeline.within(&target.series, steps.clone());
    let worst = within.iter().filter_map(|point| shade(point, target)).max();
    worst.or_else(|| shade(newest(target, plot, steps, hold)?, target))
}

fn newest(target: &TargetSnapshot, plot: Plot, steps: Range<u64>, hold: u64) -> Option<&Point> {
    let held = steps.start.saturating_sub(hold)..steps.end;
    let points = plot.timeline.within(&target.series, held);
    points.iter().rev().find(|point| point.attempts > 0)
}
