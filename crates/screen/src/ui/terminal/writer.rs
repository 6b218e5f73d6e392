//! The thread that writes frames, so that a terminal that does not read stalls nobody else.
//!
//! It writes to the terminal opened once more, where that can be had: those who share standard output expect it to block,
//! and a write that blocks can neither be called off nor be passed by, not even by what gives the terminal back.

use std::collections::VecDeque;
use std::io::{self, Stdout};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags, fstat};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, tcflush};

use super::session;
use crate::ui::Event;
use crate::ui::meter::Flush;

/// Hands frames to the thread. At most one is under way: [`Writer::is_idle`] is asked before each.
#[derive(Clone)]
pub(super) struct Writer {
    frames: Sender<Frame>,
    pending: Arc<Pending>,
    line: Arc<Line>,
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
    /// What has not been written yet is left out.
    cut: AtomicBool,
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

/// A line that stands still is emptied and tried again this often before it is given up, with this much time in between.
const TRIES: u32 = 20;
const TRY_PAUSE: Duration = Duration::from_millis(25);

/// A line that takes nothing is looked at this often: whether it does again, and whether the frame is still wanted.
const LOOK_AGAIN: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

impl Writer {
    /// # Errors
    /// When no thread can be started.
    pub(super) fn spawn(events: Sender<Event>, clock: Clock) -> io::Result<Self> {
        let (frames, queue) = mpsc::channel();
        let pending = Arc::<Pending>::default();
        let line = Arc::new(Line::open());
        let writer = Self {
            frames,
            pending: pending.clone(),
            line: line.clone(),
            clock: clock.clone(),
        };
        thread::Builder::new()
            .name("screen-writer".into())
            .spawn(move || write_all(queue, &pending, &line, &events, &clock))?;
        Ok(writer)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.busy_since().is_none()
    }

    /// Since when the oldest frame that is not written to the end has been waiting.
    pub(super) fn busy_since(&self) -> Option<Timestamp> {
        self.pending.since().front().copied()
    }

    pub(super) fn send(&self, bytes: Vec<u8>) {
        let began = self.clock.now();
        self.pending.change(|since| since.push_back(began));
        if self.frames.send(Frame { bytes, began }).is_err() {
            // The thread has ended because the terminal is gone; nothing will be written any more.
            self.pending.change(VecDeque::clear);
        }
    }

    /// Waits until everything is written, at most `limit`.
    pub(super) fn wait(&self, limit: Duration) {
        let since = self.pending.since();
        let _unlocked = self
            .pending
            .written
            .wait_timeout_while(since, limit, |since| !since.is_empty());
    }

    /// Leaves out what is not written yet, throws away what the line holds and nobody has read, and writes this instead: what
    /// the terminal finds last when it reads again. Takes a fraction of a second, whatever becomes of it.
    pub(super) fn write_instead(&self, bytes: &[u8]) {
        self.pending.cut.store(true, Ordering::Relaxed);
        for _ in 0..TRIES {
            // One that cannot be emptied may take it nevertheless.
            let _ = tcflush(&self.line, QueueSelector::OFlush);
            self.wait(TRY_PAUSE);
            // Emptying makes room for it whole; what fits in part only is thrown away with the rest.
            if self.is_idle() && rustix::io::write(&self.line, bytes) == Ok(bytes.len()) {
                break;
            }
        }
        self.pending.cut.store(false, Ordering::Relaxed);
    }
}

/// The terminal as it is written to.
enum Line {
    /// Opened once more: writing to it never waits.
    Ours(OwnedFd),
    /// Shared with whoever started us; writing to it may wait.
    Shared(Stdout),
}

impl Line {
    fn open() -> Self {
        open_again().map_or_else(|| Self::Shared(io::stdout()), Self::Ours)
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Ours(terminal) => terminal.as_fd(),
            Self::Shared(stdout) => stdout.as_fd(),
        }
    }
}

/// Standard output opened once more, by its own name or, where another user owns that, as the terminal of this session.
fn open_again() -> Option<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let open = |path: &str| rustix::fs::open(path, flags, Mode::empty()).ok();
    let stdout = io::stdout();
    let device = |terminal: BorrowedFd<'_>| fstat(terminal).ok().map(|stat| stat.st_rdev);
    let is_same = |terminal: &OwnedFd| device(terminal.as_fd()) == device(stdout.as_fd());
    open("/proc/self/fd/1")
        .filter(is_same)
        .or_else(|| session::is_of_terminal().then(|| open("/dev/tty")).flatten())
}

fn write_all(queue: Receiver<Frame>, pending: &Pending, line: &Line, events: &Sender<Event>, clock: &Clock) {
    for frame in queue {
        let written = write(line, &frame.bytes, &pending.cut);
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

/// One write for the whole frame, unless the terminal takes it in parts; the rest is left out once `cut` says so. Past the
/// buffer of [`io::Stdout`], which would cut it at every line.
fn write(terminal: impl AsFd, mut frame: &[u8], cut: &AtomicBool) -> Result<(), Errno> {
    while !frame.is_empty() && !cut.load(Ordering::Relaxed) {
        match rustix::io::write(&terminal, frame) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => frame = frame.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait_for_room(&terminal)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_for_room(terminal: impl AsFd) -> Result<(), Errno> {
    let mut fds = [PollFd::new(&terminal, PollFlags::OUT)];
    match rustix::event::poll(&mut fds, Some(&LOOK_AGAIN)) {
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
        write(&ours, &frame, &AtomicBool::new(false)).unwrap();
        drop(ours);
        assert_eq!(reader.join().unwrap(), length);
    }

    #[test]
    fn a_frame_that_nobody_takes_is_left_out_once_that_is_asked_for() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let cut = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&cut);
        let writer = thread::spawn(move || write(&ours, &vec![b'x'; 4 << 20], &asked));
        cut.store(true, Ordering::Relaxed);
        assert_eq!(writer.join().unwrap(), Ok(()));
    }

    #[test]
    fn a_line_that_is_gone_is_an_error() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(theirs);
        assert_eq!(write(&ours, b"frame", &AtomicBool::new(false)), Err(Errno::PIPE));
    }
}
