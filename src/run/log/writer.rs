//! The log's thread and the way to it: a bounded queue of lines. Who logs never waits; what finds no room is counted and
//! said. A file that cannot be written, as on a full disk, is tried again until it can.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use probetop_probe::worker;

/// Lines that wait for a slow file: some ten seconds of a thousand probes a second.
pub(crate) const WAITING_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// How soon a file that could not be written is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// The way to the file. Dropping it leaves behind what was not written by then.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    blocks: VecDeque<Block>,
    /// Of all blocks, and of the one that is being written.
    waiting: Size,
    /// Why the last try failed.
    failure: Option<String>,
    closing: bool,
    closed: bool,
}

/// Lines that are written together.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub bytes: Vec<u8>,
    pub lines: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    bytes: usize,
    lines: usize,
}

impl Block {
    pub(super) fn push(&mut self, at: SystemTime, event: &str) {
        let time = humantime::format_rfc3339_millis(at);
        self.bytes.extend_from_slice(format!("{time} {event}\n").as_bytes());
        self.lines += 1;
    }
}

impl Writer {
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn start(file: File) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let writing = Arc::clone(&shared);
        // Never joined: a write to a pipe that nobody reads lasts until the process ends.
        worker::spawn("log", move || writing.write_all_to(file))?;
        Ok(Self { shared })
    }

    /// Queues lines without waiting; gives them back when there is no room.
    pub(super) fn offer(&self, block: Block) -> Result<(), Block> {
        let mut state = self.shared.lock();
        if state.waiting.bytes + block.bytes.len() > WAITING_LIMIT_BYTES {
            return Err(block);
        }
        state.waiting.bytes += block.bytes.len();
        state.waiting.lines += block.lines;
        state.blocks.push_back(block);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// What is not written yet.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.shared.lock().waiting.bytes
    }

    /// Why the file cannot be written, as far as it was tried.
    pub(super) fn failure(&self) -> Option<String> {
        self.shared.lock().failure.clone()
    }

    /// Waits, at most so long, until everything is written. Gives how many lines are not.
    pub(super) fn close(&self, limit: Duration) -> usize {
        let mut state = self.shared.lock();
        state.closing = true;
        self.shared.changed.notify_all();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, limit, |state| !state.closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.waiting.lines
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all_to(&self, mut file: File) {
        while let Some(block) = self.next() {
            if !self.write(&mut file, &block.bytes) {
                break;
            }
            let mut state = self.lock();
            state.failure = None;
            state.waiting.bytes -= block.bytes.len();
            state.waiting.lines -= block.lines;
        }
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Waits for the next lines; `None`: none will come.
    fn next(&self) -> Option<Block> {
        let state = self.lock();
        let waited = self
            .changed
            .wait_while(state, |state| state.blocks.is_empty() && !state.closing);
        waited.unwrap_or_else(PoisonError::into_inner).blocks.pop_front()
    }

    /// Writes on where the last try ended, until all of it is written. `false`: it could not be, and the end has come.
    fn write(&self, file: &mut File, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            match file.write(rest) {
                Ok(0) => {
                    if !self.wait_after(&io::ErrorKind::WriteZero.into()) {
                        return false;
                    }
                }
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    if !self.wait_after(&error) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// `false`: there is no time to try again.
    fn wait_after(&self, error: &io::Error) -> bool {
        let mut state = self.lock();
        state.failure = Some(error.to_string());
        if state.closing {
            return false;
        }
        let waited = self
            .changed
            .wait_timeout_while(state, RETRY_EVERY, |state| !state.closing);
        drop(waited);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Read as _;

    fn block(line: &str) -> Block {
        Block {
            bytes: format!("{line}\n").into_bytes(),
            lines: 1,
        }
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_nobody_waits() {
        let (mut reader, writer) = io::pipe().unwrap();
        let log = Writer::start(File::from(std::os::fd::OwnedFd::from(writer))).unwrap();
        let long = "x".repeat(64 * 1024);
        let mut taken = 0;
        let refused = loop {
            match log.offer(block(&long)) {
                Ok(()) => taken += 1,
                Err(refused) => break refused,
            }
        };
        assert_eq!(refused.bytes.len(), long.len() + 1);
        assert!(taken >= WAITING_LIMIT_BYTES / (long.len() + 1), "{taken}");
        assert!(log.close(Duration::ZERO) > 0);
        let mut text = String::new();
        drop(log);
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(
            text.lines().count(),
            taken,
            "what was taken is written when the reader goes on"
        );
    }

    #[test]
    fn a_full_disk_is_told_and_tried_until_the_end() {
        let full = File::options().append(true).open("/dev/full").unwrap();
        let log = Writer::start(full).unwrap();
        log.offer(block("lost")).unwrap();
        probetop_core::clock::wait_until("the failure is told", || log.failure().is_some());
        assert!(log.failure().unwrap().contains("No space left"));
        log.offer(block("as well")).unwrap();
        assert_eq!(log.close(Duration::from_secs(60)), 2);
    }
}
