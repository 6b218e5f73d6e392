//! Several targets in one chart: a line each, told apart by number, colour and the name at its end.
//!
//! Limits are drawn only where all of them have the same ones.

use probetop_core::sample::Micros;
use probetop_core::snapshot::{LatencyLimits, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget as _;

use super::series::{self, Series};
use crate::ui::pane::frame::Frame;
use crate::ui::pane::vertical::{self, Vertical};
use crate::ui::pane::{cursor, failures, lap};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Together, View, length_drawn};
use crate::ui::widget::chart::Chart;
use crate::ui::widget::plot::DOTS;
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::text;

/// Columns for the names at the ends of the lines, in charts at least so wide.
const GUTTER: usize = 12;
const GUTTER_FROM: u16 = 60;

/// The line of the chosen target, which has no number.
const CHOSEN: (&str, Role) = ("o", Role::Text);

/// What a line is called in a cell, and its role, by its number.
pub const NUMBERED: [(&str, Role); Together::MOST] = [
    ("1", Role::Series2),
    ("2", Role::Series1),
    ("3", Role::Series3),
    ("4", Role::Info),
];

/// Columns right of the plot.
pub fn gutter(area: Rect) -> usize {
    if area.width < GUTTER_FROM { 0 } else { GUTTER }
}

type Drawn<'a> = (Option<usize>, &'a TargetSnapshot);

/// Draws heading, lines and what stands below a chart, of targets with their numbers; one without is the chosen one.
pub fn render(area: Rect, buf: &mut Buffer, drawn: &[Drawn], snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(frame) = Frame::new(area, gutter(area), snapshot, view) else {
        return;
    };
    let plot = frame.axis(DOTS, snapshot, view);
    let limits = shared_limits(drawn);
    heading(frame.heading, buf, drawn, &limits, snapshot, view, theme);
    frame.below(buf, plot, snapshot, view, theme);
    let all = drawn.iter().map(|(_, target)| &*target.series);
    if let Some(axis) = view.charts.axis_of_all(all, &limits, snapshot) {
        let vertical = Vertical { axis, limits };
        vertical.labels(frame.labels, buf, theme);
        let series: Vec<_> = drawn.iter().map(|(number, target)| line_of(*number, target)).collect();
        let lines = super::lines(&series, axis, plot, theme);
        Chart {
            lines: &lines,
            pen: theme.pen,
        }
        .render(frame.plot, buf);
        vertical.lines(frame.plot, buf, theme);
        vertical.names(frame.plot, buf, theme);
        let looked_at = view.cursor_step(snapshot).unwrap_or(snapshot.axis_end);
        let newest: Vec<_> = series.iter().map(|series| series.at(plot, looked_at)).collect();
        names(&frame, buf, drawn, &newest, axis, theme);
    }
    if let Some((_, chosen)) = drawn.last() {
        failures::render(&frame, buf, plot, &chosen.series, theme);
    }
    lap::render(plot.area, buf, plot);
    cursor::render(plot.area, buf, plot, snapshot, view, theme);
}

fn line_of(number: Option<usize>, target: &TargetSnapshot) -> Series {
    let (name, role) = named(number);
    series::of_target(name, role, target)
}

fn named(number: Option<usize>) -> (&'static str, Role) {
    number
        .and_then(|number| NUMBERED.get(number).copied())
        .unwrap_or(CHOSEN)
}

/// What all of them are held against; nothing where one has other limits.
fn shared_limits(drawn: &[Drawn]) -> LatencyLimits {
    let mut all = drawn.iter().map(|(_, target)| target.limits);
    let Some(first) = all.next() else {
        return LatencyLimits::default();
    };
    match all.all(|limits| limits == first) {
        true => first,
        false => LatencyLimits::default(),
    }
}

/// The names beside the ends of the lines, from the top one on.
fn names(frame: &Frame, buf: &mut Buffer, drawn: &[Drawn], newest: &[Option<Micros>], axis: LogAxis, theme: &Theme) {
    let rows = usize::from(frame.plot.height);
    let room = usize::from(frame.gutter.width).saturating_sub(3);
    let end = |((number, target), newest): (&Drawn, &Option<Micros>)| {
        let (name, role) = named(*number);
        let words = format!("{name} {}", text::cut_end(target.info.name.as_str(), room));
        Some((words, role, vertical::row(axis, f64::from((*newest)?.0), rows)))
    };
    let mut ends: Vec<_> = drawn.iter().zip(newest).filter_map(end).collect();
    ends.sort_by_key(|(_, _, y)| *y);
    let ends = ends.iter().map(|(words, role, y)| (words.as_str(), *role, *y));
    frame.name_lines(buf, ends, theme);
}

/// `latency over 2m  1 checkout  2 login  o search`, and the limits where they are shared.
fn heading(
    area: Rect,
    buf: &mut Buffer,
    drawn: &[Drawn],
    limits: &LatencyLimits,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let mut notes: Vec<(String, Style)> = drawn
        .iter()
        .map(|(number, target)| {
            let (name, role) = named(*number);
            (format!("{name} {} ", target.info.name), theme.style(role))
        })
        .collect();
    notes.extend(vertical::legend(limits, theme));
    if let Some(note) = view.charts.scale_note() {
        notes.push((note.into(), theme.style(Role::Accent)));
    }
    let title = format!("p95 together over {} ", length_drawn(snapshot));
    super::super::heading_with(area, buf, &title, notes.into_iter(), theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_line_of_its_own() {
        let mut roles: Vec<_> = NUMBERED
            .iter()
            .map(|(_, role)| role.name())
            .chain([CHOSEN.1.name()])
            .collect();
        roles.sort_unstable();
        roles.dedup();
        assert_eq!(roles.len(), Together::MOST + 1);
    }
}
