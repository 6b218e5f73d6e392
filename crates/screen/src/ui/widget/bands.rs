//! A score from 0 to 1 on a track that shows where the bands begin: a thin line, so that rows do not grow into a slab.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text;
use crate::ui::theme::{Role, Theme};

/// A track on the first row of its area.
pub struct Bands<'a> {
    /// `None` leaves the track empty.
    pub score: Option<f64>,
    /// Where bands begin.
    pub edges: &'a [f64],
    pub style: Style,
    pub theme: &'a Theme,
}

impl Widget for Bands<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let width = usize::from(area.width);
        let column = |score: f64| ((score.clamp(0.0, 1.0) * width as f64).round() as usize).min(width);
        let filled = self.score.filter(|score| score.is_finite()).map_or(0, column);
        let glyphs = &self.theme.glyphs;
        for x in 0..width {
            let is_edge = self.edges.iter().any(|edge| column(*edge) == x + 1);
            let (glyph, style) = match (x < filled, is_edge) {
                (true, _) => (glyphs.lines[2], self.style),
                (false, true) => (glyphs.vertical, self.theme.style(Role::Rule)),
                (false, false) => (glyphs.trough, self.theme.style(Role::Rule)),
            };
            text::put(buf, area, x, 0, glyph, style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{Depth, Glyphs};

    #[test]
    fn a_score_fills_the_track_up_to_its_band() {
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
        let check = |score, expected: &str| {
            let area = Rect::new(0, 0, 10, 1);
            let mut buf = Buffer::empty(area);
            let bands = Bands {
                score,
                edges: &[0.5, 0.7],
                style: Style::default(),
                theme: &theme,
            };
            bands.render(area, &mut buf);
            let row: String = buf.content.iter().map(|cell| cell.symbol()).collect();
            assert_eq!(row, expected);
        };
        check(Some(0.62), "━━━━━━│···");
        check(Some(0.3), "━━━·│·│···");
        check(Some(7.0), "━━━━━━━━━━");
        check(Some(f64::NAN), "····│·│···");
        check(None, "····│·│···");
    }
}
