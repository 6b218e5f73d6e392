//! The thread that reads the terminal: keys, clicks, and that it is gone.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::decoder::Decoder;
use super::session::is_foreground;
use crate::ui::{Event, Input};

/// In the background it is looked this often whether the terminal is ours again.
const BACKGROUND: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 250_000_000,
};

/// More keys than a hand presses at once. What is read is handled before more is, so that a signal waits behind these and no
/// others, however much was pasted.
const BUFFER_BYTES: usize = 256;

/// What one read has brought. The next one waits until this is dropped.
#[derive(Debug)]
pub struct Batch {
    pub inputs: Vec<Input>,
    _taken: Sender<Infallible>,
}

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
        let inputs: Vec<_> = match read(terminal, &mut buffer, decoder.patience()) {
            Ok(Read::Bytes(bytes)) => bytes.iter().filter_map(|byte| decoder.push(*byte)).collect(),
            Ok(Read::Quiet) => decoder.quiet().into_iter().collect(),
            Ok(Read::Lost) | Err(_) => return End::Lost,
        };
        if inputs.is_empty() {
            continue;
        }
        let (held, taken) = mpsc::channel();
        let batch = Batch { inputs, _taken: held };
        if events.send(Event::Terminal(batch)).is_err() {
            return End::NobodyListens;
        }
        // Nothing is ever sent: this ends when the batch is dropped.
        let Err(mpsc::RecvError) = taken.recv();
    }
}

/// What a read has brought.
enum Read<'a> {
    Bytes(&'a [u8]),
    /// Nothing, for as long as was waited.
    Quiet,
    Lost,
}

/// Waits for bytes, for so long or without end.
fn read<'a>(terminal: BorrowedFd<'_>, buffer: &'a mut [u8], patience: Option<Duration>) -> Result<Read<'a>, Errno> {
    // A patience is no more than seconds.
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    loop {
        let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut fds, patience.as_ref()) {
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

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use super::*;

    #[test]
    fn no_more_is_read_than_has_been_taken() {
        let (reader, writer) = rustix::pipe::pipe().unwrap();
        rustix::io::write(&writer, &[b'j'; 20 * BUFFER_BYTES]).unwrap();
        drop::<OwnedFd>(writer);
        let (sender, events) = mpsc::channel();
        let reading = thread::spawn(move || read_all(reader.as_fd(), &sender) == End::Lost);
        let mut keys = 0;
        while let Ok(Event::Terminal(batch)) = events.recv() {
            keys += batch.inputs.len();
            // Whoever reads waits for this batch to be dropped, and what comes meanwhile comes next.
            assert!(events.try_recv().is_err());
        }
        assert_eq!(keys, 20 * BUFFER_BYTES);
        assert!(reading.join().unwrap());
    }
}
