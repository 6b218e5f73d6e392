//! The program's side of the terminal, looked at from outside: the line discipline and how to part with it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, tcgetattr, tcsetattr};

/// The line discipline's modes, as far as programs change them.
#[derive(Debug, PartialEq)]
pub(super) struct Modes(Option<(InputModes, OutputModes, LocalModes)>);

impl Modes {
    pub(super) fn of(device: &Path) -> Self {
        let termios = open(device).and_then(|tty| tcgetattr(tty).ok());
        Self(termios.map(|termios| (termios.input_modes, termios.output_modes, termios.local_modes)))
    }
}

/// Opens the program's side of the terminal for a moment, without making it the test's own and without waiting for room.
pub(super) fn open(device: &Path) -> Option<File> {
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags.bits() as i32)
        .open(device)
        .ok()
}

/// Gets the terminal ready to be hung up: the reader is woken, and no end-of-file will be typed.
pub(super) fn prepare_hangup(device: &Path) {
    let Some(mut tty) = open(device) else {
        return;
    };
    // The library's writer types an end-of-file when it is dropped, unless there is none: nobody types on a dead line.
    if let Ok(mut termios) = tcgetattr(&tty) {
        termios.special_codes[SpecialCodeIndex::VEOF] = 0;
        let _ = tcsetattr(&tty, OptionalActions::Now, &termios);
    }
    // The reader sits in a read that nothing can interrupt; a byte from the other side wakes it.
    let _ = tty.write(&[0]);
}

/// Writes zeros until the line takes no more. Returns how many it took.
pub(super) fn fill(line: &mut File) -> u64 {
    let mut filled = 0;
    while let Ok(count) = line.write(&[0; 1024]) {
        filled += count as u64;
    }
    filled
}
