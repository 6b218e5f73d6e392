//! The thread that writes frames, so that a terminal that does not read stalls nobody else.

use std::io::{self, Stdout};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::ui::Event;

/// Hands frames to the thread. At most one is under way: [`Writer::is_idle`] is asked before each.
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

/// One write for the whole frame, unless the terminal takes it in parts. Past the buffer of [`Stdout`], which would cut it
/// at every line.
fn write(stdout: &Stdout, mut frame: &[u8]) -> Result<(), Errno> {
    while !frame.is_empty() {
        match rustix::io::write(stdout, frame) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => frame = frame.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Another process that shares the terminal may have made it non-blocking.
            Err(Errno::AGAIN) => {
                rustix::event::poll(&mut [PollFd::new(stdout, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
