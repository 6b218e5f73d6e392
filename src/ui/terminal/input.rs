//! The threads that read the terminal: keys and mouse, and the hang-up.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::Sender;
use std::thread;

use crossterm::event::{self, MouseButton, MouseEventKind};
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::ui::keys::Chord;
use crate::ui::view::{Pointer, PointerKind};
use crate::ui::{Event, Input};

/// Starts reading. The threads end with the process: a read from a terminal cannot be called off.
///
/// # Errors
/// When there is no terminal to read from, or no thread can be started.
pub fn spawn(events: Sender<Event>) -> io::Result<()> {
    let terminal = terminal()?;
    let lost = events.clone();
    thread::Builder::new()
        .name("screen-hangup".into())
        .spawn(move || wait_for_hangup(&terminal, &lost))?;
    thread::Builder::new()
        .name("screen-input".into())
        .spawn(move || read(&events))?;
    Ok(())
}

/// What the event reader reads from: standard input if it is a terminal, else the controlling one.
fn terminal() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return stdin.as_fd().try_clone_to_owned();
    }
    Ok(File::open("/dev/tty")?.into())
}

fn read(events: &Sender<Event>) {
    loop {
        let event = match event::read() {
            Ok(event) => event,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => {
                // Nobody receives when the screen has ended already.
                let _ = events.send(Event::Lost);
                return;
            }
        };
        if let Some(input) = translate(event)
            && events.send(Event::Terminal(input)).is_err()
        {
            return;
        }
    }
}

/// The event reader of crossterm 0.29 ignores end of file and EIO and reads again at once: on a terminal that hung up it
/// spins. So the hang-up is waited for apart: a poll that asks for nothing reports hang-up and error alone.
fn wait_for_hangup(terminal: &OwnedFd, events: &Sender<Event>) {
    loop {
        let mut fds = [PollFd::new(terminal, PollFlags::empty())];
        match rustix::event::poll(&mut fds, None) {
            Err(Errno::INTR) => {}
            Ok(_) | Err(_) => {
                // Nobody receives when the screen has ended already.
                let _ = events.send(Event::Lost);
                return;
            }
        }
    }
}

fn translate(event: event::Event) -> Option<Input> {
    match event {
        event::Event::Key(key) => Chord::from_event(key).map(Input::Key),
        event::Event::Resize(_, _) => Some(Input::Resized),
        event::Event::Mouse(mouse) => {
            let kind = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => PointerKind::Click,
                MouseEventKind::ScrollUp => PointerKind::WheelUp,
                MouseEventKind::ScrollDown => PointerKind::WheelDown,
                _ => return None,
            };
            Some(Input::Pointer(Pointer {
                x: mouse.column,
                y: mouse.row,
                kind,
            }))
        }
        event::Event::Paste(text) => Some(Input::Paste(text)),
        event::Event::FocusGained | event::Event::FocusLost => None,
    }
}
