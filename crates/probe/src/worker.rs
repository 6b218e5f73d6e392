//! Threads of our own, by name, with or without a runtime; and what to say where the system has none to give.

use std::io;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

use tokio::runtime::{self, Runtime};

/// Starts a thread.
///
/// # Errors
/// The system has none to give.
pub fn spawn<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let thread = Builder::new().name(name.to_owned());
    thread.spawn(work).map_err(|error| refused(name, &error))
}

/// Starts a thread with a runtime of its own, which `work` may end as it likes. Joining it gives what it died of.
///
/// The runtime is made on that thread, not here: one that was made here would be dropped here where the thread is refused,
/// and within another runtime that is a panic.
///
/// # Errors
/// The system has no thread or descriptor to give.
pub fn spawn_with_runtime(
    name: &'static str,
    work: impl FnOnce(Runtime) -> io::Result<()> + Send + 'static,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let (ready, started) = mpsc::sync_channel(1);
    let thread = spawn(name, move || {
        let (made, runtime) = match runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => (Ok(()), Some(runtime)),
            Err(error) => (Err(refused(name, &error)), None),
        };
        // Whoever starts it waits for this.
        let _ = ready.send(made);
        runtime.map_or(Ok(()), work)
    })?;
    match started.recv() {
        Ok(made) => made.map(|()| thread),
        Err(_) => Err(io::Error::other(format!("the thread {name:?} ended before it began"))),
    }
}

fn refused(name: &str, error: &io::Error) -> io::Error {
    let words = format!(
        "cannot start the thread {name:?}: {error}; raise the limits on processes, memory and descriptors \
         (ulimit -u, -v, -n), or stop something else"
    );
    io::Error::new(error.kind(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_gives_what_it_died_of() {
        let thread = spawn_with_runtime("worker", |runtime| {
            runtime.block_on(async { Err(io::Error::other("a reason")) })
        });
        let ended = thread.unwrap().join().unwrap();
        assert_eq!(ended.unwrap_err().to_string(), "a reason");
    }

    #[test]
    fn a_refusal_says_what_and_what_to_do() {
        let error = refused("probes", &io::Error::from_raw_os_error(11));
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        let said = error.to_string();
        assert!(said.starts_with("cannot start the thread \"probes\": "), "{said}");
        assert!(said.contains("ulimit -u"), "{said}");
    }
}
