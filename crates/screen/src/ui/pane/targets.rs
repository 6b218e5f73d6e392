//! The table of targets: a row each, only those that are visible.

mod delta;

use std::borrow::Cow;

use probetop_core::sample::{Level, Micros};
use probetop_core::snapshot::{LatencyLimits, Point, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::Widget as _;

use super::latency::together::NUMBERED;
use super::{Scene, course, lap, vertical};
use crate::ui::column::{Column, Order};
use crate::ui::format;
use crate::ui::geometry::Slot;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::sparkline::{Mark, Sparkline};
use crate::ui::widget::text;
use crate::ui::widget::timeline::Timeline;

pub fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let slots = scene.geometry.table.columns.as_slice();
    headings(text::rows(area, 0, 1), buf, scene);
    let rows = text::rows(area, 1, usize::from(area.height).saturating_sub(1));
    if view.targets.table.rows.is_empty() {
        return nothing(rows, buf, snapshot, theme);
    }
    let visible = view
        .targets
        .table
        .rows
        .iter()
        .skip(view.targets.table.first)
        .take(usize::from(rows.height));
    let shared = view.charts.shared_axis(snapshot);
    for (y, index) in visible.enumerate() {
        let Some(target) = snapshot.targets.get(*index) else {
            continue;
        };
        let row = text::rows(rows, y, 1);
        for slot in slots {
            match slot.column {
                Column::Delta => delta::cell(row, buf, *slot, target.info.id, scene),
                Column::History => {
                    let axis = view.charts.axis_of_sparkline(values(target), shared);
                    let timeline = view.charts.timeline(drawn_width(slot.width), 1, snapshot);
                    let points = held(target, snapshot);
                    history(
                        text::columns(row, slot.x, slot.width),
                        buf,
                        (target, &points),
                        axis,
                        timeline,
                        theme,
                    );
                }
                _ => cell(row, buf, *slot, target, theme),
            }
        }
        let name = slots.iter().find(|slot| slot.column == Column::Name);
        let before_name = name.map_or(0, |name| name.x.saturating_sub(1));
        number(text::columns(row, before_name, 1), buf, target, view, theme);
        if view.targets.selected() == Some(target.info.id) {
            theme.select(
                buf,
                row,
                name.map_or(row, |name| text::columns(row, name.x, name.width)),
            );
        }
    }
}

/// The number of its line in the common chart, where it has one.
pub fn number(place: Rect, buf: &mut Buffer, target: &TargetSnapshot, view: &View, theme: &Theme) {
    if let Some(number) = view.targets.together.number(target.info.id) {
        let (glyph, role) = NUMBERED[number];
        // As a badge: a name may begin with a number itself.
        text::put(
            buf,
            place,
            0,
            0,
            glyph,
            theme.style(role).add_modifier(Modifier::REVERSED),
        );
    }
}

/// The course of what is held against the limits, as high as `area`, with the limits as lines.
pub fn render_course(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let axis = view
        .charts
        .axis_of_sparkline(values(target), view.charts.shared_axis(snapshot));
    let timeline = view.charts.timeline(usize::from(area.width), 1, snapshot);
    let points = held(target, snapshot);
    let sparkline = Sparkline {
        marks: (0..timeline.columns()).map(|column| mark(timeline.points(&points, column), axis, &target.limits)),
        style: theme.style(Role::Bar),
        theme,
    };
    sparkline.render(area, buf);
    if let Some(axis) = axis {
        vertical::limit_lines(area, buf, axis, &target.limits, theme);
    }
    lap::over(area, buf, timeline);
}

fn headings(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    for slot in &scene.geometry.table.columns {
        let sorted = slot.column == view.targets.table.column;
        let arrow = match view.targets.table.order {
            _ if !sorted => "",
            Order::Ascending => theme.glyphs.ascending,
            Order::Descending => theme.glyphs.descending,
        };
        let name = match slot.column {
            Column::Level if slot.width < 5 => "",
            column => column.heading(),
        };
        let heading = match slot.column {
            Column::History => match view.charts.scale_note() {
                Some(note) => format!("{name} {}, {note}", length_drawn(snapshot)),
                None => format!("{name} over {}", length_drawn(snapshot)),
            },
            Column::Delta => format!("{}{arrow}", delta::heading(slot.width - 1, snapshot, view)),
            Column::Name => format!("{}{arrow}", name_heading(scene, slot.width - 1)),
            _ => format!("{name}{arrow}"),
        };
        let legends = match slot.column {
            Column::History => theme.glyphs.bars_in_words(),
            _ => Vec::new(),
        };
        let mut explained = legends.iter().map(|legend| format!("{heading} {legend}"));
        let fitting = explained.find(|heading| text::width(heading) <= slot.width);
        let heading = fitting.unwrap_or(heading);
        let style = theme.style(if sorted { Role::Accent } else { Role::Heading });
        text::put_cell(buf, area, slot.x, 0, slot.width, slot.column.align(), &heading, style);
    }
}

/// Which rows are seen, where that is not all of them, and the filter: `target 12-40/10000`, `target 3/20 /api`.
fn name_heading(scene: Scene, width: usize) -> String {
    let Scene { snapshot, view, .. } = scene;
    let shown = view.targets.table.rows.len();
    let visible = scene.geometry.table.visible();
    let first = view.targets.table.first + 1;
    let last = (view.targets.table.first + visible).min(shown);
    let rows = match (shown > visible, view.targets.filter.is_empty()) {
        (true, _) => format!("{first}-{last}/{shown}"),
        (false, false) => format!("{shown}/{}", snapshot.targets.len()),
        (false, true) => String::new(),
    };
    let filter = if view.targets.filter.is_empty() {
        String::new()
    } else {
        format!("/{}", view.targets.filter.applied())
    };
    let parts: Vec<_> = ["target", &rows, &filter]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let heading = parts.join(" ");
    // The position says more than the name of the column.
    if text::width(&heading) <= width {
        heading
    } else {
        text::cut_end(&parts[1..].join(" "), width)
    }
}

fn cell(row: Rect, buf: &mut Buffer, slot: Slot, target: &TargetSnapshot, theme: &Theme) {
    let Slot { column, x, width } = slot;
    let (text, role) = match column {
        Column::Scale => (scale_words(target), Role::Dim),
        column => column.cell(target, width, &theme.glyphs),
    };
    text::put_cell(buf, row, x, 0, width, column.align(), &text, theme.style(role));
}

/// The course of a target; that of one that is probed less often than once a step holds each point until the next is due.
fn held<'a>(target: &'a TargetSnapshot, snapshot: &Snapshot) -> Cow<'a, [Point]> {
    let steps = course::steps_between(target.info.interval, snapshot);
    if steps <= 1 {
        return Cow::Borrowed(&target.series);
    }
    let measured: Vec<_> = target
        .series
        .iter()
        .map(|point| Some(*point).filter(|point| point.attempts > 0))
        .collect();
    let held = course::held(&measured, steps).into_iter();
    Cow::Owned(held.map(Option::unwrap_or_default).collect())
}

/// What the sparkline is of.
fn values(target: &TargetSnapshot) -> impl Iterator<Item = Micros> + Clone {
    let limits = target.limits;
    target.series.iter().filter_map(move |point| limits.figure(point))
}

/// The least and the greatest of what the sparkline shows: `22.7…476ms`.
fn scale_words(target: &TargetSnapshot) -> String {
    let Some((least, most)) = values(target).min().zip(values(target).max()) else {
        return String::new();
    };
    let (least, most) = (format::latency(Some(least)), format::latency(Some(most)));
    let unit = |words: &str| {
        words
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .to_owned()
    };
    let least = match least.strip_suffix(&unit(&most)) {
        Some(number) if unit(&least) == unit(&most) => number.to_owned(),
        _ => least,
    };
    format!("{least}…{most}")
}

/// From this width on a sparkline has a column behind it for the tick at its limit.
const TICK_FROM: usize = 12;

/// Columns of a sparkline that show steps.
fn drawn_width(width: usize) -> usize {
    if width < TICK_FROM { width } else { width - 1 }
}

/// The course of what is held against the limits, and at its end where the lowest of them lies.
fn history(
    area: Rect,
    buf: &mut Buffer,
    (target, points): (&TargetSnapshot, &[Point]),
    axis: Option<LogAxis>,
    timeline: Timeline,
    theme: &Theme,
) {
    let drawn = text::columns(area, 0, timeline.columns());
    let sparkline = Sparkline {
        marks: (0..timeline.columns()).map(|column| mark(timeline.points(points, column), axis, &target.limits)),
        style: theme.style(Role::Bar),
        theme,
    };
    sparkline.render(drawn, buf);
    lap::over(drawn, buf, timeline);
    let lowest = target.limits.set().next_back();
    let tick = lowest
        .zip(axis)
        .map(|((level, limit), axis)| (level, axis.height(f64::from(limit.0))));
    if let Some((level, height)) = tick.filter(|(_, height)| (0.0..=1.0).contains(height))
        && area.width > drawn.width
    {
        vertical::tick(text::columns(area, timeline.columns(), 1), buf, level, height, theme);
    }
}

/// One column of steps: the worst of them, in the style of its level; failed where half of the probes did.
fn mark(points: &[Point], axis: Option<LogAxis>, limits: &LatencyLimits) -> Mark {
    let count = |of: fn(&Point) -> u32| points.iter().map(|point| u64::from(of(point))).sum::<u64>();
    let (attempts, failed) = (count(|point| point.attempts), count(|point| point.failed));
    let worst = points.iter().filter_map(|point| limits.figure(point)).max();
    if attempts > 0 && failed * 2 >= attempts {
        return Mark::Failed;
    }
    let Some((worst, axis)) = worst.zip(axis) else {
        return Mark::Gap;
    };
    let height = axis.height(f64::from(worst.0.max(1)));
    match limits.level(worst) {
        _ if height > 1.0 + 1e-9 => Mark::Above,
        _ if failed > 0 => Mark::Tinted(height, Role::Failure),
        Level::Ok | Level::Unknown => Mark::Bar(height),
        level @ (Level::Warning | Level::Critical) => Mark::Tinted(height, level.into()),
    }
}

fn nothing(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
    let lines: &[&str] = if snapshot.targets.is_empty() {
        &[
            "No targets yet.",
            "d lists what listens on this machine, to be watched at once.",
            "Name them on the command line: probetop localhost:8080 tcp://db:5432",
            "or write a configuration with: probetop init",
            "or look at the built-in service: probetop demo",
        ]
    } else {
        &[
            "No target matches the filter.",
            "Press / to change it, esc to clear it.",
        ]
    };
    super::empty(area, buf, lines, theme);
}
