//! What lies between a base and a course of heights, filled with braille dots, or with blocks where there are none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::chart::{braille_bit, dot_row, dots};
use super::text;
use crate::ui::theme::Pen;

/// The area over the whole rectangle.
pub struct Area<'a> {
    /// From 0 to 1 for each column of dots, with its style; `None` where there is nothing.
    pub heights: &'a [Option<(f64, Style)>],
    pub base: f64,
    pub pen: Pen,
    /// What fills a cell where there are no dots.
    pub block: &'static str,
}

impl Widget for Area<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let (dots_x, dots_y) = dots(self.pen);
        let rows = usize::from(area.height);
        for x in 0..usize::from(area.width) {
            let columns = self.heights.iter().skip(x * dots_x).take(dots_x);
            let filled: Vec<_> = columns
                .enumerate()
                .filter_map(|(column, height)| {
                    let (height, style) = (*height)?;
                    let (top, base) = (dot_row(height, rows * dots_y), dot_row(self.base, rows * dots_y));
                    Some((column, top.min(base)..=top.max(base), style))
                })
                .collect();
            let Some((.., style)) = filled.last() else { continue };
            for y in 0..rows {
                let bits = filled.iter().flat_map(|(column, rows, _)| {
                    let dots = (y * dots_y..(y + 1) * dots_y).filter(|dot| rows.contains(dot));
                    dots.map(|dot| braille_bit(*column, dot % dots_y))
                });
                let bits = bits.fold(0, |bits, bit| bits | bit);
                let mut symbol = [0; 4];
                let symbol = match self.pen {
                    _ if bits == 0 => continue,
                    Pen::Letters => self.block,
                    Pen::Dots => char::from_u32(0x2800 + u32::from(bits))
                        .unwrap_or(' ')
                        .encode_utf8(&mut symbol),
                };
                text::put(buf, area, x, y, symbol, *style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(heights: &[Option<f64>], base: f64, pen: Pen, expected: &[&str]) {
        let area = Rect::new(0, 0, 2, expected.len() as u16);
        let mut buf = Buffer::empty(area);
        let heights: Vec<_> = heights
            .iter()
            .map(|height| height.map(|height| (height, Style::default())))
            .collect();
        let widget = Area {
            heights: &heights,
            base,
            pen,
            block: "#",
        };
        widget.render(area, &mut buf);
        assert_eq!(buf, Buffer::with_lines(expected.iter().copied()));
    }

    #[test]
    fn what_lies_between_the_base_and_a_height_is_filled() {
        check(&[Some(1.0), Some(0.0), None, Some(0.5)], 0.0, Pen::Dots, &["⡇⢀", "⣇⢸"]);
        check(&[Some(1.0), Some(0.0)], 0.0, Pen::Letters, &["# ", "##"]);
        check(&[Some(0.0), None, Some(f64::NAN)], 1.0, Pen::Dots, &["⡇⡇", "⡇⡇"]);
    }
}
