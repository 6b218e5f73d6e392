//! What ratatui draws to: the cells that changed become as few bytes as they can be, for the writer to take.
//!
//! The cursor is hidden for as long as the screen is ours, so that whoever asks for it changes nothing.

use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use unicode_width::UnicodeWidthStr;

use super::dialect::Dialect;
use super::encoder::{Change, Encoder};

/// Knows what the terminal shows.
#[derive(Debug)]
pub struct Frames {
    encoder: Encoder,
    shown: Buffer,
    /// What it will show with the cells that are being drawn.
    next: Buffer,
    /// Nothing of it is certain: the next frame begins on an empty screen.
    cleared: bool,
    bytes: Vec<u8>,
}

impl Frames {
    pub fn new(dialect: Dialect, area: Rect) -> Self {
        Self {
            encoder: Encoder::new(dialect),
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            cleared: true,
            bytes: Vec::new(),
        }
    }

    /// The bytes of what was drawn since they were taken last.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// What the terminal shows.
    pub fn shown(&self) -> &Buffer {
        &self.shown
    }
}

/// Puts a cell where it belongs; the one behind a wide letter shows nothing of its own.
fn put(buf: &mut Buffer, (x, y, cell): &Change) {
    let width = u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
    if let Some(place) = buf.cell_mut((*x, *y)) {
        place.clone_from(cell);
    }
    for hidden in 1..width {
        if let Some(place) = buf.cell_mut((x.saturating_add(hidden), *y)) {
            place.reset();
        }
    }
}

impl Backend for Frames {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let changes: Vec<Change> = content.collect();
        changes.iter().for_each(|change| put(&mut self.next, change));
        let bytes = if std::mem::take(&mut self.cleared) {
            self.encoder.encode_whole(&changes, &self.shown, &self.next)
        } else {
            self.encoder.encode(&changes, &self.shown, &self.next)
        };
        changes.iter().for_each(|change| put(&mut self.shown, change));
        self.bytes.extend(bytes);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.shown.reset();
        self.next.reset();
        self.cleared = true;
        Ok(())
    }

    /// All of it, whichever part was meant: the whole screen is ours.
    fn clear_region(&mut self, _clear_type: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.shown.area.as_size())
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.shown.area.as_size(),
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::style::{Color, Style};

    use super::*;

    const AREA: Rect = Rect::new(0, 0, 24, 6);

    fn frame() -> impl Strategy<Value = Buffer> {
        let style = prop_oneof![Just(Style::new()), Just(Style::new().fg(Color::Red).bg(Color::Blue))];
        let piece = (0..AREA.width, 0..AREA.height, "[ a-c日▁×é⣿]{0,12}", style);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| {
            let mut buf = Buffer::empty(AREA);
            for (x, y, text, style) in pieces {
                buf.set_string(x, y, text, style);
            }
            buf
        })
    }

    proptest! {
        #[test]
        fn a_frame_costs_what_the_encoder_makes_of_both_buffers(
            frames in prop::collection::vec((frame(), any::<bool>()), 1..6),
        ) {
            let mut terminal = Terminal::new(Frames::new(Dialect::default(), AREA)).unwrap();
            let mut encoder = Encoder::default();
            let blank = Buffer::empty(AREA);
            let mut before = None;
            for (next, is_whole) in frames {
                if is_whole {
                    terminal.clear().unwrap();
                    before = None;
                }
                terminal.draw(|frame| *frame.buffer_mut() = next.clone()).unwrap();
                let expected = match &before {
                    Some(before) => encoder.changes(before, &next),
                    None => encoder.repaint(&blank, &next),
                };
                prop_assert_eq!(terminal.backend_mut().take(), expected);
                before = Some(next);
            }
        }
    }
}
