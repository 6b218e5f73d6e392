//! The terminal: entered, drawn to and given back. The guard restores it on drop, on panic and on request.
//!
//! A frame is drawn by ratatui to [`backend`], which makes bytes of what changed by [`encoder`]; [`writer`] does one write of
//! them. While that write has not come back the terminal does not read; then [`Terminal::draw`] draws nothing, so that the
//! buffers keep matching what was really sent.

pub mod attention;
mod backend;
mod clipboard;
mod decoder;
pub mod dialect;
pub mod encoder;
mod ground;
mod guard;
pub mod input;
pub mod session;
mod shift;
mod writer;

use std::io::{self, IsTerminal};
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Attention, Text, Title};
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use rustix::termios::tcgetwinsize;

use self::backend::Frames;
use self::dialect::Dialect;
use self::guard::{Guard, RESTORE_LIMIT};
use self::writer::Writer;
use super::{Event, picture};

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
    frames: ratatui::Terminal<Frames>,
    /// The next frame is sent whole.
    repaint: bool,
    /// The newest call for attention, until the next frame.
    call: Vec<u8>,
    /// The newest copy for the clipboard and a change of the mouse, until the next frame.
    background_tasks: Vec<u8>,
    /// The title that is shown and the one that is wanted; `None` is the terminal's own.
    shown_title: Option<Text>,
    title: Option<Text>,
    guard: Guard,
}

impl Terminal {
    /// Enters the alternate screen. `mask` takes secrets out of a text.
    ///
    /// # Errors
    /// When standard input or output is not a terminal or cannot be set to raw mode.
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
        let guard = Guard::new(writer.clone(), dialect, mouse);
        guard::restore_on_panic(guard.clone(), events, mask);
        let mut terminal = Self {
            writer,
            dialect,
            frames: frames(dialect),
            repaint: true,
            call: Vec::new(),
            background_tasks: Vec::new(),
            shown_title: None,
            title: None,
            guard,
        };
        terminal.resume()?;
        Ok(terminal)
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.frames.backend().shown().area.as_size().into()
    }

    /// Reads the size again and sends the whole screen with the next frame: a terminal that has been smaller for a moment has
    /// lost cells, even if nobody saw that size.
    pub fn resize(&mut self) {
        self.frames = frames(self.dialect);
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
            self.background_tasks
                .extend(self.dialect.carry(clipboard::copy(text)).into_bytes());
        }
    }

    /// Asks what ground the terminal has, with the next frame. Returns whether there is one to ask.
    pub fn ask_for_ground(&mut self) -> bool {
        let can_answer = self.dialect.has_window();
        if can_answer {
            self.background_tasks.extend(ground::QUESTION.as_bytes());
        }
        can_answer
    }

    /// Asks for clicks and the wheel, or leaves them to the terminal, with the next frame.
    pub fn listen_to_mouse(&mut self, mouse: bool) {
        if self.guard.mouse.swap(mouse, Ordering::Relaxed) != mouse {
            let switch = if mouse {
                self.dialect.mouse_on()
            } else {
                self.dialect.mouse_off()
            };
            self.background_tasks.extend(switch.into_bytes());
        }
    }

    /// Draws one frame and sends what changed; nothing is sent when nothing changed.
    pub fn draw(&mut self, screen: impl Widget) -> Drawn {
        if !self.guard.is_active() || !self.writer.is_idle() {
            return Drawn::Skipped;
        }
        let is_whole = std::mem::take(&mut self.repaint);
        if is_whole {
            let Ok(()) = self.frames.clear();
        }
        let Ok(_) = self.frames.draw(|frame| {
            frame.render_widget(screen, frame.area());
            backend::settle(frame.buffer_mut());
        });
        let mut frame = self.call_out();
        frame.extend(self.frames.backend_mut().take());
        let length = frame.len();
        if length > 0 {
            self.writer.send(frame);
        }
        if is_whole { Drawn::Whole } else { Drawn::Changes(length) }
    }

    /// What goes to the terminal beside the frame.
    fn call_out(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.call);
        bytes.append(&mut self.background_tasks);
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
        self.guard.abandon();
    }

    /// Enters again after [`Terminal::restore`], or after a stop that left no time for it.
    ///
    /// # Errors
    /// When the terminal cannot be set to raw mode.
    pub fn resume(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        // A stop by force has given nothing back: then the terminal still keeps its own title.
        if !self.guard.titled.load(Ordering::Relaxed) {
            self.shown_title = None;
        }
        self.resize();
        Ok(())
    }

    /// Restores, and leaves what was shown last as plain lines.
    pub fn restore_keeping_frame(&mut self) {
        self.restore();
        let shown = picture::text(self.frames.backend().shown());
        self.writer.send(shown.into_bytes());
        self.writer.wait(RESTORE_LIMIT);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
    }
}

/// Draws frames of the size that the terminal has now.
fn frames(dialect: Dialect) -> ratatui::Terminal<Frames> {
    let (width, height) = size();
    let Ok(frames) = ratatui::Terminal::new(Frames::new(dialect, Rect::new(0, 0, width, height)));
    frames
}

/// Columns and rows; 80x24 for a terminal that does not tell, as a serial line does not.
fn size() -> (u16, u16) {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.min(SIZE_LIMIT), size.ws_row.min(SIZE_LIMIT)),
        Ok(_) | Err(_) => (80, 24),
    }
}
