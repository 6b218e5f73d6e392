//! What a terminal understands beyond the cursor and plain text, by its [`Family`]. Pure.
//!
//! Everything is held against the database of terminals, in `tests/screen/terminfo.rs`. What xterm's descendants do not know of
//! it they ignore, as ECMA-48 wants private modes to be; the others are never sent it.

use std::fmt;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{Command, queue};
use ratatui::style::{Color, Modifier};

use crate::ui::theme::{Environment, Family};

/// Every terminal with a cursor can be emptied this way; the largest part of them by nothing shorter.
const CLEAR: &str = "\x1b[H\x1b[J";

/// Empties the screen.
struct Clear;

impl Command for Clear {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(CLEAR)
    }
}

/// Button and wheel events (1000), motion while a button is down (1002), all in SGR form (1006). Other motion, which crossterm's
/// own command asks for as well, would cost input bytes and mean nothing.
struct EnableClicks;

impl Command for EnableClicks {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
    }
}

struct DisableClicks;

impl Command for DisableClicks {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1006l\x1b[?1002l\x1b[?1000l")
    }
}

/// Commands one after the other, as the terminal is sent them.
#[derive(Debug, Default)]
struct Sequence(String);

impl Sequence {
    fn then(mut self, command: impl Command) -> Self {
        // Writing into a string does not fail.
        let _ = command.write_ansi(&mut self.0);
        self
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    family: Family,
    inside: Inside,
}

/// What the terminal itself runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inside {
    #[default]
    Nothing,
    /// It hands on what is wrapped for it, where its option `allow-passthrough` is on.
    Tmux,
}

impl Dialect {
    pub fn new(family: Family, inside: Inside) -> Self {
        Self { family, inside }
    }

    pub fn of(environment: &Environment) -> Self {
        let inside = if environment.is_in_tmux() {
            Inside::Tmux
        } else {
            Inside::Nothing
        };
        Self::new(environment.family(), inside)
    }

    /// Takes the screen and empties it.
    pub fn enter(self) -> String {
        let modes = Sequence::default();
        let modes = match self.family {
            // Pasted text is marked as such, so that it presses no keys.
            Family::Xterm => modes.then(EnterAlternateScreen).then(Hide).then(EnableBracketedPaste),
            Family::Linux | Family::Vt220 => modes.then(Hide),
            Family::Vt100 | Family::Dumb => modes,
        };
        modes.then(Clear).0
    }

    /// Empties the screen, whatever the pen is set to.
    pub fn clear(self) -> String {
        Sequence::default().then(SetAttribute(Attribute::Reset)).then(Clear).0
    }

    /// Gives the screen back: what was there before, or where there is but one an empty one. Ends a synchronized update
    /// that was cut off as well, and leaves no colour behind.
    pub fn leave(self) -> String {
        let emptied = |begun: Sequence| begun.then(SetAttribute(Attribute::Reset)).then(Clear);
        let begun = Sequence::default();
        let left = match self.family {
            // GNU screen has but one screen unless it is told to have two: it is emptied before it is left.
            Family::Xterm => emptied(begun.then(EndSynchronizedUpdate))
                .then(DisableBracketedPaste)
                .then(DisableClicks)
                .then(Show)
                .then(LeaveAlternateScreen),
            Family::Linux | Family::Vt220 => emptied(begun).then(Show),
            Family::Vt100 | Family::Dumb => emptied(begun),
        };
        left.0
    }

    /// Asks for clicks and the wheel.
    pub fn mouse_on(self) -> String {
        self.if_window(EnableClicks)
    }

    /// Leaves them to the terminal.
    pub fn mouse_off(self) -> String {
        self.if_window(DisableClicks)
    }

    fn if_window(self, command: impl Command) -> String {
        match self.has_window() {
            true => Sequence::default().then(command).0,
            false => String::new(),
        }
    }

    /// A frame between the marks of a synchronized update: the terminal shows it at once or ignores the marks.
    pub fn framed(self, body: &[u8]) -> Vec<u8> {
        let mut frame = Vec::with_capacity(body.len() + 16);
        // Writing into a vector does not fail.
        let _ = match self.family {
            Family::Xterm => queue!(frame, BeginSynchronizedUpdate),
            Family::Linux | Family::Vt220 | Family::Vt100 | Family::Dumb => Ok(()),
        };
        frame.extend_from_slice(body);
        let _ = match self.family {
            Family::Xterm => queue!(frame, EndSynchronizedUpdate),
            Family::Linux | Family::Vt220 | Family::Vt100 | Family::Dumb => Ok(()),
        };
        frame
    }

    /// Whether there is a title, and notices of a desktop.
    pub fn has_window(self) -> bool {
        self.family == Family::Xterm
    }

    /// Whether characters can be deleted and inserted: since the VT102, which the VT220 does as well.
    pub fn can_shift(self) -> bool {
        match self.family {
            Family::Xterm | Family::Linux | Family::Vt220 => true,
            Family::Vt100 | Family::Dumb => false,
        }
    }

    /// A sequence that is meant for the terminal around a multiplexer.
    pub fn outward(self, sequence: String) -> String {
        match self.inside {
            Inside::Nothing => sequence,
            Inside::Tmux => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
        }
    }

    /// A sequence that is meant for the user's own terminal. A multiplexer is told as well: it may do what it is asked though
    /// it hands nothing on.
    pub fn carry(self, sequence: String) -> String {
        match self.inside {
            Inside::Nothing => sequence,
            Inside::Tmux => format!("{sequence}{}", self.outward(sequence.clone())),
        }
    }

    /// The modifiers it has of those that are asked for.
    pub fn modifier(self, wanted: Modifier) -> Modifier {
        const DEC: Modifier = Modifier::BOLD.union(Modifier::UNDERLINED).union(Modifier::REVERSED);
        match self.family {
            Family::Xterm => wanted,
            // An underline is a colour there, and takes the place of the text's own.
            Family::Linux => wanted & (Modifier::BOLD | Modifier::DIM | Modifier::REVERSED),
            Family::Vt220 | Family::Vt100 | Family::Dumb => wanted & DEC,
        }
    }

    /// A text's colour, and what makes it bright. Only xterm's descendants have bright colours of their own: elsewhere they
    /// are bold ones, and a code for a bright one may stay bold after the next colour. Grey is dimmed text, where there is
    /// such a thing: bold black is black on many.
    pub fn text_color(self, wanted: Color) -> (Color, Modifier) {
        match (self.family, darker(wanted)) {
            (Family::Xterm, _) | (_, None) => (wanted, Modifier::empty()),
            (Family::Linux | Family::Vt220 | Family::Vt100 | Family::Dumb, Some(Color::Black)) => {
                (Color::Reset, self.modifier(Modifier::DIM))
            }
            (Family::Linux | Family::Vt220 | Family::Vt100 | Family::Dumb, Some(dark)) => (dark, Modifier::BOLD),
        }
    }

    /// A ground's colour; no ground is bright where there are eight.
    pub fn ground_color(self, wanted: Color) -> Color {
        match self.family {
            Family::Xterm => wanted,
            Family::Linux | Family::Vt220 | Family::Vt100 | Family::Dumb => darker(wanted).unwrap_or(wanted),
        }
    }
}

/// The one of the first eight colours that a bright one is of.
fn darker(color: Color) -> Option<Color> {
    match color {
        Color::DarkGray => Some(Color::Black),
        Color::LightRed => Some(Color::Red),
        Color::LightGreen => Some(Color::Green),
        Color::LightYellow => Some(Color::Yellow),
        Color::LightBlue => Some(Color::Blue),
        Color::LightMagenta => Some(Color::Magenta),
        Color::LightCyan => Some(Color::Cyan),
        Color::White => Some(Color::Gray),
        Color::Reset
        | Color::Black
        | Color::Red
        | Color::Green
        | Color::Yellow
        | Color::Blue
        | Color::Magenta
        | Color::Cyan
        | Color::Gray
        | Color::Rgb(..)
        | Color::Indexed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_for_the_desktop_gets_through_tmux() {
        let sequence = || "\x1b]9;slow\x1b\\".to_owned();
        let check = |inside, expected| assert_eq!(Dialect::new(Family::Xterm, inside).outward(sequence()), expected);
        check(Inside::Nothing, "\x1b]9;slow\x1b\\");
        check(Inside::Tmux, "\x1bPtmux;\x1b\x1b]9;slow\x1b\x1b\\\x1b\\");
    }

    #[test]
    fn bright_is_bold_where_there_are_eight_colours() {
        let check =
            |family, wanted, expected| assert_eq!(Dialect::new(family, Inside::Nothing).text_color(wanted), expected);
        check(Family::Xterm, Color::LightRed, (Color::LightRed, Modifier::empty()));
        check(Family::Linux, Color::LightRed, (Color::Red, Modifier::BOLD));
        check(Family::Linux, Color::DarkGray, (Color::Reset, Modifier::DIM));
        check(Family::Vt220, Color::DarkGray, (Color::Reset, Modifier::empty()));
        check(Family::Linux, Color::Red, (Color::Red, Modifier::empty()));
    }
}
