//! Entering the terminal and giving it back, on return, on request and when drawing panics.

use std::io;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use probetop_core::sample::{Severity, Text};

use super::attention;
use super::dialect::Dialect;
use super::session::is_foreground;
use super::writer::Writer;
use crate::ui::Event;

/// Ends whatever was being said when the rest of it was thrown away.
const END_OF_STRING: &str = "\x1b\\";

/// How long to wait for a terminal that does not read before what it has not read is thrown away, and then before it is
/// left as it is.
pub(super) const RESTORE_LIMIT: Duration = Duration::from_millis(500);

/// What is needed to enter the terminal and to give it back; shared with the panic hook.
#[derive(Clone)]
pub(super) struct Guard {
    writer: Writer,
    dialect: Dialect,
    /// Whether there is something to give back.
    active: Arc<AtomicBool>,
    /// Whether the window's title is ours.
    pub titled: Arc<AtomicBool>,
    /// Whether clicks are asked for.
    pub mouse: Arc<AtomicBool>,
}

impl Guard {
    pub(super) fn new(writer: Writer, dialect: Dialect, mouse: bool) -> Self {
        Self {
            writer,
            dialect,
            active: Arc::default(),
            titled: Arc::default(),
            mouse: Arc::new(AtomicBool::new(mouse)),
        }
    }

    pub(super) fn enter(&self) -> io::Result<()> {
        // A shell has set its own modes while the process was stopped by force, and raw mode would count as still on.
        disable_raw_mode()?;
        enable_raw_mode()?;
        self.active.store(true, Ordering::Relaxed);
        let mut bytes = self.dialect.enter();
        if self.mouse.load(Ordering::Relaxed) {
            bytes.push_str(&self.dialect.mouse_on());
        }
        self.writer.send(bytes.into_bytes());
        self.writer.wait(RESTORE_LIMIT);
        Ok(())
    }

    /// Whether the terminal is entered.
    pub(super) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    /// Leaves the terminal as it is, to whoever has it.
    pub(super) fn abandon(&self) {
        self.active.store(false, Ordering::Relaxed);
    }

    /// Through the writer, so that it comes after what is still being written; instead of that, where the terminal does not
    /// read. Not from the background, where a shell has the terminal, and who sets its modes is stopped.
    pub(super) fn restore(&self) {
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
pub(super) fn restore_on_panic(
    guard: Guard,
    events: Sender<Event>,
    mask: impl Fn(&str) -> String + Send + Sync + 'static,
) {
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
