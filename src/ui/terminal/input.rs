//! The thread that reads the terminal: keys, clicks, and that it is gone.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::Sender;
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::decoder::Decoder;
use super::is_foreground;
use crate::ui::Event;

/// An Esc that nothing follows for so long is the key. A sequence that the network cuts in two arrives in less; vim waits
/// as long by default in its distributions.
const QUIET: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// In the background it is looked this often whether the terminal is ours again.
const BACKGROUND: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 250_000_000,
};

/// Many keys; a paste comes in several reads.
const BUFFER_BYTES: usize = 1024;

/// Starts reading standard input. The thread ends with the terminal or the process: a read cannot be called off.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(events: Sender<Event>) -> io::Result<()> {
    thread::Builder::new().name("screen-input".into()).spawn(move || {
        if read_all(io::stdin().as_fd(), &events) == End::Lost {
            // Nobody receives when the screen has ended already.
            let _ = events.send(Event::Lost);
        }
    })?;
    Ok(())
}

/// Why reading ended.
#[derive(PartialEq, Eq)]
enum End {
    /// The terminal has hung up.
    Lost,
    NobodyListens,
}

fn read_all(terminal: BorrowedFd<'_>, events: &Sender<Event>) -> End {
    let mut decoder = Decoder::default();
    let mut buffer = [0; BUFFER_BYTES];
    loop {
        let inputs: Vec<_> = match read(terminal, &mut buffer, decoder.is_waiting()) {
            Ok(Read::Bytes(bytes)) => bytes.iter().filter_map(|byte| decoder.push(*byte)).collect(),
            Ok(Read::Quiet) => decoder.quiet().into_iter().collect(),
            Ok(Read::Lost) | Err(_) => return End::Lost,
        };
        for input in inputs {
            if events.send(Event::Terminal(input)).is_err() {
                return End::NobodyListens;
            }
        }
    }
}

/// What a read has brought.
enum Read<'a> {
    Bytes(&'a [u8]),
    /// Nothing in [`QUIET`].
    Quiet,
    Lost,
}

/// Waits for bytes: without end, or when some are `awaited` for [`QUIET`].
fn read<'a>(terminal: BorrowedFd<'_>, buffer: &'a mut [u8], awaited: bool) -> Result<Read<'a>, Errno> {
    loop {
        let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut fds, awaited.then_some(&QUIET)) {
            Ok(0) => return Ok(Read::Quiet),
            // A terminal that hung up is ready, too: to be read to its end.
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error),
        }
        if !is_foreground() {
            wait_in_background(terminal)?;
            continue;
        }
        match rustix::io::read(terminal, &mut *buffer) {
            Ok(0) => return Ok(Read::Lost),
            Ok(count) => return Ok(Read::Bytes(buffer.get(..count).unwrap_or_default())),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error),
        }
    }
}

/// What is typed while a shell has the terminal is the shell's, and to read it would stop the process.
fn wait_in_background(terminal: BorrowedFd<'_>) -> Result<(), Errno> {
    // Without anything asked for only a hang-up is told.
    let mut fds = [PollFd::new(&terminal, PollFlags::empty())];
    match poll(&mut fds, Some(&BACKGROUND)) {
        Ok(0) | Err(Errno::INTR) => Ok(()),
        Ok(_) => Err(Errno::IO),
        Err(error) => Err(error),
    }
}
