//! What happened over the same seconds: lanes one below the other that share their columns, and one cursor through all.
//!
//! ```text
//!  all targets over 2m ─────────────────────────────────
//!  p99       140ms  200ms │⠤⠤⠤⠤⠤⠤⠒⠒⠒⠒⠒⠤⠤⠤
//!  p95       121ms        │
//!  p50       98ms    50ms │
//!  ✗ checkout       454ms │░░░░░▓▓███▓░░░
//!    search          21ms │░░░░░░░░░░░░░░
//!  alerts        1        │      ✗ checkout latency
//!  spans                  │     v━━━━━
//!  marks                  │   ▴ stage 2
//!  errors       0%   1.0% │      ▃▅▂
//!  cpu         34%   100% │▃▃▃▃▃▃▅▇▅▃▃▃▃▃
//!  steady   memory 41%   wait io 0%
//!                          12:03:30      ▴ 12:03:41
//! ```
//! The figures at the left are those of the cursor, or of the newest step. Lanes that do not fit are scrolled to.

mod lanes;
mod strips;
mod steady;
mod alerts;

use probetop_core::snapshot::{Course, Scope, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use self::lanes::{Bars, Figure, Lane};
use super::vertical::Vertical;
use super::{cursor, frame, lap, latency, marks, spans, times};
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::geometry::Placed;
use crate::ui::page::{About, AlertOf, Form, Need, Page, Past, Rows};
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::chart::Chart;
use crate::ui::widget::plot::{DOTS, Plot};
use crate::ui::widget::scroll;
use crate::ui::widget::sparkline::{Mark, Sparkline};
use crate::ui::widget::text::{self, Align};

pub(crate) const PAGE: Page = Page {
    title: "Timeline",
    short_title: "Time",
    action: Action::Timeline,
    keys: &KEYS,
    about: About::Targets,
    rows: Rows::Lines,
    alert: AlertOf::Nobody,
    past: Past::Shown,
    needs: &[Need::Course],
    axis: Some(|body, snapshot, view| Some(plot(body, snapshot, view))),
    form: Form::Fitted,
    measure: height,
    parts: |_, _, _| Placed::default(),
    render: |area, buf, scene| render(area, buf, scene.snapshot, scene.view, scene.theme),
};

/// Of the pages that have time as their axis.
pub(crate) const KEYS: [Action; 11] = [
    Action::Help,
    Action::Back,
    Action::GoThere,
    Action::StepBack,
    Action::Scope,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::PreviousMark,
    Action::Mark,
    Action::Span,
    Action::Export,
];

/// Columns of a lane's name and of its figure, with a free one after each.
const NAME: usize = 8;
const VALUE: usize = 7;
const GUTTER: usize = NAME + 1 + VALUE + 1;

/// Narrower than this there is no room for the scales beside the figures.
const SCALES_FROM: usize = 60;

/// Rows above the lanes and below them.
const HEADING: usize = 1;
const TIMES: usize = 1;

/// Rows that the pane needs for all of its lanes.
fn height(_width: usize, snapshot: &Snapshot, view: &View) -> usize {
    match &snapshot.course {
        Some(course) => HEADING + lanes::least(&lanes::lanes(course, snapshot, view)) + TIMES,
        None => 0,
    }
}

/// The cells that the time axis lies over, from the first lane to the times below the last.
pub(crate) fn plot(body: Rect, snapshot: &Snapshot, view: &View) -> Plot {
    let inner = text::inset(body);
    let left = GUTTER + scale_width(inner);
    let area = text::rows(inner, HEADING, usize::from(body.height).saturating_sub(HEADING));
    let area = text::columns(area, left, usize::from(inner.width).saturating_sub(left));
    let columns = usize::from(area.width) * DOTS;
    Plot::over(area, view.charts.timeline(columns, DOTS, snapshot))
}

pub(crate) fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(course) = &snapshot.course else {
        return super::empty(area, buf, &["Nothing was measured yet."], theme);
    };
    let plot = plot(area, snapshot, view);
    let inner = text::inset(area);
    heading(text::rows(inner, 0, HEADING), buf, course, snapshot, theme);
    let rows = usize::from(inner.height).saturating_sub(HEADING + TIMES);
    let lanes = lanes::lanes(course, snapshot, view);
    let lanes_area = text::rows(inner, HEADING, rows);
    let sheet = Sheet {
        plot,
        snapshot,
        view,
        theme,
    };
    let scrolled = scroll::Sheet {
        height: lanes::least(&lanes),
        offset: view.pages.offset(),
        draw: |area: Rect, buf: &mut Buffer| sheet.stack(area, buf, &lanes, course),
    };
    scrolled.render(lanes_area, buf);
    let left = usize::from(plot.area.x.saturating_sub(inner.x));
    lap::render(text::columns(lanes_area, left, plot.width()), buf, plot);
    cursor::render(text::rows(inner, HEADING, rows), buf, plot, snapshot, view, theme);
    times::render(
        text::rows(inner, HEADING + rows, TIMES),
        buf,
        plot,
        snapshot,
        view,
        theme,
    );
}

/// Columns for the scale and the line at its right.
fn scale_width(inner: Rect) -> usize {
    if usize::from(inner.width) < SCALES_FROM {
        0
    } else {
        frame::LABELS + 2
    }
}

/// Of whom, and over which time.
fn heading(area: Rect, buf: &mut Buffer, course: &Course, snapshot: &Snapshot, theme: &Theme) {
    let axis = length_drawn(snapshot);
    let whom = super::whom(course.scope, snapshot);
    let whom = text::cut_middle(whom, usize::from(area.width).saturating_sub(12));
    let letters = latency::LINES.iter().rev().filter(|_| theme.pen == Pen::Letters);
    let legend = letters.map(|(name, role, letter, _)| (format!("{name}={letter}"), theme.style(*role)));
    let shades = (course.scope == Scope::All).then(|| strips::legend(theme));
    let legend = shades.into_iter().flatten().chain(legend);
    super::heading_with(area, buf, &format!("{whom} over {axis}"), legend, theme);
}

/// What every lane is drawn with.
struct Sheet<'a> {
    plot: Plot,
    snapshot: &'a Snapshot,
    view: &'a View,
    theme: &'a Theme,
}

impl Sheet<'_> {
    /// The lanes one below the other.
    fn stack(&self, area: Rect, buf: &mut Buffer, lanes: &[Lane], course: &Course) {
        let heights = lanes::heights(lanes, usize::from(area.height));
        let mut y = 0;
        for (lane, height) in lanes.iter().zip(heights) {
            self.lane(text::rows(area, y, height), buf, lane, course);
            y += height;
        }
    }

    fn lane(&self, area: Rect, buf: &mut Buffer, lane: &Lane, course: &Course) {
        let scale = scale_width(area);
        if scale > 0 {
            for y in 0..usize::from(area.height) {
                let vertical = self.theme.glyphs.vertical;
                text::put(buf, area, GUTTER + scale - 1, y, vertical, self.theme.style(Role::Rule));
            }
        }
        let left = GUTTER + scale;
        let plot = text::columns(area, left, self.plot.width());
        match &lane.figure {
            Figure::Latency(_) => self.latency(area, plot, buf, course),
            Figure::Strip(target) => {
                let (place, of) = ((self.plot, self.step()), (*target, self.snapshot.axis));
                strips::render(area, buf, left, place, of, self.theme);
            }
            Figure::More(count) => {
                let words = format!("{count} more targets; / narrows");
                text::put(buf, area, 2, 0, &words, self.theme.style(Role::Dim));
            }
            Figure::Steady(bands) => {
                let value = |bars: &Bars| {
                    let shown = self.shown(&bars.history).copied().flatten();
                    bars.measure.words(shown.map(f64::from))
                };
                let words: Vec<_> = bands.iter().map(|(name, bars)| (*name, value(bars))).collect();
                text::put(buf, area, 0, 0, lane.name, self.theme.style(Role::Dim));
                steady::render(area, buf, NAME + 1, &words, self.theme);
            }
            Figure::Bars(bars) => {
                let bottom = usize::from(area.height).saturating_sub(1);
                let value = bars
                    .measure
                    .words(self.shown(&bars.history).copied().flatten().map(f64::from));
                self.words(text::rows(area, bottom, 1), buf, lane.name, Role::Dim, &value);
                self.scale(text::rows(area, 0, 1), buf, &bars.measure.words(Some(bars.top)));
                let sparkline = Sparkline {
                    marks: self.bars(bars, area.height),
                    style: self.theme.style(Role::Bar),
                    theme: self.theme,
                };
                sparkline.render(plot, buf);
            }
            Figure::Alerts => {
                let firing = alerts::firing(self.snapshot, self.step());
                let words = if firing == 0 { String::new() } else { firing.to_string() };
                self.words(area, buf, lane.name, Role::Dim, &words);
                alerts::render(plot, buf, self.plot, self.snapshot, self.theme);
            }
            Figure::Spans => spans::render(area, buf, left, self.plot, self.snapshot, self.view, self.theme),
            Figure::Marks => marks::render(area, buf, left, self.plot, self.snapshot, self.theme),
        }
    }

    /// Three lines on a logarithmic scale; their figures stand one below the other.
    fn latency(&self, area: Rect, plot: Rect, buf: &mut Buffer, course: &Course) {
        let point = self.shown(&course.points);
        let spare = usize::from(area.height).saturating_sub(latency::LINES.len());
        if spare > 0 {
            self.words(text::rows(area, 0, 1), buf, "latency", Role::Dim, "");
        }
        for (index, (name, role, _, quantile)) in latency::LINES.iter().enumerate() {
            let row = text::rows(area, spare.min(1) + index, 1);
            let value = format::latency(point.and_then(quantile));
            self.words(row, buf, name, *role, &value);
        }
        let limits = latency::limits_of(course, self.snapshot);
        let Some(axis) = self.view.charts.axis_of_lines(&course.points, &limits, self.snapshot) else {
            return;
        };
        let vertical = Vertical { axis, limits };
        if scale_width(area) > 0 {
            let labels = text::columns(area, GUTTER, usize::from(area.width));
            vertical.labels(labels, buf, self.theme);
        }
        let series = latency::drawn(&course.points, self.plot, self.snapshot.axis, self.theme);
        let lines = latency::lines(&series, axis, self.plot, self.theme);
        Chart {
            lines: &lines,
            pen: self.theme.pen,
        }
        .render(plot, buf);
        vertical.lines(plot, buf, self.theme);
        vertical.names(plot, buf, self.theme);
    }

    /// The greatest value in each cell. An eighth of a row stays free above a full bar: so lanes do not run into each other.
    fn bars(&self, bars: &Bars, rows: u16) -> impl Iterator<Item = Mark> {
        let full = 1.0 - 1.0 / (8.0 * f64::from(rows.max(1)));
        (0..self.plot.width()).map(move |cell| {
            let values = self.plot.points(&bars.history, cell).iter().flatten();
            let greatest = values.copied().max_by(f32::total_cmp);
            greatest.map_or(Mark::Gap, |value| bars.mark(f64::from(value), full))
        })
    }

    fn words(&self, row: Rect, buf: &mut Buffer, name: &str, role: Role, value: &str) {
        text::put(buf, row, 0, 0, name, self.theme.style(role));
        let style = self.theme.style(Role::Text);
        text::put_cell(buf, row, NAME + 1, 0, VALUE, Align::Right, value, style);
    }

    /// What a full bar stands for.
    fn scale(&self, row: Rect, buf: &mut Buffer, words: &str) {
        if scale_width(row) > 0 {
            let style = self.theme.style(Role::Dim);
            text::put_cell(buf, row, GUTTER, 0, frame::LABELS, Align::Right, words, style);
        }
    }

    /// The step that the figures are of.
    fn step(&self) -> u64 {
        self.view.cursor_step(self.snapshot).unwrap_or(self.snapshot.axis_end)
    }

    /// The point of that step.
    fn shown<'a, T>(&self, series: &'a [T]) -> Option<&'a T> {
        let step = self.step();
        self.plot.timeline.within(series, step..step.saturating_add(1)).first()
    }
}
