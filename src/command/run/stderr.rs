//! What a run says on standard error, written by a thread of its own: a terminal that takes nothing holds up neither the run
//! nor its end.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

/// Lines that wait for a terminal that takes nothing; more are left out.
const WAITING_LIMIT: usize = 64;

/// How long the end waits for them.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

enum Order {
    Write(String),
    /// Answers once everything before it is written.
    Answer(SyncSender<()>),
}

/// The way to standard error.
pub struct Stderr {
    orders: SyncSender<Order>,
}

impl Stderr {
    /// # Errors
    /// The system has no thread or descriptor to give.
    pub fn start() -> io::Result<Self> {
        // A descriptor of its own: whoever holds the lock of the library's would hold up everybody else.
        let mut file = File::from(io::stderr().as_fd().try_clone_to_owned()?);
        let (orders, receiver) = sync_channel(WAITING_LIMIT);
        // Never joined: it may hang in a write until the process ends.
        std::thread::Builder::new().name("stderr".to_owned()).spawn(move || {
            for order in receiver {
                match order {
                    // A terminal that is gone is no reason to stop measuring.
                    Order::Write(text) => drop(file.write_all(text.as_bytes())),
                    Order::Answer(written) => drop(written.send(())),
                }
            }
        })?;
        Ok(Self { orders })
    }

    /// Writes unless too much waits already.
    pub fn offer(&self, text: String) {
        let _ = self.orders.try_send(Order::Write(text));
    }

    /// Waits a moment for what was offered.
    pub fn close(&self) {
        let (written, answer) = sync_channel(1);
        if self.orders.try_send(Order::Answer(written)).is_ok() {
            let _ = answer.recv_timeout(CLOSE_LIMIT);
        }
    }
}
