//! Work that may hang, such as a write to a mounted file system that does not answer: done on a thread of its own, which
//! is left behind if need be. Nobody waits for it longer than they say.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use probetop_probe::worker;

/// A piece of work under way.
#[derive(Debug)]
pub(super) struct BackgroundTask<T>(Receiver<T>);

/// How far a piece of work is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress<T> {
    UnderWay,
    Done(T),
    /// It died of a defect, which has been reported there.
    Lost,
}

impl<T: Send + 'static> BackgroundTask<T> {
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn start(name: &'static str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let work = move || {
            // Nobody may want it any more.
            let _ = sender.send(work());
        };
        worker::spawn(name, work)?;
        Ok(Self(receiver))
    }

    pub(super) fn progress(&self) -> Progress<T> {
        match self.0.try_recv() {
            Ok(done) => Progress::Done(done),
            Err(TryRecvError::Empty) => Progress::UnderWay,
            Err(TryRecvError::Disconnected) => Progress::Lost,
        }
    }

    /// Waits for it, at most so long.
    pub(super) fn wait(self, limit: Duration) -> Progress<T> {
        match self.0.recv_timeout(limit) {
            Ok(done) => Progress::Done(done),
            Err(RecvTimeoutError::Timeout) => Progress::UnderWay,
            Err(RecvTimeoutError::Disconnected) => Progress::Lost,
        }
    }
}

/// Does file work at once, unless the file system does not answer for `limit`.
///
/// # Errors
/// As the work; or [`io::ErrorKind::TimedOut`].
pub fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match BackgroundTask::start("file", work)?.wait(limit) {
        Progress::Done(done) => done,
        Progress::UnderWay => {
            let message = format!("the file system did not answer in {} s", limit.as_secs());
            Err(io::Error::new(io::ErrorKind::TimedOut, message))
        }
        Progress::Lost => Err(io::Error::other("internal error in file work")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_hangs_is_left_behind_and_other_work_gives_what_it_found() {
        assert_eq!(within(Duration::from_secs(60), || Ok(7)).unwrap(), 7);
        let (never, waits) = mpsc::channel::<()>();
        let stuck = within(Duration::ZERO, move || Ok(waits.recv().is_ok()));
        assert_eq!(stuck.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(never);
    }
}
