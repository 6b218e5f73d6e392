//! The course of one target: its latencies over the time axis, on a logarithmic scale with the limits they are held against, and
//! rows of failures, marks and times below.

mod series;
pub mod together;

use probetop_core::sample::Micros;
use probetop_core::snapshot::{Axis, Course, LatencyLimits, Point, Scope, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget as _;

use self::series::Series;
use super::frame::{self, Frame};
use super::vertical::{self, Vertical};
use super::{Scene, cursor, failures, heat, lap};
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::view::{ChartForm, Pane, View, length_drawn};
use crate::ui::widget::chart::{Chart, Line};
use crate::ui::widget::plot::{DOTS, Plot};
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::text;

/// The three percentiles: name, role, letter, value.
pub(super) type Quantile = fn(&Point) -> Option<Micros>;
pub(super) const LINES: [(&str, Role, &str, Quantile); 3] = [
    ("p99", Role::Series3, "9", |point| point.p99),
    ("p95", Role::Series2, "5", |point| point.p95),
    ("p50", Role::Series1, "o", |point| point.p50),
];

/// Draws a heading, the chart and, below it, where probes failed, the marks there are, the load where a generator tells it,
/// and what time it was.
pub fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    if view.charts.form == ChartForm::Heat {
        return heat::of_target(area, buf, target, snapshot, view, theme);
    }
    let Some(frame) = Frame::new(area, frame::gutter(area), snapshot, view) else {
        return;
    };
    let plot = frame.axis(DOTS, snapshot, view);
    let series = drawn(&target.series, plot, snapshot.axis, theme);
    heading(frame.heading, buf, target, &series, snapshot, view, theme);
    frame.below(buf, plot, snapshot, view, theme);
    match view.charts.axis_of_lines(&target.series, &target.limits, snapshot) {
        Some(axis) => {
            let vertical = Vertical {
                axis,
                limits: target.limits,
            };
            vertical.labels(frame.labels, buf, theme);
            let lines = lines(&series, axis, plot, theme);
            Chart {
                lines: &lines,
                pen: theme.pen,
            }
            .render(frame.plot, buf);
            for x in 0..plot.width() {
                let points = plot.points(&target.series, x);
                beyond(text::columns(frame.plot, x, 1), buf, axis, points, theme);
            }
            vertical.lines(frame.plot, buf, theme);
            vertical.names(frame.plot, buf, theme);
            let looked_at = view.cursor_step(snapshot).unwrap_or(snapshot.axis_end);
            let rows = usize::from(frame.plot.height);
            let ends = series.iter().filter_map(|series| {
                let value = series.at(plot, looked_at)?;
                let y = vertical::row(axis, f64::from(value.0), rows);
                Some((series.short?, series.role, y))
            });
            frame.name_lines(buf, ends, theme);
        }
        None => super::empty(
            frame.labels.union(frame.plot),
            buf,
            &["No successful probe on this time axis."],
            theme,
        ),
    }
    failures::render(&frame, buf, plot, &target.series, theme);
    lap::render(plot.area, buf, plot);
    cursor::render(plot.area, buf, plot, snapshot, view, theme);
}

/// The chart of the overview: of the chosen target, or of several that are marked to be drawn together.
pub fn of_overview(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    match is_together(view, snapshot) {
        true => together::render(area, buf, &view.drawn_together(snapshot), snapshot, view, theme),
        false => render(area, buf, target, snapshot, view, theme),
    }
}

/// Whether the chart that is shown is one of several targets.
fn is_together(view: &View, snapshot: &Snapshot) -> bool {
    let is_lines = view.charts.form == ChartForm::Lines;
    view.pages.shown == Pane::Overview && is_lines && !view.drawn_together(snapshot).is_empty()
}

/// The cells that the time axis of the chart lies over, from its first row to the failures below it.
pub fn plot(area: Rect, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    match view.charts.form {
        ChartForm::Heat => heat::plot_of(area, snapshot, view),
        ChartForm::Lines => {
            let gutter = match is_together(view, snapshot) {
                true => together::gutter(area),
                false => frame::gutter(area),
            };
            Some(Frame::new(area, gutter, snapshot, view)?.axis(DOTS, snapshot, view))
        }
    }
}

/// What is drawn of the points; `axis` says how long a step of theirs is.
pub(super) fn drawn(points: &[Point], plot: Plot, axis: Axis, theme: &Theme) -> Vec<Series> {
    let is_coarse = plot.timeline.is_coarse() || axis.step().as_secs() > 1;
    series::of(points, is_coarse, theme)
}

pub(super) fn lines(series: &[Series], axis: LogAxis, plot: Plot, theme: &Theme) -> Vec<Line> {
    series.iter().map(|series| series.line(axis, plot, theme)).collect()
}

/// What the latencies of a course are held against: those of many targets against nothing.
pub(super) fn limits_of(course: &Course, snapshot: &Snapshot) -> LatencyLimits {
    match course.scope {
        Scope::All => LatencyLimits::default(),
        Scope::Target(id) => snapshot.target(id).map(|target| target.limits).unwrap_or_default(),
    }
}

/// Arrows at the ends of a column for what the axis does not hold, in the style of the line that leaves it first.
fn beyond(column: Rect, buf: &mut Buffer, axis: LogAxis, points: &[Point], theme: &Theme) {
    let values = |value: Quantile| points.iter().filter_map(value).map(|value| f64::from(value.0));
    let above = LINES
        .iter()
        .rev()
        .find(|line| values(line.3).any(|value| value > axis.high));
    if let Some((_, role, ..)) = above {
        text::put(buf, column, 0, 0, theme.glyphs.ascending, theme.style(*role));
    }
    let below = LINES.iter().find(|line| values(line.3).any(|value| value < axis.low));
    if let Some((_, role, ..)) = below {
        let bottom = usize::from(column.height).saturating_sub(1);
        text::put(buf, column, 0, bottom, theme.glyphs.descending, theme.style(*role));
    }
}

/// What is drawn, by name, and in which style.
pub(super) fn legend(series: &[Series], theme: &Theme) -> Vec<(String, Style)> {
    let named = series.iter().rev().filter(|series| !series.name.is_empty());
    let words = named.map(|series| {
        let words = match theme.pen {
            Pen::Dots => series.name.clone(),
            Pen::Letters => format!("{}={}", series.name, series.letter()),
        };
        (words, theme.style(series.role))
    });
    words.collect()
}

fn heading(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    series: &[Series],
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let mut notes = legend(series, theme);
    notes.extend(vertical::legend(&target.limits, theme));
    if let Some(note) = view.charts.scale_note() {
        notes.push((note.into(), theme.style(Role::Accent)));
    }
    let over = format!(" latency over {}", length_drawn(snapshot));
    let room = usize::from(area.width).saturating_sub(text::width(&over));
    // What says least for its room comes last, and gives way first.
    let width = |notes: &[(String, Style)]| notes.iter().map(|(words, _)| text::width(words) + 1).sum::<usize>();
    while !notes.is_empty() && width(&notes) + text::width(target.info.name.as_str()).min(NAME_LEAST) > room {
        notes.pop();
    }
    let name = text::cut_middle(target.info.name.as_str(), room.saturating_sub(width(&notes)));
    super::heading_with(area, buf, &format!("{name}{over}"), notes.into_iter(), theme);
}

/// Columns of the target's name that stay when a heading gets narrow.
const NAME_LEAST: usize = 12;
