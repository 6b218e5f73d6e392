//! What things look like: a [`Role`] has a style, a [`Glyphs`] set draws levels and bars.
//!
//! Panes name roles and never colours. A [`Theme`] is made once from a palette file and the terminal's abilities; with
//! [`Depth::None`] it holds modifiers only, and levels are told apart by glyph and word in every depth.

mod brightness;
mod environment;
mod family;
mod glyphs;
mod gradient;
mod palette;
mod ramp;
mod set;

pub use brightness::Brightness;
pub use environment::{ColorChoice, Depth, Environment, TRUE_COLOR};
pub use family::Family;
pub use glyphs::Glyphs;
pub use gradient::Gradient;
pub use ramp::{Grain, Ramp, Shade};
pub use set::{AUTO, Themes};

use probetop_core::sample::{Level, Severity};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of the screen means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Text,
    /// Labels, units of lesser weight, what is fine and need not be read.
    Dim,
    /// The program's name, the pane that is shown, the sorted column.
    Accent,
    /// Headings of columns and blocks.
    Heading,
    /// The row the keys act on.
    Selection,
    Ok,
    /// An alert that only informs.
    Info,
    Warning,
    Critical,
    Unknown,
    /// Lines between blocks.
    Rule,
    /// The filled part of a gauge, and sparklines.
    Bar,
    /// Three series of one chart: p50, p95, p99.
    Series1,
    Series2,
    Series3,
    /// The mark of a step in which probes failed.
    Failure,
    /// A frozen screen.
    Frozen,
}

impl Role {
    pub const ALL: [Self; 17] = [
        Self::Text,
        Self::Dim,
        Self::Accent,
        Self::Heading,
        Self::Selection,
        Self::Ok,
        Self::Info,
        Self::Warning,
        Self::Critical,
        Self::Unknown,
        Self::Rule,
        Self::Bar,
        Self::Series1,
        Self::Series2,
        Self::Series3,
        Self::Failure,
        Self::Frozen,
    ];

    /// As palette files name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Dim => "dim",
            Self::Accent => "accent",
            Self::Heading => "heading",
            Self::Selection => "selection",
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
            Self::Rule => "rule",
            Self::Bar => "bar",
            Self::Series1 => "series1",
            Self::Series2 => "series2",
            Self::Series3 => "series3",
            Self::Failure => "failure",
            Self::Frozen => "frozen",
        }
    }
}

impl From<Level> for Role {
    fn from(level: Level) -> Self {
        match level {
            Level::Ok => Self::Ok,
            Level::Unknown => Self::Unknown,
            Level::Warning => Self::Warning,
            Level::Critical => Self::Critical,
        }
    }
}

impl From<Severity> for Role {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Critical => Self::Critical,
        }
    }
}

/// A palette at one colour depth, and the glyphs the terminal can show.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: [Style; Role::ALL.len()],
    /// What a map of densities is drawn with.
    pub ramp: Ramp,
    /// What an amount of something that has an end is drawn in.
    gradient: Gradient,
    /// Painted under everything; `None`: the terminal's own ground shows.
    ground: Option<Color>,
    pub glyphs: Glyphs,
    pub pen: Pen,
}

/// What the lines of a chart are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pen {
    /// Braille dots; lines are told apart by colour, by their order and by the names at their ends.
    Dots,
    /// A letter for each line, where there are no dots.
    Letters,
}

impl Theme {
    /// A built-in theme.
    ///
    /// # Errors
    /// A message that names the built-in themes when `name` is not one of them.
    pub fn try_new(name: &str, depth: Depth, glyphs: Glyphs) -> Result<Self, String> {
        let themes = Themes::default();
        Ok(themes.make(themes.find(name)?, depth, glyphs))
    }

    /// No styles at all: for measuring what would be drawn.
    pub fn plain(glyphs: Glyphs) -> Self {
        Self {
            styles: [Style::default(); Role::ALL.len()],
            ramp: Ramp::new(&[], Depth::None, &glyphs),
            gradient: Gradient::default(),
            ground: None,
            glyphs,
            pen: Pen::Letters,
        }
    }

    /// Marks a row as the one the keys act on. Where there is no ground colour, reverse video would tear the row's own colours
    /// apart: then only its `name` is marked.
    pub fn select(&self, buf: &mut Buffer, row: Rect, name: Rect) {
        let style = self.style(Role::Selection);
        if style.bg.is_some() {
            buf.set_style(row.intersection(buf.area), style);
        } else {
            buf.set_style(name.intersection(buf.area), style.add_modifier(Modifier::BOLD));
        }
    }

    /// Lays the ground under what is drawn, and the colour of text over it where the terminal's own would show.
    pub fn paint(&self, buf: &mut Buffer) {
        let Some(ground) = self.ground else { return };
        let text = self.style(Role::Text).fg.unwrap_or_default();
        for cell in &mut buf.content {
            if cell.bg == Color::Reset {
                cell.bg = ground;
            }
            if cell.fg == Color::Reset {
                cell.fg = text;
            }
        }
    }

    /// The style of an amount between nothing (0) and all there is (1).
    pub fn amount(&self, ratio: f64) -> Style {
        self.gradient.at(ratio)
    }

    pub fn style(&self, role: impl Into<Role>) -> Style {
        self.styles[role.into() as usize]
    }
}

#[cfg(test)]
mod tests;
