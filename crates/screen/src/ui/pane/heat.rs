//! How latencies are spread, step by step: time against latency, the shade of a cell says how many probes it stands for.
//!
//! ```text
//!  all targets latency over 2m  probes per cell up to: ░1 ▒2 ▓5 █10 ──────────
//!     1s │          ░░ ▒                                          │
//!        │ ░  ░   ░ ▒▒▓▒░      ░   ░ ░                            │ p99
//!  100ms │ ▓▓▓▒▓▓▓▓▓██▓▓▓▓▓▓▒▓▓▓▓▓▓▓▓▓                            │ p50
//! failed            ▂▃
//! ```
//! The row of each percentile of the step looked at is named at the right. Where colour alone tells the shades, the percentiles
//! of every step are lines in their own colours, cut out of the map.

use probetop_core::sample::Point;
use probetop_core::snapshot::{Course, Scope, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget as _;

use super::frame::{self, Frame};
use super::latency::{self, LINES};
use super::vertical::{self, Vertical};
use super::{cursor, failures, lap, timeline};
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::geometry::Placed;
use crate::ui::page::{About, AlertOf, Form, Need, Page, Past, Rows};
use crate::ui::theme::{Grain, Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::heat::{self, Band, Grid, Shades};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::text;
use crate::ui::widget::timeline::Timeline;

pub(crate) const PAGE: Page = Page {
    title: "Heat map",
    short_title: "Heat",
    action: Action::Heat,
    keys: &timeline::KEYS,
    about: About::Targets,
    rows: Rows::Lines,
    alert: AlertOf::Nobody,
    past: Past::Shown,
    needs: &[Need::Course],
    axis: Some(plot),
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts: |_, _, _| Placed::default(),
    render: |area, buf, scene| render(area, buf, scene.snapshot, scene.view, scene.theme),
};

/// Between the words of a heading.
const SPACE: usize = 1;

/// The cells that the pane's time axis lies over, from the first row of the map to the failures below it.
pub(crate) fn plot(body: Rect, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    plot_of(text::inset(body), snapshot, view)
}

/// The same of a map in the place of a target's chart.
pub(crate) fn plot_of(area: Rect, snapshot: &Snapshot, view: &View) -> Option<Plot> {
    let frame = Frame::new(area, frame::gutter(area), snapshot, view)?;
    Some(frame.axis(1, snapshot, view))
}

/// The whole pane: of all targets or of the chosen one.
pub(crate) fn render(body: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let area = text::inset(body);
    let Some(course) = snapshot.course.as_deref().filter(|course| !course.points.is_empty()) else {
        let lines: &[&str] = if snapshot.targets.is_empty() {
            &[
                "No targets yet.",
                "The map shows how their latencies are spread, second by second.",
            ]
        } else {
            &[
                "Nothing was measured yet.",
                "The map begins with the first second that is over.",
            ]
        };
        return super::empty(area, buf, lines, theme);
    };
    let whom = super::whom(course.scope, snapshot);
    Map {
        course,
        snapshot,
        view,
        theme,
    }
    .render(area, buf, whom);
}

/// In the place of a target's chart.
pub(crate) fn of_target(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let name = target.info.name.as_str();
    let is_of_target = |course: &&Course| course.scope == Scope::Target(target.info.id);
    match snapshot.course.as_deref().filter(is_of_target) {
        Some(course) => Map {
            course,
            snapshot,
            view,
            theme,
        }
        .render(area, buf, name),
        // It was asked for a moment ago.
        None => super::heading(
            text::rows(area, 0, 1),
            buf,
            &title(name, usize::from(area.width), snapshot),
            theme,
        ),
    }
}

/// Where there is little room it goes without saying that latency is meant.
fn title(whom: &str, room: usize, snapshot: &Snapshot) -> String {
    let over = format!(" over {}", length_drawn(snapshot));
    let is_roomy = text::width(whom) + text::width(&over) + text::width(" latency") <= room;
    let rest = if is_roomy { format!(" latency{over}") } else { over };
    let whom = text::cut_middle(whom, room.saturating_sub(text::width(&rest)));
    format!("{whom}{rest}")
}

/// A course on its way to the screen.
struct Map<'a> {
    course: &'a Course,
    snapshot: &'a Snapshot,
    view: &'a View,
    theme: &'a Theme,
}

impl Map<'_> {
    fn render(&self, area: Rect, buf: &mut Buffer, whom: &str) {
        let Some(frame) = Frame::new(area, frame::gutter(area), self.snapshot, self.view) else {
            return;
        };
        let plot = frame.axis(1, self.snapshot, self.view);
        frame.below(buf, plot, self.snapshot, self.view, self.theme);
        failures::render(&frame, buf, plot, &self.course.points, self.theme);
        self.shades(&frame, buf, plot.timeline, whom);
        lap::render(plot.area, buf, plot);
        cursor::render(plot.area, buf, plot, self.snapshot, self.view, self.theme);
    }

    fn shades(&self, frame: &Frame, buf: &mut Buffer, timeline: Timeline, whom: &str) {
        let limits = latency::limits_of(self.course, self.snapshot);
        let Some(axis) = self.view.charts.axis_of_heat(self.course, &limits, self.snapshot) else {
            self.heading(frame.heading, buf, whom, None);
            let lines = ["No successful probe on this time axis."];
            return super::empty(frame.labels.union(frame.plot), buf, &lines, self.theme);
        };
        let grid = self.grid(axis, timeline, usize::from(frame.plot.height));
        let shades = Shades::new(grid.most(), &self.theme.ramp);
        self.heading(frame.heading, buf, whom, Some(&shades));
        let vertical = Vertical { axis, limits };
        vertical.labels(frame.labels, buf, self.theme);
        let map = heat::Map {
            grid: &grid,
            shades: &shades,
            glyphs: &self.theme.glyphs,
        };
        map.render(frame.plot, buf);
        self.percentiles(frame, buf, axis, timeline);
        vertical.lines(frame.plot, buf, self.theme);
        vertical.names(frame.plot, buf, self.theme);
    }

    fn grid(&self, axis: LogAxis, timeline: Timeline, height: usize) -> Grid {
        let mut grid = Grid::new(axis, timeline.columns(), heat::rows(height, &self.theme.ramp));
        for column in 0..timeline.columns() {
            if column > 0 && timeline.steps(column) == timeline.steps(column - 1) {
                grid.repeat(column);
                continue;
            }
            for bucket in timeline.points(&self.course.spreads, column).iter().flatten() {
                let (low, high) = (f64::from(bucket.low.0), f64::from(bucket.high.0));
                grid.add(
                    column,
                    Band {
                        low,
                        high,
                        count: bucket.count,
                    },
                );
            }
        }
        grid
    }

    fn points(&self, timeline: Timeline, column: usize) -> &[Point] {
        timeline.points(&self.course.points, column)
    }

    /// Whose map it is, over which time, which line is which, and how many probes a shade stands for.
    fn heading(&self, area: Rect, buf: &mut Buffer, whom: &str, shades: Option<&Shades>) {
        let dim = self.theme.style(Role::Dim);
        let lines = LINES.iter().zip(self.theme.glyphs.lines).rev();
        let mut notes: Vec<(String, Style)> = lines
            .filter(|_| self.has_lines())
            .map(|((name, role, ..), line)| (format!("{line}{name}"), self.theme.style(*role)))
            .collect();
        notes.extend(vertical::legend(
            &latency::limits_of(self.course, self.snapshot),
            self.theme,
        ));
        if let Some(note) = self.view.charts.scale_note() {
            notes.push((note.into(), self.theme.style(Role::Accent)));
        }
        let width =
            |notes: &[(String, Style)]| notes.iter().map(|(words, _)| text::width(words) + SPACE).sum::<usize>();
        let room = usize::from(area.width);
        // A name gives way to the legend, but not all of it.
        let legend = shades.map(|shades| legend(shades, dim, room.saturating_sub(width(&notes) + 32)));
        notes.extend(legend.into_iter().flatten());
        let title = title(whom, room.saturating_sub(width(&notes)), self.snapshot);
        super::heading_with(area, buf, &title, notes.into_iter(), self.theme);
    }

    /// Lines would hide shades that characters tell.
    fn has_lines(&self) -> bool {
        self.theme.ramp.grain == Grain::Halves
    }

    /// The percentiles of the step looked at beside the map, and where the map shows behind them, of every step.
    fn percentiles(&self, frame: &Frame, buf: &mut Buffer, axis: LogAxis, timeline: Timeline) {
        let height = usize::from(frame.plot.height);
        let row = |value: f64| {
            let from_below = (axis.position(value) * height as f64) as usize;
            height.saturating_sub(1).saturating_sub(from_below)
        };
        let columns = if self.has_lines() { timeline.columns() } else { 0 };
        for column in 0..columns {
            for ((_, role, _, value), line) in LINES.into_iter().zip(self.theme.glyphs.lines) {
                let worst = self.points(timeline, column).iter().filter_map(value).max();
                let Some(worst) = worst.map(|worst| f64::from(worst.0)) else {
                    continue;
                };
                if (axis.low..=axis.high).contains(&worst) {
                    heat::cut(buf, frame.plot, (column, row(worst)), line, self.theme.style(role));
                }
            }
        }
        let looked_at = self.view.cursor_step(self.snapshot).unwrap_or(self.snapshot.axis_end);
        let until = timeline.within(&self.course.points, 0..looked_at.saturating_add(1));
        let Some(newest) = until.iter().rev().find(|point| point.p50.is_some()) else {
            return;
        };
        let ends = LINES.into_iter().filter_map(|(name, role, _, value)| {
            let value = value(newest)?;
            Some((name, role, row(f64::from(value.0))))
        });
        frame.name_lines(buf, ends, self.theme);
    }
}

/// As many shades with their counts as there is room for, the greatest always: `probes per cell up to ░1 ▒2 ▓5 █10`; where there
/// is little room the title is shorter.
fn legend(shades: &Shades, dim: Style, room: usize) -> Vec<(String, Style)> {
    let all: Vec<_> = shades.legend().collect();
    let every = |title: &'static str, stride: usize| {
        let entries = all.iter().rev().step_by(stride).collect::<Vec<_>>().into_iter().rev();
        let shown =
            entries.map(|(shade, limit)| (format!("{}{}", shade.glyph, format::number_of(*limit)), shade.style));
        std::iter::once((title.to_owned(), dim))
            .chain(shown)
            .collect::<Vec<_>>()
    };
    let fits = |notes: &Vec<(String, Style)>| {
        let width: usize = notes.iter().map(|(words, _)| text::width(words) + SPACE).sum();
        width <= room
    };
    let titles = ["probes per cell up to", "probes up to"];
    let strides = (1..=all.len()).flat_map(|stride| titles.map(|title| (title, stride)));
    strides
        .map(|(title, stride)| every(title, stride))
        .find(fits)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{Depth, Glyphs};

    #[test]
    fn a_legend_gives_up_shades_and_keeps_the_greatest() {
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
        let check = |most, room, expected: &str| {
            let notes = legend(&Shades::new(most, &theme.ramp), Style::default(), room);
            let words: Vec<_> = notes.into_iter().map(|(words, _)| words).collect();
            assert_eq!(words.join(" "), expected, "{room}");
        };
        check(17, 40, "probes per cell up to ·1 ░2 ▒5 ▓10 █20");
        check(17, 34, "probes up to ·1 ░2 ▒5 ▓10 █20");
        check(17, 29, "probes up to ·1 ▒5 █20");
        check(17, 20, "probes up to ░2 █20".split_at(0).1);
        check(17, 17, "probes up to █20");
        check(17, 16, "");
        check(0, 40, "probes per cell up to ▒1");
        check(2_000_000, 28, "probes up to ░200k █2.0M");
    }

    #[test]
    fn a_title_gives_up_words_before_the_name() {
        let mut snapshot = Snapshot::empty(std::time::SystemTime::UNIX_EPOCH);
        snapshot.axis_end = 120;
        let check = |room, expected: &str| assert_eq!(title("checkout-eu", room, &snapshot), expected);
        check(40, "checkout-eu latency over 2m");
        check(27, "checkout-eu latency over 2m");
        check(26, "checkout-eu over 2m");
        check(15, "che…-eu over 2m");
    }
}
