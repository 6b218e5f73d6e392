//! A horizontal bar that is filled to a ratio, in eighths of a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text;
use crate::ui::theme::{Role, Theme};

/// A bar on the first row of its area.
#[derive(Clone, Copy, Debug)]
pub struct Gauge<'a> {
    /// 0 to 1; `None` leaves the trough empty.
    pub ratio: Option<f64>,
    pub style: Style,
    pub theme: &'a Theme,
}

impl Widget for Gauge<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let columns = usize::from(area.width);
        let eighths = (self.ratio.unwrap_or(0.0).clamp(0.0, 1.0) * columns as f64 * 8.0).round() as usize;
        for x in 0..columns {
            let filled = eighths.saturating_sub(x * 8).min(8);
            match filled {
                0 => text::put(buf, area, x, 0, theme.glyphs.trough, theme.style(Role::Rule)),
                filled => text::put(buf, area, x, 0, theme.glyphs.eighths[filled - 1], self.style),
            };
        }
    }
}

/// Shares of a whole side by side over `columns`: how many each gets. Largest remainders round up, so that the row is full;
/// a share above zero gets one column at least while there is room.
pub fn split(shares: &[f64], columns: usize) -> Vec<usize> {
    let total: f64 = shares.iter().sum();
    if total <= 0.0 || !total.is_finite() {
        return vec![0; shares.len()];
    }
    let exact: Vec<f64> = shares.iter().map(|share| share / total * columns as f64).collect();
    let mut widths: Vec<usize> = exact.iter().map(|width| width.floor() as usize).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let used: usize = widths.iter().sum();
    for index in order.into_iter().take(columns.saturating_sub(used)) {
        widths[index] += 1;
    }
    for index in 0..widths.len() {
        let Some(widest) = (0..widths.len()).max_by_key(|other| widths[*other]) else {
            break;
        };
        if widths[index] == 0 && shares[index] > 0.0 && widths[widest] > 1 {
            widths[widest] -= 1;
            widths[index] = 1;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fill_the_row_and_none_is_lost() {
        let check = |shares: &[f64], columns, expected: &[usize]| assert_eq!(split(shares, columns), expected);
        check(&[1.0, 1.0], 10, &[5, 5]);
        check(&[1.0, 1.0, 1.0], 10, &[4, 3, 3]);
        check(&[0.001, 1.0], 10, &[1, 9]);
        check(&[0.0, 1.0], 10, &[0, 10]);
        check(&[0.0, 0.0], 10, &[0, 0]);
        check(&[], 10, &[]);
        check(&[1.0, 2.0], 0, &[0, 0]);
    }
}
