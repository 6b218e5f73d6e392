//! What is to be said about one thing, line by line: words, bars, a course over the time axis.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::course;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::gauge::Gauge;
use crate::ui::widget::text;

/// Words, each with what they mean.
pub(crate) type Words = Vec<(String, Role)>;

/// The details of a row: a title that stays, and lines that scroll.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    pub title: Words,
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    Words(Words),
    /// A label, a bar, and what it stands for.
    Bar {
        label: String,
        ratio: Option<f64>,
        role: Role,
        words: Words,
    },
    /// A label, and shares of a whole over the time axis.
    Course {
        label: String,
        shares: Vec<Option<f32>>,
    },
}

/// Columns for the label of a line.
pub(crate) const LABEL: usize = 12;

/// A bar longer than this says no more.
const BAR: usize = 40;

impl Detail {
    pub fn titled(name: impl Into<String>) -> Self {
        Self {
            title: vec![(name.into(), Role::Accent)],
            lines: Vec::new(),
        }
    }

    /// Adds to the title.
    pub fn title(&mut self, words: impl Into<String>, role: impl Into<Role>) {
        self.title.push((words.into(), role.into()));
    }

    /// Adds a line of words.
    pub fn words(&mut self, words: Words) {
        self.lines.push(Line::Words(words));
    }

    /// Adds a label and what it labels, wrapped to `width`, the rest below the first words.
    pub fn labelled(&mut self, label: &str, words: &str, role: impl Into<Role>, width: usize) {
        let role = role.into();
        let room = width.saturating_sub(LABEL).max(10);
        for (index, line) in text::wrap(words, room).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.words(vec![(format!("{label:LABEL$}"), Role::Dim), (line, role)]);
        }
    }

    /// Adds words without a label, wrapped to `width`.
    pub fn wrapped(&mut self, words: &str, role: impl Into<Role>, width: usize) {
        let role = role.into();
        for line in text::wrap(words, width.max(10)) {
            self.words(vec![(line, role)]);
        }
    }
}

impl Line {
    pub fn render(&self, row: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
        match self {
            Self::Words(words) => put(row, buf, 0, words, theme),
            Self::Bar {
                label,
                ratio,
                role,
                words,
            } => {
                text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
                let needed: usize = words.iter().map(|(words, _)| text::width(words)).sum();
                let room = usize::from(row.width).saturating_sub(LABEL + needed + 1);
                let bar = text::columns(row, LABEL, room.min(BAR));
                let gauge = Gauge {
                    ratio: *ratio,
                    style: theme.style(*role),
                    theme,
                };
                gauge.render(bar, buf);
                put(row, buf, LABEL + usize::from(bar.width) + 1, words, theme);
            }
            Self::Course { label, shares } => {
                text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
                let bars = text::columns(row, LABEL, usize::from(row.width).saturating_sub(LABEL));
                course::render(bars, buf, shares, None, snapshot, view, theme);
            }
        }
    }
}

fn put(row: Rect, buf: &mut Buffer, x: usize, words: &Words, theme: &Theme) {
    let mut x = x;
    for (words, role) in words {
        let cut = text::cut_end(words, usize::from(row.width).saturating_sub(x));
        x = text::put(buf, row, x, 0, &cut, theme.style(*role));
    }
}
