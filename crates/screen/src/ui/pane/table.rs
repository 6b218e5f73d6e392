//! Small tables: columns that give way when the pane is narrow, headings on the rule above them, cells of text or bars.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::ui::theme::{Role, Theme};
use crate::ui::widget::bands::Bands;
use crate::ui::widget::gauge::Gauge;
use crate::ui::widget::text::{self, Align};

/// A column: what it is called, how wide it is, and when it is there at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    label: &'static str,
    align: Align,
    least: usize,
    /// Width at most; what is left over is shared by those that can grow.
    most: usize,
    /// The width of the table from which on it is there.
    from: usize,
}

impl Column {
    pub const fn left(label: &'static str, width: usize) -> Self {
        Self {
            label,
            align: Align::Left,
            least: width,
            most: width,
            from: 0,
        }
    }

    pub const fn right(label: &'static str, width: usize) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(label, width)
        }
    }

    /// Grows up to so many columns.
    pub const fn most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Takes most of what is left over: prose is read, names are recognised.
    pub const fn prose(self) -> Self {
        self.most(PROSE)
    }

    /// Only in tables at least so wide.
    pub const fn from(self, from: usize) -> Self {
        Self { from, ..self }
    }
}

/// The width at most of a column of prose.
const PROSE: usize = 1000;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String, Role),
    /// A name or an address, cut in the middle.
    Name(String, Role),
    /// Filled up to a ratio.
    Bar(Option<f64>, Role),
    /// A score on a track with the edges of its bands.
    Score(Option<f64>, &'static [f64], Role),
}

impl Cell {
    pub fn text(text: impl Into<String>, role: impl Into<Role>) -> Self {
        Self::Text(text.into(), role.into())
    }

    pub fn name(text: impl Into<String>, role: impl Into<Role>) -> Self {
        Self::Name(text.into(), role.into())
    }

    /// What it says; a bar says nothing in words.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text(words, _) | Self::Name(words, _) => Some(words.trim()).filter(|words| !words.is_empty()),
            Self::Bar(..) | Self::Score(..) => None,
        }
    }
}

/// Where a column begins and how wide it is; `None`: it is not there.
type Slot = Option<(usize, usize)>;

/// Two columns apart where there is room.
fn gap(width: usize) -> usize {
    if width >= 100 { 2 } else { 1 }
}

/// Places the columns: each at least as wide as it has to be, what is left over shared by those that can grow.
fn place(columns: &[Column], width: usize) -> Vec<Slot> {
    let gap = gap(width);
    let inner = width.saturating_sub(2);
    let present: Vec<bool> = columns.iter().map(|column| width >= column.from).collect();
    let mut widths: Vec<usize> = columns.iter().map(|column| column.least).collect();
    let used: usize = widths
        .iter()
        .zip(&present)
        .filter(|(_, is)| **is)
        .map(|(it, _)| it + gap)
        .sum();
    let mut spare = (inner + gap).saturating_sub(used);
    let mut growing: Vec<usize> = (0..columns.len())
        .filter(|index| present[*index] && columns[*index].most > columns[*index].least)
        .collect();
    // The narrowest limits first, so that what they leave goes to the others.
    growing.sort_by_key(|index| columns[*index].most - columns[*index].least);
    // A column of prose gets as much as four others.
    let parts = |index: &usize| if columns[*index].most >= PROSE { 4 } else { 1 };
    for (taken, index) in growing.iter().enumerate() {
        let all: usize = growing[taken..].iter().map(parts).sum();
        let more = (spare * parts(index) / all).min(columns[*index].most - columns[*index].least);
        widths[*index] += more;
        spare -= more;
    }
    let mut x = 1;
    let slot = |(width, is_present): (usize, bool)| {
        is_present.then(|| {
            let start = x;
            x += width + gap;
            (start, width)
        })
    };
    widths.into_iter().zip(present).map(slot).collect()
}

/// The title with a rule to the right edge, and on it the labels of the columns that begin behind the title.
pub(crate) fn heading(row: Rect, buf: &mut Buffer, title: &str, columns: &[Column], theme: &Theme) {
    let inner = text::inset(row);
    super::heading(inner, buf, title, theme);
    let after_title = text::width(title) + 1;
    for (column, slot) in columns.iter().zip(place(columns, usize::from(row.width))) {
        let Some((x, width)) = slot.filter(|_| !column.label.is_empty()) else {
            continue;
        };
        // A blank on either side sets a label off the rule; neighbours share one.
        let (x, label) = match column.align {
            Align::Left => (x.saturating_sub(1), format!(" {} ", column.label)),
            Align::Right => {
                let start = (x + width).saturating_sub(text::width(column.label) + 1);
                (start, format!(" {} ", column.label))
            }
        };
        if x > after_title && text::width(column.label) <= width {
            text::put(buf, inner, x - 1, 0, &label, theme.style(Role::Dim));
        }
    }
}

/// One row of cells, as many as there are columns. Returns where its name stands, to mark a chosen row by.
pub(crate) fn row(row: Rect, buf: &mut Buffer, columns: &[Column], cells: &[Cell], theme: &Theme) -> Rect {
    let mut name = row;
    let slots = place(columns, usize::from(row.width));
    for ((column, slot), cell) in columns.iter().zip(slots).zip(cells) {
        let Some((x, width)) = slot else { continue };
        match cell {
            Cell::Text(words, role) => {
                text::put_cell(buf, row, x, 0, width, column.align, words, theme.style(*role));
            }
            Cell::Name(words, role) => {
                let words = text::cut_middle(words, width);
                text::put_cell(buf, row, x, 0, width, column.align, &words, theme.style(*role));
                if name == row {
                    name = text::columns(row, x, width);
                }
            }
            Cell::Bar(ratio, role) => {
                let area = text::columns(row, x, width);
                let gauge = Gauge {
                    ratio: *ratio,
                    style: theme.style(*role),
                    theme,
                };
                gauge.render(area, buf);
            }
            Cell::Score(score, edges, role) => {
                let bands = Bands {
                    score: *score,
                    edges,
                    style: theme.style(*role),
                    theme,
                };
                bands.render(text::columns(row, x, width), buf);
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_goes_to_those_that_can_grow() {
        const COLUMNS: [Column; 4] = [
            Column::left("", 1),
            Column::left("name", 8).most(12),
            Column::right("n", 5).from(60),
            Column::left("why", 10).prose(),
        ];
        let check = |width, expected: [Slot; 4]| assert_eq!(place(&COLUMNS, width), expected, "{width}");
        check(40, [Some((1, 1)), Some((3, 11)), None, Some((15, 24))]);
        check(60, [Some((1, 1)), Some((3, 12)), Some((16, 5)), Some((22, 37))]);
        check(24, [Some((1, 1)), Some((3, 8)), None, Some((12, 11))]);
        check(0, [Some((1, 1)), Some((3, 8)), None, Some((12, 10))]);
    }
}
