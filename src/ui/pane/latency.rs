//! The course of one target: p50, p95 and p99 over the time axis, on a logarithmic scale, with rows of failures and marks below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::Micros;
use crate::snapshot::{Point, Snapshot, TargetSnapshot};
use crate::ui::format;
use crate::ui::pane::{load, marks, spans};
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::chart::{self, Line};
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::text;
use crate::ui::widget::timeline::{self, Timeline};

/// Columns for the labels of the vertical axis.
const LABELS: usize = 6;

/// Rows from which on one is given to the load, and one to the marks.
const LOAD_FROM: usize = 7;
const MARKS_FROM: usize = 7;

/// The three lines: name, role, letter, value.
type Quantile = fn(&Point) -> Option<Micros>;
const LINES: [(&str, Role, &str, Quantile); 3] = [
    ("p99", Role::Series3, "9", |point| point.p99),
    ("p95", Role::Series2, "5", |point| point.p95),
    ("p50", Role::Series1, "o", |point| point.p50),
];

/// Draws a heading, the chart and, below it, where probes failed, the marks there are and, where a generator tells it, the load.
pub fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    if area.height < 4 || area.width < 20 {
        return;
    }
    heading(text::rows(area, 0, 1), buf, target, snapshot, theme);
    let mut height = usize::from(area.height);
    if height >= LOAD_FROM && load::has_course(snapshot) {
        height -= 1;
        load::render(text::rows(area, height, 1), buf, LABELS + 2, snapshot, view, theme);
    }
    let marks_row = (height >= MARKS_FROM && marks::is_any(snapshot)).then(|| {
        height -= 1;
        text::rows(area, height, 1)
    });
    let spans_row = (height >= MARKS_FROM && spans::is_any(snapshot, view)).then(|| {
        height -= 1;
        text::rows(area, height, 1)
    });
    let plot = text::columns(
        text::rows(area, 1, height - 2),
        LABELS + 2,
        usize::from(area.width) - LABELS - 2,
    );
    let (dots, _) = chart::dots(theme.pen);
    let columns = usize::from(plot.width) * dots;
    let timeline = Timeline::new(columns, snapshot.axis.points(), snapshot.axis_end, view.motion);
    if let Some(row) = marks_row {
        marks::render(row, buf, LABELS + 2, timeline, dots, snapshot, theme);
    }
    if let Some(row) = spans_row {
        spans::render(row, buf, LABELS + 2, timeline, dots, (snapshot, view), theme);
    }
    let points = |column| match timeline.steps(column) {
        Some(steps) => timeline::within(&target.series, snapshot.axis_end, steps),
        None => &[],
    };
    match axis(&target.series) {
        Some(axis) => {
            labels(text::rows(area, 1, height - 2), buf, axis, theme);
            chart::render(buf, plot, &lines(axis, columns, points, theme), theme.pen);
        }
        None => super::empty(
            text::rows(area, 1, height - 2),
            buf,
            &["No successful probe on this time axis."],
            theme,
        ),
    }
    let failures = text::rows(area, height - 1, 1);
    text::put(buf, failures, 0, 0, "failed", theme.style(Role::Dim));
    for x in 0..usize::from(plot.width) {
        let mut points = (x * dots..(x + 1) * dots).flat_map(points);
        if points.any(|point| point.failed > 0) {
            text::put(
                buf,
                failures,
                LABELS + 2 + x,
                0,
                theme.glyphs.failed,
                theme.style(Role::Failure),
            );
        }
    }
}

/// The worst value of the steps that share a column, line by line.
fn lines<'a>(axis: LogAxis, columns: usize, points: impl Fn(usize) -> &'a [Point], theme: &Theme) -> [Line; 3] {
    LINES.map(|(_, role, letter, value)| Line {
        heights: (0..columns)
            .map(|column| points(column).iter().filter_map(value).max())
            .map(|worst| worst.map(|worst| axis.position(f64::from(worst.0))))
            .collect(),
        style: theme.style(role),
        letter,
    })
}

fn heading(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, theme: &Theme) {
    let name = text::cut_middle(target.info.name.as_str(), usize::from(area.width).saturating_sub(40));
    let title = format!("{name} latency over {}", snapshot.axis.name());
    let legend = LINES.iter().rev().map(|(label, role, letter, _)| {
        let label = match theme.pen {
            Pen::Dots => (*label).into(),
            Pen::Letters => format!("{label}={letter}"),
        };
        (label, theme.style(*role))
    });
    super::heading_with(area, buf, &title, legend, theme);
}

/// From the least p50 to the greatest p99 on the axis, rounded to steps so that the scale stands still.
fn axis(series: &[Point]) -> Option<LogAxis> {
    let low = series.iter().filter_map(|point| point.p50).min()?;
    let high = series
        .iter()
        .filter_map(|point| point.p99.or(point.p95).or(point.p50))
        .max()?;
    Some(LogAxis::around(f64::from(low.0.max(1)), f64::from(high.0.max(1))))
}

fn labels(area: Rect, buf: &mut Buffer, axis: LogAxis, theme: &Theme) {
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
