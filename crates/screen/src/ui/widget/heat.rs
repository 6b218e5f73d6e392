//! A map of densities: columns of counts over a logarithmic axis, the shade of a cell says how many fell into it.
//!
//! A band of values is split over the rows it covers so that every count is in exactly one cell and no cell holds a part of
//! one: what happened once is seen, in one place. Shades are 1-2-5 steps of the count, the greatest the step that no cell
//! exceeds; so one dense cell does not bleach all others.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::scale::{LogAxis, step_below};
use super::{scale, text};
use crate::ui::theme::{Glyphs, Grain, Ramp, Shade};

/// Rows a factor of two has at most. The bands that are counted are eighths of it, of unequal height in the logarithm; a row
/// not lower than the highest of them, log2(9/8), always has the middle of one in it, so that no row stays empty for ever.
const ROWS_PER_OCTAVE: f64 = 5.88;

/// So many values of at least `low` and below `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    pub low: f64,
    pub high: f64,
    pub count: u64,
}

/// What fell into one column.
#[derive(Clone, Debug, Default, PartialEq)]
struct Column {
    /// From the bottom.
    rows: Vec<u64>,
    below: u64,
    above: u64,
}

/// Counts over columns and rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    axis: LogAxis,
    rows: usize,
    columns: Vec<Column>,
}

impl Grid {
    /// An empty grid with at most so many rows: fewer where the axis is short, since finer than the bands nothing is known.
    pub fn new(axis: LogAxis, columns: usize, rows_limit: usize) -> Self {
        let octaves = (axis.high / axis.low).log2();
        let rows = ((octaves * ROWS_PER_OCTAVE) as usize).clamp(1, rows_limit.max(1));
        let empty = Column {
            rows: vec![0; rows],
            ..Column::default()
        };
        Self {
            axis,
            rows,
            columns: vec![empty; columns],
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Counts the values of a band in a column.
    pub fn add(&mut self, column: usize, band: Band) {
        let Some(column) = self.columns.get_mut(column) else {
            return;
        };
        let height = |value: f64| self.axis.height(value) * self.rows as f64;
        let bottom = height(band.low);
        let top = height(band.high).max(bottom);
        // How many of the values lie below a height, rounded: differences of these lose none and invent none.
        let below = |height: f64| {
            let share = (height - bottom) / (top - bottom);
            let share = if top > bottom {
                share
            } else {
                f64::from(height > bottom)
            };
            ((band.count as f64 * share.clamp(0.0, 1.0)).round() as u64).min(band.count)
        };
        let mut counted = below(0.0);
        column.below = column.below.saturating_add(counted);
        let first = bottom.clamp(0.0, self.rows as f64) as usize;
        let last = (top.clamp(0.0, self.rows as f64) as usize).min(self.rows - 1);
        for row in first..=last {
            let until = below((row + 1) as f64).max(counted);
            column.rows[row] = column.rows[row].saturating_add(until - counted);
            counted = until;
        }
        column.above = column.above.saturating_add(band.count - counted);
    }

    /// Gives a column what the one before it has: a step that is stretched over both.
    pub fn repeat(&mut self, column: usize) {
        let before = column
            .checked_sub(1)
            .and_then(|before| self.columns.get(before))
            .cloned();
        if let Some((column, before)) = self.columns.get_mut(column).zip(before) {
            *column = before;
        }
    }

    /// The greatest count of a cell.
    pub fn most(&self) -> u64 {
        let counts = self.columns.iter().flat_map(|column| {
            let beyond = [column.below, column.above];
            column.rows.iter().copied().chain(beyond)
        });
        counts.max().unwrap_or(0)
    }
}

/// Which count has which shade.
#[derive(Clone, Debug, PartialEq)]
pub struct Shades<'a> {
    ramp: &'a Ramp,
    /// The greatest count of each shade in use, ascending.
    limits: Vec<u64>,
}

impl<'a> Shades<'a> {
    /// For counts up to `most`: as many 1-2-5 steps down from it as there are shades.
    pub fn new(most: u64, ramp: &'a Ramp) -> Self {
        let top = scale::round_up(most as f64);
        let steps = std::iter::successors(Some(top), |step| (*step > 1.0).then(|| step_below(*step)));
        let mut limits: Vec<u64> = steps.take(ramp.shades.len()).map(|step| step.round() as u64).collect();
        limits.reverse();
        Self { ramp, limits }
    }

    /// `None` for nothing.
    pub fn of(&self, count: u64) -> Option<Shade> {
        let step = self.limits.iter().position(|limit| count <= *limit);
        (count > 0).then(|| self.shade(step.unwrap_or(self.limits.len().saturating_sub(1))))
    }

    /// Each shade in use and the greatest count that has it, least first.
    pub fn legend(&self) -> impl ExactSizeIterator<Item = (Shade, u64)> {
        self.limits
            .iter()
            .enumerate()
            .map(|(step, limit)| (self.shade(step), *limit))
    }

    /// Few steps lie as far apart on the ramp as they can, and in its middle.
    fn shade(&self, step: usize) -> Shade {
        let shades = &self.ramp.shades;
        shades[(step + 1) * shades.len() / (self.limits.len() + 1)]
    }
}

/// Rows of the grid that `height` cells have room for.
pub fn rows(height: usize, ramp: &Ramp) -> usize {
    match ramp.grain {
        Grain::Halves => 2 * height,
        Grain::Whole => height,
    }
}

/// Draws the grid over the whole of `area`; what lies beyond the axis is an arrow at its end.
pub struct Map<'a> {
    pub grid: &'a Grid,
    pub shades: &'a Shades<'a>,
    pub glyphs: &'a Glyphs,
}

impl Widget for Map<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { grid, shades, glyphs } = self;
        let height = usize::from(area.height);
        let parts = rows(1, shades.ramp);
        for (x, column) in grid.columns.iter().enumerate().take(usize::from(area.width)) {
            // The shade of a part of a cell, counted from above. Where there is more room than rows, a row takes several.
            let shade = |part: usize| {
                let from_below = (parts * height).checked_sub(part + 1)?;
                shades.of(*column.rows.get(from_below * grid.rows / (parts * height))?)
            };
            for y in 0..height {
                let drawn = match shades.ramp.grain {
                    Grain::Whole => shade(y),
                    Grain::Halves => halves(shade(2 * y), shade(2 * y + 1)),
                };
                if let Some(drawn) = drawn {
                    text::put(buf, area, x, y, drawn.glyph, drawn.style);
                }
            }
            let ends = [
                (column.below, height.saturating_sub(1), glyphs.descending),
                (column.above, 0, glyphs.ascending),
            ];
            for (count, y, arrow) in ends {
                if let Some(shade) = shades.of(count) {
                    text::put(buf, area, x, y, arrow, shade.style);
                }
            }
        }
    }
}

/// Draws a line over the map, cut out of it: the ground of the terminal shows around the line, which has its own colour, and so
/// stands out from every shade. A band may be drawn a row beside the value, and the line is there then.
pub fn cut(buf: &mut Buffer, area: Rect, (x, y): (usize, usize), line: &str, style: Style) {
    let is_drawn = |y: &usize| {
        let at = text::rows(text::columns(area, x, 1), *y, 1);
        let cell = buf.cell(at.as_position());
        !at.is_empty() && cell.is_some_and(|cell| cell.symbol() != " ")
    };
    let found = [Some(y), y.checked_sub(1), Some(y + 1)]
        .into_iter()
        .flatten()
        .find(is_drawn);
    let at = text::rows(text::columns(area, x, 1), found.unwrap_or(y), 1);
    buf.set_style(at.intersection(buf.area), Style::reset());
    text::put(buf, at, 0, 0, line, style);
}

/// Two shades in one cell.
fn halves(upper: Option<Shade>, lower: Option<Shade>) -> Option<Shade> {
    match (upper, lower) {
        (None, None) => None,
        (Some(shade), None) => Some(Shade { glyph: "▀", ..shade }),
        (None, Some(shade)) => Some(Shade { glyph: "▄", ..shade }),
        (Some(upper), Some(lower)) if upper == lower => Some(upper),
        (Some(upper), Some(lower)) => {
            let ground = lower
                .style
                .fg
                .map_or_else(Style::default, |color| Style::default().bg(color));
            Some(Shade {
                glyph: "▀",
                style: upper.style.patch(ground),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ui::theme::{Depth, Theme};

    const DECADE: LogAxis = LogAxis {
        low: 100.0,
        high: 1000.0,
    };

    fn band(low: f64, high: f64, count: u64) -> Band {
        Band { low, high, count }
    }

    /// A column from below: what lies under the axis, the rows, what lies above.
    fn check(rows: usize, bands: &[Band], expected: (u64, &[u64], u64)) {
        let mut grid = Grid::new(DECADE, 1, rows);
        bands.iter().for_each(|band| grid.add(0, *band));
        let column = &grid.columns[0];
        assert_eq!(
            (column.below, column.rows.as_slice(), column.above),
            expected,
            "{bands:?}"
        );
    }

    #[test]
    fn what_happened_once_is_in_one_cell() {
        check(2, &[band(100.0, 104.0, 1)], (0, &[1, 0], 0));
        check(2, &[band(100.0, 1000.0, 1)], (0, &[1, 0], 0));
        check(2, &[band(700.0, 800.0, 1)], (0, &[0, 1], 0));
        check(3, &[band(440.0, 480.0, 1), band(480.0, 500.0, 1)], (0, &[0, 1, 1], 0));
    }

    #[test]
    fn a_band_over_several_rows_is_split_and_several_bands_in_a_row_are_added() {
        check(2, &[band(100.0, 1000.0, 10)], (0, &[5, 5], 0));
        check(3, &[band(100.0, 1000.0, 10)], (0, &[3, 4, 3], 0));
        check(2, &[band(100.0, 120.0, 3), band(120.0, 140.0, 4)], (0, &[7, 0], 0));
    }

    #[test]
    fn what_lies_beyond_the_axis_is_counted_apart() {
        check(2, &[band(10.0, 20.0, 3), band(5000.0, 6000.0, 4)], (3, &[0, 0], 4));
        check(1, &[band(31.622_776_601_683_8, 316.227_766_016_838, 10)], (5, &[5], 0));
        check(2, &[band(0.0, 1.0, 3)], (3, &[0, 0], 0));
        check(1, &[band(900.0, 200.0, u64::MAX)], (0, &[u64::MAX], 0));
    }

    #[test]
    fn a_short_axis_has_no_more_rows_than_are_known() {
        assert_eq!(Grid::new(DECADE, 1, 100).rows(), 19);
        assert_eq!(Grid::new(DECADE, 1, 8).rows(), 8);
        assert_eq!(Grid::new(DECADE, 1, 0).rows(), 1);
    }

    proptest! {
        #[test]
        fn no_count_is_lost_and_none_invented(
            rows in 1usize..100,
            bands in prop::collection::vec((1.0..1e5, 1.0..2.0, 0u64..1_000_000), 0..40),
        ) {
            let mut grid = Grid::new(DECADE, 1, rows);
            for (low, factor, count) in &bands {
                grid.add(0, band(*low, low * factor, *count));
            }
            let column = &grid.columns[0];
            let sum = column.below + column.rows.iter().sum::<u64>() + column.above;
            prop_assert_eq!(sum, bands.iter().map(|(_, _, count)| count).sum::<u64>());
        }
    }

    #[test]
    fn shades_are_1_2_5_steps_down_from_the_greatest_count() {
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
        let check = |most, expected: &[(&str, u64)]| {
            let shades = Shades::new(most, &theme.ramp);
            let legend: Vec<_> = shades.legend().map(|(shade, limit)| (shade.glyph, limit)).collect();
            assert_eq!(legend, expected, "{most}");
            assert_eq!(shades.of(0), None);
            for (glyph, limit) in expected {
                assert_eq!(shades.of(*limit).map(|shade| shade.glyph), Some(*glyph));
            }
            assert_eq!(shades.of(1).map(|shade| shade.glyph), Some(expected[0].0));
        };
        check(0, &[("▒", 1)]);
        check(1, &[("▒", 1)]);
        check(2, &[("░", 1), ("▓", 2)]);
        check(17, &[("·", 1), ("░", 2), ("▒", 5), ("▓", 10), ("█", 20)]);
        check(900, &[("·", 50), ("░", 100), ("▒", 200), ("▓", 500), ("█", 1000)]);
        assert!(Shades::new(u64::MAX, &theme.ramp).of(u64::MAX).is_some());
    }

    fn draw(buf: &mut Buffer, grid: &Grid, theme: &Theme) {
        let map = Map {
            grid,
            shades: &Shades::new(grid.most(), &theme.ramp),
            glyphs: &theme.glyphs,
        };
        map.render(buf.area, buf);
    }

    #[test]
    fn a_line_is_cut_out_of_the_nearest_cell() {
        let theme = Theme::try_new("dark", Depth::TrueColor, Glyphs::UNICODE).unwrap();
        let check = |y, expected: &str| {
            let area = Rect::new(0, 0, 1, 4);
            let mut buf = Buffer::empty(area);
            let mut grid = Grid::new(DECADE, 1, 8);
            grid.add(0, band(100.0, 101.0, 1));
            draw(&mut buf, &grid, &theme);
            cut(
                &mut buf,
                area,
                (0, y),
                "─",
                Style::default().fg(ratatui::style::Color::Red),
            );
            let drawn: String = buf.content.iter().map(|cell| cell.symbol()).collect();
            assert_eq!(drawn, expected, "{y}");
            let is_cut = buf.content[3].fg == ratatui::style::Color::Red;
            assert_eq!(is_cut, y != 1);
        };
        check(3, "   ─");
        check(2, "   ─");
        check(1, " ─ ▄");
        check(4, "   ─");
    }

    #[test]
    fn cells_are_halved_by_colour_and_filled_without() {
        let check = |depth, glyphs, bands: &[Band], expected: &str| {
            let theme = Theme::try_new("dark", depth, glyphs).unwrap();
            let area = Rect::new(0, 0, 1, 2);
            let mut grid = Grid::new(DECADE, 1, rows(2, &theme.ramp));
            bands.iter().for_each(|band| grid.add(0, *band));
            let mut buf = Buffer::empty(area);
            draw(&mut buf, &grid, &theme);
            let drawn: String = buf.content.iter().map(|cell| cell.symbol()).collect();
            assert_eq!(drawn, expected, "{depth:?} {bands:?}");
        };
        let (low, high) = (band(100.0, 110.0, 1), band(900.0, 950.0, 100));
        check(Depth::TrueColor, Glyphs::UNICODE, &[low, high], "▀▄");
        check(Depth::None, Glyphs::UNICODE, &[low, high], "█·");
        check(Depth::None, Glyphs::ASCII, &[low, high], "%:");
        check(Depth::TrueColor, Glyphs::UNICODE, &[band(190.0, 300.0, 8)], " ▀");
        check(
            Depth::None,
            Glyphs::UNICODE,
            &[band(1.0, 2.0, 1), band(2e6, 3e6, 1)],
            "▴▾",
        );
    }
}
