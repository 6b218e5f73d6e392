//! Standard error, written by a thread of its own: a terminal that takes nothing holds up neither a run nor its end.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

/// Lines that wait for a terminal that takes nothing; more are left out.
const WAITING_LIMIT: usize = 64;

/// How long is waited for a terminal, once: one that took nothing in that time is not waited for again.
const PATIENCE: Duration = Duration::from_secs(1);

/// `None`: the system has no thread or descriptor to give, and what is to be said is written at once.
static WRITER: LazyLock<Option<Writer>> = LazyLock::new(|| Writer::start().ok());

enum Order {
    Write(String),
    /// Answers once everything before it is written.
    Answer(SyncSender<()>),
}

struct Writer {
    orders: SyncSender<Order>,
    stalled: AtomicBool,
}

/// Writes unless too much waits already.
pub(super) fn offer(text: String) {
    match &*WRITER {
        Some(writer) => drop(writer.orders.try_send(Order::Write(text))),
        None => drop(io::stderr().write_all(text.as_bytes())),
    }
}

/// Waits a moment for what was offered.
pub(super) fn settle() {
    if let Some(writer) = &*WRITER {
        writer.settle();
    }
}

impl Writer {
    fn start() -> io::Result<Self> {
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
        Ok(Self {
            orders,
            stalled: AtomicBool::new(false),
        })
    }

    fn settle(&self) {
        let (written, answer) = sync_channel(1);
        let patience = match self.stalled.load(Ordering::Relaxed) {
            true => Duration::ZERO,
            false => PATIENCE,
        };
        let asked = self.orders.try_send(Order::Answer(written)).is_ok();
        let stalled = !asked || answer.recv_timeout(patience).is_err();
        self.stalled.store(stalled, Ordering::Relaxed);
    }
}
