//! The figure that the chosen row is about, over time, with what it is held against.
//!
//! ```text
//!  p95(10s) over 2m  warning 250ms critical 350ms ──────
//!  500ms │             ⡠⠒⠢⡀
//!  350ms │┅ critical ┅┅⡇┅┅┅⢣┅┅┅┅┅┅┅┅┅┅┅┅
//!  250ms │┄ warning ┄┄⢠⠃┄┄┄⠈⡆┄┄┄┄┄┄┄┄┄┄┄
//!      0 │⠤⠤⠤⠤⠤⠤⠤⠤⠔⠁     ⠈⠒⠤⠤⠤
//!         │12:03       │12:04      now
//! ```

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{FigureCourse, FigureLine, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::frame::LABELS;
use super::{cursor, lap, times, vertical};
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::view::{Shown, View, length_drawn, step_at};
use crate::ui::widget::chart::{self, Chart, Line};
use crate::ui::widget::plot::{DOTS, Plot};
use crate::ui::widget::{scale, text};

/// Rows of one chart: heading, times, and a plot that is worth looking at.
const LEAST: usize = 6;

/// Draws a chart for each course, one below the other, as far as there is room. A line goes through the second at which what
/// it is about began.
pub(super) fn render(shown: &Shown, area: Rect, buf: &mut Buffer, (snapshot, view, theme): (&Snapshot, &View, &Theme)) {
    let courses = shown.evidence.as_ref().map_or(&[][..], |evidence| &evidence.courses);
    let room = usize::from(area.height);
    let count = courses.len().min((room / LEAST).max(1));
    for (number, course) in courses.iter().take(count).enumerate() {
        let rows = room / count;
        let area = text::rows(area, number * rows, rows);
        Graph::new(area, course, shown.began, (snapshot, view, theme)).render(buf);
    }
}

/// One chart, placed.
struct Graph<'a> {
    course: &'a FigureCourse,
    heading: Rect,
    labels: Rect,
    plot: Plot,
    times: Rect,
    /// What the uppermost row stands for.
    top: f64,
    began: Option<Timestamp>,
    snapshot: &'a Snapshot,
    view: &'a View,
    theme: &'a Theme,
}

impl<'a> Graph<'a> {
    fn new(
        area: Rect,
        course: &'a FigureCourse,
        began: Option<Timestamp>,
        (snapshot, view, theme): (&'a Snapshot, &'a View, &'a Theme),
    ) -> Self {
        let body = text::rows(area, 1, usize::from(area.height).saturating_sub(2));
        let from = LABELS + 2;
        let width = usize::from(area.width).saturating_sub(from);
        let timeline = view.charts.timeline(width * DOTS, DOTS, snapshot);
        let known = course.points.iter().flatten().map(|value| f64::from(*value));
        let lines = course.lines.iter().map(|line| line.value);
        let greatest = known.chain(lines).max_by(f64::total_cmp).unwrap_or_default();
        Self {
            course,
            heading: text::rows(area, 0, 1),
            labels: text::columns(body, 0, from),
            plot: Plot::over(text::columns(body, from, width), timeline),
            times: text::rows(area, usize::from(area.height).saturating_sub(1), 1),
            top: scale::round_up(greatest),
            began,
            snapshot,
            view,
            theme,
        }
    }

    fn render(&self, buf: &mut Buffer) {
        self.head(buf);
        let lines = [self.line()];
        let pen = self.theme.pen;
        Chart { lines: &lines, pen }.render(self.plot.area, buf);
        self.scale(buf);
        self.beginning(buf);
        lap::render(self.plot.area, buf, self.plot);
        cursor::render(self.plot.area, buf, self.plot, self.snapshot, self.view, self.theme);
        times::render(self.times, buf, self.plot, self.snapshot, self.view, self.theme);
    }

    /// What it is, over which time, and each line with its value.
    fn head(&self, buf: &mut Buffer) {
        let words = format!("{} over {}", self.course.name, length_drawn(self.snapshot));
        let legend = self.course.lines.iter().map(|line| {
            let words = format!("{} {}", line.name, self.course.unit.show(line.value));
            (words, self.style(line))
        });
        super::heading_with(self.heading, buf, &words, legend, self.theme);
    }

    fn style(&self, line: &FigureLine) -> ratatui::style::Style {
        vertical::thin(line.level, self.theme)
    }

    fn row(&self, value: f64) -> usize {
        chart::row((value / self.top).clamp(0.0, 1.0), usize::from(self.plot.area.height))
    }

    /// The greatest value of each column.
    fn line(&self) -> Line {
        let (per_cell, _) = chart::dots(self.theme.pen);
        let height = |column: usize| {
            let points = match self.theme.pen {
                Pen::Dots => self.plot.timeline.points(&self.course.points, column),
                Pen::Letters => self.plot.points(&self.course.points, column),
            };
            let greatest = points.iter().flatten().copied().max_by(f32::total_cmp)?;
            Some((f64::from(greatest) / self.top).clamp(0.0, 1.0))
        };
        Line {
            heights: (0..self.plot.width() * per_cell).map(height).collect(),
            style: self.theme.style(Role::Series2),
            letter: "*",
            joined: true,
        }
    }

    /// Labels at the left, and what the figure is held against behind it, with names where there is room.
    fn scale(&self, buf: &mut Buffer) {
        let theme = self.theme;
        let rows = usize::from(self.plot.area.height);
        for y in 0..rows {
            text::put(
                buf,
                self.labels,
                LABELS + 1,
                y,
                theme.glyphs.vertical,
                theme.style(Role::Rule),
            );
        }
        let mut taken: Vec<usize> = Vec::new();
        for line in self.course.lines.iter().rev() {
            let y = self.row(line.value);
            if taken.contains(&y) {
                continue;
            }
            taken.push(y);
            self.label(buf, y, line.value, self.style(line));
            let name = format!(" {} ", line.name);
            let row = text::rows(self.plot.area, y, 1);
            vertical::line(row, buf, vertical::limit_glyph(line.level, theme), self.style(line));
            text::put(buf, row, 1, 0, &name, self.style(line));
        }
        for value in [self.top, self.top / 2.0, 0.0] {
            let y = self.row(value);
            if taken.iter().all(|taken| taken.abs_diff(y) > 1) {
                taken.push(y);
                self.label(buf, y, value, theme.style(Role::Dim));
            }
        }
    }

    /// Where nothing else is drawn.
    fn beginning(&self, buf: &mut Buffer) {
        let step = self.began.and_then(|at| step_at(at.second(), self.snapshot.axis));
        let Some(cell) = step.and_then(|step| self.plot.cell_of(step)) else {
            return;
        };
        for y in 0..usize::from(self.plot.area.height) {
            let place = text::columns(text::rows(self.plot.area, y, 1), cell, 1);
            vertical::line(place, buf, self.theme.glyphs.vertical, self.theme.style(Role::Accent));
        }
    }

    fn label(&self, buf: &mut Buffer, y: usize, value: f64, style: ratatui::style::Style) {
        let words = match value {
            0.0 => "0".to_owned(),
            value => self.course.unit.show(value).replace(' ', ""),
        };
        let words = text::cut_end(&words, LABELS);
        text::put_cell(buf, self.labels, 0, y, LABELS, text::Align::Right, &words, style);
    }
}
