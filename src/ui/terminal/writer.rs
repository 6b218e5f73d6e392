//! The thread that writes frames, so that a terminal that does not read stalls nobody else.

use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::ui::Event;

/// Hands frames to the thread. At most one is under way: [`Writer::is_idle`] is asked before each.
#[derive(Clone)]
pub struct Writer {
    frames: Sender<Vec<u8>>,
    pending: Arc<Pending>,
}

/// How many frames have not been written to the end.
#[derive(Default)]
struct Pending {
    count: Mutex<usize>,
    written: Condvar,
}

impl Pending {
    fn change(&self, change: impl FnOnce(&mut usize)) {
        change(&mut self.count.lock().unwrap_or_else(PoisonError::into_inner));
        self.written.notify_all();
    }
}

impl Writer {
    /// # Errors
    /// When no thread can be started.
    pub fn spawn(events: Sender<Event>) -> io::Result<Self> {
        let (frames, queue) = mpsc::channel();
        let pending = Arc::<Pending>::default();
        let shared = pending.clone();
        thread::Builder::new()
            .name("screen-writer".into())
            .spawn(move || write_all(queue, &shared, &events))?;
        Ok(Self { frames, pending })
    }

    pub fn is_idle(&self) -> bool {
        *self.pending.count.lock().unwrap_or_else(PoisonError::into_inner) == 0
    }

    pub fn send(&self, frame: Vec<u8>) {
        self.pending.change(|count| *count += 1);
        if self.frames.send(frame).is_err() {
            // The thread has ended because the terminal is gone; nothing will be written any more.
            self.pending.change(|count| *count = 0);
        }
    }

    /// Waits until everything is written, at most `limit`.
    pub fn wait(&self, limit: Duration) {
        let count = self.pending.count.lock().unwrap_or_else(PoisonError::into_inner);
        let _unlocked = self
            .pending
            .written
            .wait_timeout_while(count, limit, |count| *count > 0);
    }
}

fn write_all(queue: Receiver<Vec<u8>>, pending: &Pending, events: &Sender<Event>) {
    let stdout = io::stdout();
    for frame in queue {
        let written = write(&stdout, &frame);
        pending.change(|count| *count = count.saturating_sub(1));
        let event = if written.is_ok() { Event::Written } else { Event::Lost };
        if events.send(event).is_err() || written.is_err() {
            break;
        }
    }
    pending.change(|count| *count = 0);
}

/// One write for the whole frame, unless the terminal takes it in parts. Past the buffer of [`io::Stdout`], which would cut it
/// at every line.
fn write(terminal: impl AsFd, mut frame: &[u8]) -> Result<(), Errno> {
    while !frame.is_empty() {
        match rustix::io::write(&terminal, frame) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => frame = frame.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Another process that shares the terminal may have made it non-blocking.
            Err(Errno::AGAIN) => wait_for_room(&terminal)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_for_room(terminal: impl AsFd) -> Result<(), Errno> {
    let mut fds = [PollFd::new(&terminal, PollFlags::OUT)];
    match rustix::event::poll(&mut fds, None) {
        // A signal, such as a new size, is no reason to give the terminal up; the write is tried again and waits again.
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_line_that_does_not_block_is_waited_for() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let frame = vec![b'x'; 4 << 20];
        let length = frame.len();
        let reader = thread::spawn(move || {
            let mut file = File::from(std::os::fd::OwnedFd::from(theirs));
            let mut received = Vec::new();
            file.read_to_end(&mut received).unwrap();
            received.len()
        });
        write(&ours, &frame).unwrap();
        drop(ours);
        assert_eq!(reader.join().unwrap(), length);
    }

    #[test]
    fn a_line_that_is_gone_is_an_error() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(theirs);
        assert_eq!(write(&ours, b"frame"), Err(Errno::PIPE));
    }
}
