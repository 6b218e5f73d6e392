//! The course of one target: p50, p95 and p99 over the time axis, on a logarithmic scale, with rows of failures and marks below.

use probetop_core::sample::Micros;
use probetop_core::snapshot::{Point, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::pane::frame::{Frame, LABELS};
use crate::ui::pane::{cursor, heat};
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::view::{ChartForm, View};
use crate::ui::widget::chart::{self, Chart, Line};
use crate::ui::widget::plot::{DOTS, Plot};
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::text;

/// The three lines: name, role, letter, value.
pub(super) type Quantile = fn(&Point) -> Option<Micros>;
pub(super) const LINES: [(&str, Role, &str, Quantile); 3] = [
    ("p99", Role::Series3, "9", |point| point.p99),
    ("p95", Role::Series2, "5", |point| point.p95),
    ("p50", Role::Series1, "o", |point| point.p50),
];

/// Draws a heading, the chart and, below it, where probes failed, the marks there are and, where a generator tells it, the load.
pub fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    if view.charts.form == ChartForm::Heat {
        return heat::of_target(area, buf, target, snapshot, view, theme);
    }
    let Some(frame) = Frame::new(area, 0, snapshot, view) else {
        return;
    };
    heading(frame.heading, buf, target, snapshot, view, theme);
    let plot = frame.axis(DOTS, snapshot, view);
    frame.below(buf, plot, snapshot, view, theme);
    match view.charts.axis_of_lines(&target.series, snapshot) {
        Some(axis) => {
            labels(frame.labels, buf, axis, theme);
            let lines = lines(axis, plot, &target.series, theme);
            Chart {
                lines: &lines,
                pen: theme.pen,
            }
            .render(frame.plot, buf);
            for x in 0..plot.width() {
                let points = plot.points(&target.series, x);
                beyond(text::columns(frame.plot, x, 1), buf, axis, points, theme);
            }
        }
        None => super::empty(
            frame.labels.union(frame.plot),
            buf,
            &["No successful probe on this time axis."],
            theme,
        ),
    }
    text::put(buf, frame.failures, 0, 0, "failed", theme.style(Role::Dim));
    for x in 0..plot.width() {
        let points = plot.points(&target.series, x);
        if points.iter().any(|point| point.failed > 0) {
            let style = theme.style(Role::Failure);
            text::put(buf, frame.failures_plot(), x, 0, theme.glyphs.failed, style);
        }
    }
    cursor::render(plot.area, buf, plot, snapshot, view, theme);
}

/// The cells that the time axis of the chart lies over, from its first row to the failures below it.
pub fn plot(area: Rect, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    match view.charts.form {
        ChartForm::Heat => heat::plot_of(area, snapshot, view),
        ChartForm::Lines => Some(Frame::new(area, 0, snapshot, view)?.axis(DOTS, snapshot, view)),
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

/// The worst value of the steps that share a column of dots, or where letters are drawn a cell, line by line.
pub(super) fn lines(axis: LogAxis, plot: Plot, series: &[Point], theme: &Theme) -> [Line; 3] {
    let (dots, _) = chart::dots(theme.pen);
    let points = |column| match theme.pen {
        Pen::Dots => plot.timeline.points(series, column),
        Pen::Letters => plot.points(series, column),
    };
    LINES.map(|(_, role, letter, value)| Line {
        heights: (0..plot.width() * dots)
            .map(|column| points(column).iter().filter_map(value).max())
            .map(|worst| worst.map(|worst| axis.position(f64::from(worst.0))))
            .collect(),
        style: theme.style(role),
        letter,
    })
}

fn heading(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let note = view.charts.scale_note();
    let taken = 40 + note.map_or(0, |note| note.len() + 1);
    let name = text::cut_middle(target.info.name.as_str(), usize::from(area.width).saturating_sub(taken));
    let title = format!("{name} latency over {}", snapshot.axis.name());
    let legend = LINES.iter().rev().map(|(label, role, letter, _)| {
        let label = match theme.pen {
            Pen::Dots => (*label).into(),
            Pen::Letters => format!("{label}={letter}"),
        };
        (label, theme.style(*role))
    });
    let note = note.map(|note| (note.into(), theme.style(Role::Accent)));
    super::heading_with(area, buf, &title, legend.chain(note), theme);
}

pub(super) fn labels(area: Rect, buf: &mut Buffer, axis: LogAxis, theme: &Theme) {
    let rows = usize::from(area.height);
    for y in 0..rows {
        text::put(buf, area, LABELS + 1, y, theme.glyphs.vertical, theme.style(Role::Rule));
    }
    let mut free_from = rows;
    for tick in axis.ticks() {
        let from_below = (axis.position(tick) * (rows.saturating_sub(1)) as f64).round() as usize;
        let y = rows.saturating_sub(1).saturating_sub(from_below);
        // Two rows apart at least, so that labels read as a scale and not as a list.
        if free_from < rows && y + 2 > free_from {
            continue;
        }
        free_from = y;
        let label = format::latency_scale(tick);
        text::put_cell(
            buf,
            area,
            0,
            y,
            LABELS,
            text::Align::Right,
            &label,
            theme.style(Role::Dim),
        );
    }
}
