//! The screen: events in, at most one frame out for all that are waiting.
//!
//! [`run`] blocks until something happens, never polls and never draws by the clock. A key becomes an
//! [`Action`](action::Action) by the table of [`keys`], the action changes the [`View`](view::View), and where everything
//! stands is reckoned anew ([`Stage`](stage::Stage)); then view and newest snapshot are drawn. What the screen needs from
//! outside it asks for with a [`Request`](probetop_core::snapshot::Request), as every [`Reader`] does.

pub mod action;
pub mod event;
pub mod keys;
pub mod column;
pub mod page;
pub mod section;
pub mod view;
pub mod geometry;
pub mod layout;
pub mod stage;
pub mod theme;
pub mod format;
pub mod standing;
pub mod widget;
pub mod pane;
pub mod picture;
pub mod meter;
pub mod budget;
mod line;
mod screen;
pub mod preset;
mod settings;
pub mod terminal;

use std::io;
use std::sync::mpsc::{Receiver, Sender};

use probetop_core::clock::Clock;
use probetop_core::snapshot::Reader;

pub use event::{Event, Exit, Input, Signal};
pub use settings::{Look, ScreenSettings, Settings, ThemeFrom};
pub use theme::{ColorChoice, Themes};
pub use widget::timeline::Motion;

use self::screen::{Cause, Next, Screen};
use self::terminal::input;
use self::terminal::{Drawn, Terminal};

/// Shows what `reader` gets until the user quits, a signal stops the screen or the terminal goes away. `sender` feeds `events`. What
/// `has_ended` says is asked before each event, so that [`Signal::Stop`] waits behind nothing that came before it. `mask`
/// takes secrets out of a text.
///
/// # Errors
/// When standard input or output is not a terminal, or it cannot be entered or read.
pub fn run(
    look: Look,
    clock: Clock,
    events: Receiver<Event>,
    sender: Sender<Event>,
    has_ended: impl Fn() -> bool,
    mask: impl Fn(&str) -> String + Send + Sync + 'static,
    reader: &impl Reader,
) -> io::Result<Exit> {
    let terminal = Terminal::enter(look.dialect, look.mouse, sender.clone(), clock.clone(), mask)?;
    input::spawn(sender)?;
    let mut screen = Screen::new(terminal, look, clock, reader);
    // The answer is the first snapshot; until it is there, a moment later, nothing could be said.
    screen.ask_for_what_is_shown();
    // Skipped because the terminal did not read: to be drawn when it has.
    let mut owed = None;
    while let Ok(event) = events.recv() {
        let mut cause: Option<Cause> = owed;
        for event in std::iter::once(event).chain(events.try_iter()) {
            if has_ended() {
                return Ok(screen.end(Exit::Quit));
            }
            match screen.handle(event)? {
                Next::Nothing => {}
                Next::Draw(reason) => cause = cause.max(Some(reason)),
                Next::End(exit) => return Ok(screen.end(exit)),
            }
        }
        screen.ask_for_what_is_shown();
        owed = cause.filter(|cause| screen.draw(*cause) == Drawn::Skipped);
    }
    Ok(screen.end(Exit::Quit))
}
