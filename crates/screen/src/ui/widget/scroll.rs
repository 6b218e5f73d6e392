//! A view through a window that is lower than what it shows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// A sheet of at least `height` rows, of which is visible what there is room for from row `offset` on. The offset is held so
/// that the last row stays at the bottom.
pub struct Sheet<D> {
    pub height: usize,
    pub offset: usize,
    /// Draws the sheet, on an area of its own or where all of it is visible in place.
    pub draw: D,
}

impl<D: FnOnce(Rect, &mut Buffer)> Widget for Sheet<D> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let visible = usize::from(area.height);
        if self.height <= visible {
            return (self.draw)(area, buf);
        }
        let sheet_area = Rect::new(0, 0, area.width, u16::try_from(self.height).unwrap_or(u16::MAX));
        let mut sheet = Buffer::empty(sheet_area);
        (self.draw)(sheet_area, &mut sheet);
        let offset = self.offset.min(last_offset(usize::from(sheet_area.height), visible)) as u16;
        for y in 0..area.height {
            for x in 0..area.width {
                if let (Some(from), Some(to)) = (sheet.cell((x, y + offset)), buf.cell_mut((area.x + x, area.y + y))) {
                    *to = from.clone();
                }
            }
        }
    }
}

/// The greatest offset that leaves no empty rows below.
pub fn last_offset(height: usize, visible: usize) -> usize {
    height.saturating_sub(visible)
}

/// The first row to show so that row `selected` of `count` is visible, moving as little as possible from `first`.
pub fn follow(first: usize, selected: Option<usize>, count: usize, visible: usize) -> usize {
    let first = first.min(last_offset(count, visible));
    match selected {
        Some(selected) if selected < first => selected,
        Some(selected) if visible > 0 && selected >= first + visible => selected + 1 - visible,
        Some(_) | None => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_stays_in_sight() {
        let check = |first, selected, count, visible, expected| {
            assert_eq!(follow(first, selected, count, visible), expected);
        };
        check(0, Some(0), 10, 4, 0);
        check(0, Some(3), 10, 4, 0);
        check(0, Some(4), 10, 4, 1);
        check(5, Some(2), 10, 4, 2);
        check(9, None, 10, 4, 6);
        check(9, Some(9), 10, 4, 6);
        check(3, Some(1), 2, 4, 0);
        check(3, Some(1), 2, 0, 1);
        check(0, None, 0, 4, 0);
    }
}
