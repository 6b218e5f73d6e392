//! The terminal: entered, drawn to and given back. The guard restores it on drop, on panic and on request.
//!
//! A frame is what changed since the one before, made into bytes by [`encoder`] and handed to [`writer`], which does one
//! write. While that write has not come back the terminal does not read; then [`Terminal::draw`] draws nothing, so that the
//! buffers keep matching what was really sent.

pub mod attention;
mod clipboard;
mod decoder;
pub mod dialect;
pub mod encoder;
pub mod input;
pub mod session;
mod writer;

use std::io::{self, IsTerminal};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::termios::tcgetwinsize;

use self::dialect::Dialect;
use self::encoder::Encoder;
use self::session::is_foreground;
use self::writer::Writer;
use super::Event;
use crate::clock::{Clock, Timestamp};
use crate::sample::{Attention, Severity, Text, Title};

/// Ends whatever was being said when the rest of it was thrown away.
const END_OF_STRING: &str = "\x1b\\";

/// How long to wait for a terminal that does not read before what it has not read is thrown away, and then before it is
/// left as it is.
const RESTORE_LIMIT: Duration = Duration::from_millis(500);

/// Larger than any screen; a terminal that claims more is not believed.
const SIZE_LIMIT: u16 = 1000;

/// What was handed to the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// So many bytes for what had changed: none for nothing.
    Changes(usize),
    /// The whole screen.
    Whole,
    /// The writer is still busy with an earlier frame, or the terminal is given back.
    Skipped,
}

/// The terminal while the screen is shown on it.
pub struct Terminal {
    writer: Writer,
    dialect: Dialect,
    encoder: Encoder,
    /// What the terminal shows, and where the next frame is drawn.
    shown: Buffer,
    next: Buffer,
    repaint: bool,
    /// The newest call for attention, until the next frame.
    call: Vec<u8>,
    /// The newest copy for the clipboard and a change of the mouse, until the next frame.
    errands: Vec<u8>,
    /// The title that is shown and the one that is wanted; `None` is the terminal's own.
    shown_title: Option<Text>,
    title: Option<Text>,
    guard: Guard,
}

impl Terminal {
    /// Enters the alternate screen. `mask` takes secrets out of a text.
    ///
    /// # Errors
    /// When standard input or output is no terminal or cannot be set to raw mode.
    pub fn enter(
        dialect: Dialect,
        mouse: bool,
        events: Sender<Event>,
        clock: Clock,
        mask: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> io::Result<Self> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(io::Error::other("standard input or output is not a terminal"));
        }
        let writer = Writer::spawn(events.clone(), clock)?;
        let guard = Guard {
            writer: writer.clone(),
            dialect,
            active: Arc::default(),
            titled: Arc::default(),
            mouse: Arc::new(AtomicBool::new(mouse)),
        };
        restore_on_panic(guard.clone(), events, mask);
        let area = Rect::from(((0, 0).into(), size().into()));
        let mut terminal = Self {
            writer,
            dialect,
            encoder: Encoder::new(dialect),
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            repaint: true,
            call: Vec::new(),
            errands: Vec::new(),
            shown_title: None,
            title: None,
            guard,
        };
        terminal.resume()?;
        Ok(terminal)
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        (self.next.area.width, self.next.area.height)
    }

    /// Reads the size again and sends the whole screen with the next frame: a terminal that has been smaller for a moment has
    /// lost cells, even if nobody saw that size.
    pub fn resize(&mut self) {
        let size = size();
        let area = Rect::new(0, 0, size.0, size.1);
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.repaint = true;
    }

    /// Sends the whole screen with the next frame.
    pub fn repaint(&mut self) {
        self.repaint = true;
    }

    /// Since when the terminal has not taken what it was sent; `None`: it has taken everything.
    pub fn busy_since(&self) -> Option<Timestamp> {
        self.writer.busy_since()
    }

    /// Calls for attention with the next frame; of several until then the newest counts.
    pub fn attend(&mut self, attention: &Attention) {
        self.call = attention::call(self.dialect, attention.bell, attention.popup.as_ref());
        if !self.dialect.has_window() {
            return;
        }
        match &attention.title {
            Title::AsItIs => {}
            Title::Ours(title) => self.title = Some(title.clone()),
            Title::GivenBack => self.title = None,
        }
    }

    /// Puts text on the terminal's clipboard, with the next frame.
    pub fn copy(&mut self, text: &Text) {
        if self.dialect.has_window() {
            self.errands
                .extend(self.dialect.carry(clipboard::copy(text)).into_bytes());
        }
    }

    /// Asks for clicks and the wheel, or leaves them to the terminal, with the next frame.
    pub fn listen_to_mouse(&mut self, mouse: bool) {
        if self.guard.mouse.swap(mouse, Ordering::Relaxed) != mouse {
            let switch = if mouse {
                self.dialect.mouse_on()
            } else {
                self.dialect.mouse_off()
            };
            self.errands.extend(switch.as_bytes());
        }
    }

    /// Draws one frame and sends what changed; nothing is sent when nothing changed.
    pub fn draw(&mut self, render: impl FnOnce(Rect, &mut Buffer)) -> Drawn {
        if !self.guard.is_active() || !self.writer.is_idle() {
            return Drawn::Skipped;
        }
        self.next.reset();
        render(self.next.area, &mut self.next);
        let is_whole = std::mem::take(&mut self.repaint);
        let changes = if is_whole {
            self.shown.reset();
            self.encoder.repaint(&self.shown, &self.next)
        } else {
            self.encoder.changes(&self.shown, &self.next)
        };
        std::mem::swap(&mut self.shown, &mut self.next);
        let mut frame = self.call_out();
        frame.extend(changes);
        let length = frame.len();
        if length > 0 {
            self.writer.send(frame);
        }
        if is_whole { Drawn::Whole } else { Drawn::Changes(length) }
    }

    /// What goes to the terminal beside the frame.
    fn call_out(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.call);
        bytes.append(&mut self.errands);
        bytes.extend(attention::title(self.shown_title.as_ref(), self.title.as_ref()));
        self.shown_title.clone_from(&self.title);
        self.guard.titled.store(self.title.is_some(), Ordering::Relaxed);
        bytes
    }

    /// Gives the terminal back, for a shell or for good.
    pub fn restore(&mut self) {
        self.guard.restore();
    }

    /// Leaves the terminal as it is, to whoever has it.
    pub fn abandon(&mut self) {
        self.guard.active.store(false, Ordering::Relaxed);
    }

    /// Enters again after [`Terminal::restore`], or after a stop that left no time for it.
    ///
    /// # Errors
    /// When the terminal cannot be set to raw mode.
    pub fn resume(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        self.encoder = Encoder::new(self.dialect);
        // A stop by force has given nothing back: then the terminal still keeps its own title.
        if !self.guard.titled.load(Ordering::Relaxed) {
            self.shown_title = None;
        }
        self.resize();
        self.repaint = true;
        Ok(())
    }

    /// Restores, and leaves what was shown last as plain lines.
    pub fn restore_keeping_frame(&mut self) {
        self.restore();
        self.writer.send(plain_lines(&self.shown).into_bytes());
        self.writer.wait(RESTORE_LIMIT);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
    }
}

/// The cells as lines without styles, trailing space cut off.
fn plain_lines(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut x = buf.area.left();
        while x < buf.area.right() {
            let symbol = buf.cell((x, y)).map_or(" ", |cell| cell.symbol());
            line.push_str(symbol);
            // The cell after a wide character is hidden by it.
            x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol))
                .unwrap_or(1)
                .max(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Columns and rows; 80x24 for a terminal that does not tell, as a serial line does not.
fn size() -> (u16, u16) {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.min(SIZE_LIMIT), size.ws_row.min(SIZE_LIMIT)),
        Ok(_) | Err(_) => (80, 24),
    }
}

/// What is needed to enter the terminal and to give it back; shared with the panic hook.
#[derive(Clone)]
struct Guard {
    writer: Writer,
    dialect: Dialect,
    /// Whether there is something to give back.
    active: Arc<AtomicBool>,
    /// Whether the window's title is ours.
    titled: Arc<AtomicBool>,
    /// Whether clicks are asked for.
    mouse: Arc<AtomicBool>,
}

impl Guard {
    fn enter(&self) -> io::Result<()> {
        // A shell has set its own modes while the process was stopped by force, and raw mode would count as still on.
        disable_raw_mode()?;
        enable_raw_mode()?;
        self.active.store(true, Ordering::Relaxed);
        let mut bytes = self.dialect.enter();
        if self.mouse.load(Ordering::Relaxed) {
            bytes.push_str(self.dialect.mouse_on());
        }
        self.writer.send(bytes.into_bytes());
        self.writer.wait(RESTORE_LIMIT);
        Ok(())
    }

    fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    /// Through the writer, so that it comes after what is still being written; instead of that, where the terminal does not
    /// read. Not from the background, where a shell has the terminal, and who sets its modes is stopped.
    fn restore(&self) {
        if self.active.swap(false, Ordering::Relaxed) && is_foreground() {
            let mut bytes = self.dialect.leave().into_bytes();
            if self.titled.swap(false, Ordering::Relaxed) {
                bytes.extend(attention::GIVE_TITLE_BACK);
            }
            self.writer.wait(RESTORE_LIMIT);
            if self.writer.is_idle() {
                self.writer.send(bytes.clone());
                self.writer.wait(RESTORE_LIMIT);
            }
            if !self.writer.is_idle() {
                self.writer.write_instead(&[END_OF_STRING.as_bytes(), &bytes].concat());
            }
            // Nothing can be done about a terminal that is gone.
            let _ = disable_raw_mode();
        }
    }
}

/// A panic of the thread that draws gives the terminal back before its message is printed. A panic elsewhere, which ends
/// one task only, must not take the screen with it: its message goes to the footer.
fn restore_on_panic(guard: Guard, events: Sender<Event>, mask: impl Fn(&str) -> String + Send + Sync + 'static) {
    let drawing = thread::current().id();
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !guard.is_active() {
            return previous(panic);
        }
        if thread::current().id() != drawing {
            let text = Text::clean(&mask(&format!("internal error: {panic}")));
            // The screen is gone when nobody receives: then there is nowhere to say it.
            let _ = events.send(Event::Notice {
                severity: Severity::Critical,
                text,
            });
            return;
        }
        guard.restore();
        previous(panic);
    }));
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn the_last_frame_is_left_as_plain_lines() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 3));
        buf.set_string(0, 0, "ab", Style::default());
        buf.set_string(1, 1, "日本x", Style::default());
        assert_eq!(plain_lines(&buf), "ab\n 日本x\n\n");
    }
}
