//! What is told of the chosen row of a list: its title, words that scroll, and where there are any its figures: right of the
//! words in a wide pane, and below them where there is room for a second one; else between title and words.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::detail::Detail;
use super::figure::{self, Figure};
use super::{Scene, heading_notes};
use crate::ui::action::Action;
use crate::ui::page::Pane;
use crate::ui::section;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::list::Section;
use crate::ui::view::{View, is_bare};
use crate::ui::widget::text;

/// From this width on the figure stands beside the words.
const WIDE: usize = 110;

/// Columns of the words beside a figure: two fifths of the pane, and as many as read well.
const WORDS: (usize, usize) = (66, 96);

/// Columns between words and figure.
const SPACE: usize = 3;

/// Rows of a figure, where nobody asks how many.
const FIGURE_ROWS: usize = 9;

/// Rows of words that stay below a figure.
const WORDS_LEAST: usize = 3;

/// The details of one row.
pub(crate) struct Details {
    detail: Detail,
    /// The most telling first; the second only where there is room for both.
    figures: Vec<Figure>,
    is_wide: bool,
}

/// Where they stand.
struct Parts {
    title: Rect,
    words: Rect,
    figures: Vec<Rect>,
}

impl Details {
    /// For a pane so wide; `None` for a row that is not there.
    pub(crate) fn of(section: Section, index: usize, snapshot: &Snapshot, width: usize) -> Option<Self> {
        let figures = section::figures(section, index, snapshot);
        let is_wide = width >= WIDE && !figures.is_empty();
        let room = if is_wide { words_width(width) } else { width };
        let mut detail = section::detail(section, index, snapshot, room)?;
        if is_bare(section, index, snapshot) {
            detail.labelled("over time", "nothing is kept of this figure over time", Role::Dim, room);
        }
        Some(Self {
            detail,
            figures,
            is_wide,
        })
    }

    /// Rows that all of it takes, with the title.
    pub(crate) fn rows(&self) -> usize {
        let words = self.detail.lines.len();
        1 + match self.figures.len() {
            0 => words,
            _ if self.is_wide => words.max(FIGURE_ROWS),
            _ => words + FIGURE_ROWS,
        }
    }

    /// Lines of words, and how many of them are seen at once in an area.
    pub(crate) fn lines(&self, area: Rect) -> (usize, usize) {
        (self.detail.lines.len(), usize::from(self.parts(area).words.height))
    }

    fn parts(&self, area: Rect) -> Parts {
        let title = text::rows(area, 0, 1);
        let body = text::rows(area, 1, usize::from(area.height));
        let (rows, lines) = (usize::from(body.height), self.detail.lines.len());
        let words_alone = Parts {
            title,
            words: body,
            figures: Vec::new(),
        };
        if self.figures.is_empty() || rows < figure::LEAST_ROWS {
            return words_alone;
        }
        if !self.is_wide {
            let figure = rows
                .saturating_sub(lines)
                .max(FIGURE_ROWS.min(rows.saturating_sub(WORDS_LEAST)));
            if figure < figure::LEAST_ROWS {
                return words_alone;
            }
            return Parts {
                words: text::rows(body, figure, rows),
                figures: vec![text::rows(body, 0, figure)],
                ..words_alone
            };
        }
        let width = words_width(usize::from(area.width));
        let left = text::columns(body, 0, width);
        let right = text::columns(area, width + SPACE, usize::from(area.width));
        let below = rows.saturating_sub(lines + 1);
        let has_second = self.figures.len() > 1 && below >= FIGURE_ROWS;
        Parts {
            title: text::columns(title, 0, width),
            words: if has_second { text::rows(left, 0, lines) } else { left },
            figures: std::iter::once(right)
                .chain(has_second.then(|| text::rows(left, lines + 1, below)))
                .collect(),
        }
    }

    pub(crate) fn render(&self, area: Rect, buf: &mut Buffer, pane: Pane, scene: Scene) {
        let Scene {
            snapshot, view, theme, ..
        } = scene;
        let area = text::inset(area);
        let Parts { title, words, figures } = self.parts(area);
        let below = view.pages.below_in(pane);
        let visible = usize::from(words.height);
        self.title(title, buf, (below, visible), view, theme);
        for (y, line) in self.detail.lines.iter().skip(below).take(visible).enumerate() {
            line.render(text::rows(words, y, 1), buf, snapshot, view, theme);
        }
        for (figure, area) in self.figures.iter().zip(figures) {
            figure.render(area, buf, snapshot, view, theme);
        }
    }

    /// What it is about, and at the right which lines are seen where that is not all.
    fn title(&self, row: Rect, buf: &mut Buffer, (below, visible): (usize, usize), view: &View, theme: &Theme) {
        let count = self.detail.lines.len();
        let position = (count > visible).then(|| {
            let last = (below + visible).min(count);
            let key = view.keys.keys(Action::NextTarget).into_iter().next();
            // The arrow, where it is that key.
            let key = key.map(|key| match key.as_str() {
                "right" => format!("{} ", theme.glyphs.leads_to),
                key => format!("{key} "),
            });
            format!(" {}more ({}-{last} of {count})", key.unwrap_or_default(), below + 1)
        });
        let taken = position.as_ref().map_or(0, |position| text::width(position) + 1);
        let mut room = usize::from(row.width).saturating_sub(taken);
        let mut notes: Vec<(String, Style)> = Vec::new();
        for (words, role) in &self.detail.title {
            let words = text::cut_end(words, room);
            room = room.saturating_sub(text::width(&words) + 1);
            notes.push((words, theme.style(*role)));
        }
        let notes = notes.into_iter().filter(|(words, _)| !words.is_empty());
        heading_notes(row, buf, notes, theme);
        if let Some(position) = position {
            text::put_right(buf, row, 0, &position, theme.style(Role::Accent));
        }
    }
}

fn words_width(width: usize) -> usize {
    let (least, most) = WORDS;
    (width * 2 / 5).clamp(least, most)
}
