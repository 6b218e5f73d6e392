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
pub(super) struct Frames {
    encoder: Encoder,
    shown: Buffer,
    /// What it will show with the cells that are being drawn.
    next: Buffer,
    /// Nothing of it is certain: the next frame begins on an empty screen.
    cleared: bool,
    bytes: Vec<u8>,
}

impl Frames {
    pub(super) fn new(dialect: Dialect, area: Rect) -> Self {
        Self {
            encoder: Encoder::new(dialect),
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            cleared: true,
            bytes: Vec::new(),
        }
    }

    /// The bytes of what was drawn since they were taken last.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// What the terminal shows.
    pub(super) fn shown(&self) -> &Buffer {
        &self.shown
    }
}

/// Takes away what is drawn where the second half of a wide letter will stand. The terminal shows nothing of it, and what
/// changed is reckoned from what it shows.
pub(super) fn settle(buf: &mut Buffer) {
    let columns = usize::from(buf.area.width).max(1);
    for row in buf.content.chunks_mut(columns) {
        let mut x = 0;
        while x < row.len() {
            let width = match row[x].symbol() {
                symbol if symbol.len() == 1 => 1,
                symbol => symbol.width().max(1),
            };
            let end = (x + width).min(row.len());
            row[x + 1..end].iter_mut().for_each(Cell::reset);
            x = end;
        }
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

    fn text_of(screen: &vt100::Parser) -> Vec<String> {
        let rows = screen.screen().rows(0, AREA.width);
        rows.map(|row| row.trim_end().to_owned()).collect()
    }

    fn bytes_of(terminal: &mut Terminal<Frames>, next: &Buffer) -> Vec<u8> {
        let drawn = terminal.draw(|frame| {
            frame.buffer_mut().clone_from(next);
            settle(frame.buffer_mut());
        });
        drawn.unwrap();
        terminal.backend_mut().take()
    }

    proptest! {
        #[test]
        fn letters_drawn_over_halves_of_others_leave_a_true_picture(frames in prop::collection::vec(frame(), 1..6)) {
            let mut terminal = Terminal::new(Frames::new(Dialect::default(), AREA)).unwrap();
            let mut screen = vt100::Parser::new(AREA.height.try_into().unwrap(), AREA.width.try_into().unwrap(), 0);
            for next in frames {
                screen.process(&bytes_of(&mut terminal, &next));
                let mut settled = next.clone();
                settle(&mut settled);
                let mut whole = vt100::Parser::new(AREA.height.try_into().unwrap(), AREA.width.try_into().unwrap(), 0);
                whole.process(&Encoder::default().repaint(&Buffer::empty(AREA), &settled));
                prop_assert_eq!(text_of(&screen), text_of(&whole));
                prop_assert_eq!(terminal.backend().shown(), &settled);
            }
        }

        #[test]
        fn a_frame_costs_what_the_encoder_makes_of_both_buffers(
            frames in prop::collection::vec((frame(), any::<bool>()), 1..6),
        ) {
            let mut terminal = Terminal::new(Frames::new(Dialect::default(), AREA)).unwrap();
            let mut encoder = Encoder::default();
            let blank = Buffer::empty(AREA);
            let mut before = None;
            for (mut next, is_whole) in frames {
                settle(&mut next);
                if is_whole {
                    terminal.clear().unwrap();
                    before = None;
                }
                let bytes = bytes_of(&mut terminal, &next);
                let expected = match &before {
                    Some(before) => encoder.changes(before, &next),
                    None => encoder.repaint(&blank, &next),
                };
                prop_assert_eq!(bytes, expected);
                before = Some(next);
            }
        }
    }
}
