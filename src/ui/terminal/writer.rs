//! The thread that writes frames, so that a terminal that does not read stalls nobody else.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, tcflush};

use crate::clock::{Clock, Timestamp};
use crate::ui::Event;
use crate::ui::meter::Flush;

/// Hands frames to the thread. At most one is under way: [`Writer::is_idle`] is asked before each.
#[derive(Clone)]
pub struct Writer {
    frames: Sender<Frame>,
    pending: Arc<Pending>,
    clock: Clock,
}

struct Frame {
    bytes: Vec<u8>,
    began: Timestamp,
}

/// Since when each frame that has not been written to the end has been waiting, the oldest first.
#[derive(Default)]
struct Pending {
    since: Mutex<VecDeque<Timestamp>>,
    written: Condvar,
}

impl Pending {
    fn since(&self) -> MutexGuard<'_, VecDeque<Timestamp>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut VecDeque<Timestamp>)) {
        change(&mut self.since());
        self.written.notify_all();
    }
}

/// A line that stands still is emptied this often before it is given up, with this much time for the writer in between: a
/// frame of the largest screen fits into it several times.
const DISCARDS: u32 = 20;
const DISCARD_PAUSE: Duration = Duration::from_millis(10);

impl Writer {
    /// # Errors
    /// When no thread can be started.
    pub fn spawn(events: Sender<Event>, clock: Clock) -> io::Result<Self> {
        let (frames, queue) = mpsc::channel();
        let pending = Arc::<Pending>::default();
        let shared = pending.clone();
        let time = clock.clone();
        thread::Builder::new()
            .name("screen-writer".into())
            .spawn(move || write_all(queue, &shared, &events, &time))?;
        Ok(Self { frames, pending, clock })
    }

    pub fn is_idle(&self) -> bool {
        self.busy_since().is_none()
    }

    /// Since when the oldest frame that is not written to the end has been waiting.
    pub fn busy_since(&self) -> Option<Timestamp> {
        self.pending.since().front().copied()
    }

    pub fn send(&self, bytes: Vec<u8>) {
        let began = self.clock.now();
        self.pending.change(|since| since.push_back(began));
        if self.frames.send(Frame { bytes, began }).is_err() {
            // The thread has ended because the terminal is gone; nothing will be written any more.
            self.pending.change(VecDeque::clear);
        }
    }

    /// Waits until everything is written, at most `limit`.
    pub fn wait(&self, limit: Duration) {
        let since = self.pending.since();
        let _unlocked = self
            .pending
            .written
            .wait_timeout_while(since, limit, |since| !since.is_empty());
    }

    /// Throws away what the line holds and nobody has read, until the writer has written the rest: what comes last is then
    /// what the terminal finds when it reads again.
    pub fn discard(&self) {
        for _ in 0..DISCARDS {
            if self.is_idle() || tcflush(io::stdout(), QueueSelector::OFlush).is_err() {
                return;
            }
            self.wait(DISCARD_PAUSE);
        }
    }
}

fn write_all(queue: Receiver<Frame>, pending: &Pending, events: &Sender<Event>, clock: &Clock) {
    let stdout = io::stdout();
    for frame in queue {
        let written = write(&stdout, &frame.bytes);
        let flush = Flush {
            bytes: frame.bytes.len() as u64,
            began: frame.began,
            ended: clock.now(),
        };
        pending.change(|since| {
            since.pop_front();
        });
        let event = match written {
            Ok(()) => Event::Written(flush),
            Err(_) => Event::Lost,
        };
        if events.send(event).is_err() || written.is_err() {
            break;
        }
    }
    pending.change(VecDeque::clear);
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
