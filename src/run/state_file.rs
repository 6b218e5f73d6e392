//! The state file: what is remembered of alerts, read at the start and written when it changed.
//!
//! Measuring never depends on it: what cannot be read or written is told, and everything else goes on. One process keeps
//! a state file; a lock beside it says which.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop_engine::alert::saved::SavedAlerts;
use probetop_probe::file::{self, Access, Keeping, Lock};

use super::background_task::{BackgroundTask, Progress, within};

/// Twenty thousand alerts and their timelines have 17 MB; anything beyond this was not written by probetop.
const STATE_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// A file system that takes longer to give the file is taken for dead.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// Of the alerts, and of what the channels still have to tell of them.
pub(super) type Revision = (u64, u64);

/// Keeps one state file as the monitor and the channels know it.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    /// `None` where there can be none, as in a folder that cannot be written to.
    _lock: Option<Lock>,
    /// The revision that was written last.
    written: Option<Revision>,
    /// The write under way, and what it writes.
    writing: Option<(Revision, BackgroundTask<io::Result<()>>)>,
    /// Whether it was told already that the file cannot be written.
    failing: bool,
}

/// A state file, and what it remembered.
#[derive(Debug)]
pub(super) struct Opened {
    pub state_file: StateFile,
    /// `None` where there is no file yet.
    pub saved: Option<SavedAlerts>,
}

/// What a run begins with: the state file, unless it cannot be kept, and what there is to say about it.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    pub state_file: Option<StateFile>,
    pub saved: Option<SavedAlerts>,
    pub warning: Option<String>,
}

/// What keeps the file from being one of ours, where that can be seen before it is opened.
///
/// # Errors
/// A folder is there: what is in it is somebody's.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let own = path.to_owned();
    let is_folder = within(READ_PATIENCE, move || Ok(fs::metadata(own)?.is_dir()));
    if is_folder.unwrap_or(false) {
        let path = path.display();
        return Err(format!(
            "state_file of [alerts], {path}, is a directory; name a file, such as {path}/alerts.json"
        ));
    }
    Ok(())
}

/// Opens the state file of a run that begins. What is wrong with it stops nothing; a file that is none of ours is put aside.
pub(super) fn begin(path: &Path) -> Beginning {
    let own = path.to_owned();
    let beginning = within(READ_PATIENCE, move || {
        Ok(match StateFile::open(&own) {
            Err(warning) => Beginning {
                warning: Some(warning),
                ..Beginning::default()
            },
            Ok(state_file) => {
                let (saved, warning) = match state_file.read() {
                    Ok(saved) => (saved, None),
                    Err(problem) => (None, Some(format!("{problem}; {}", state_file.put_aside()))),
                };
                Beginning {
                    state_file: Some(state_file),
                    saved,
                    warning,
                }
            }
        })
    });
    beginning.unwrap_or_else(|error| Beginning {
        warning: Some(format!(
            "state file {}: {error}; alerts are not remembered, measuring goes on",
            path.display()
        )),
        ..Beginning::default()
    })
}

impl StateFile {
    /// Takes the file for this process.
    ///
    /// # Errors
    /// Says in words which other process keeps it.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let is_device = fs::metadata(path).is_ok_and(|found| !found.is_file());
        let lock = match (!is_device).then(|| file::lock(path)) {
            Some(Ok(Keeping::Ours(lock))) => Some(lock),
            Some(Ok(Keeping::Anothers(pid))) => {
                let by = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                return Err(format!(
                    "state file {}: {by} keeps it; this one remembers no alerts: give it a file of its own",
                    path.display()
                ));
            }
            // That nothing can be written there is told when it is tried.
            Some(Err(_)) | None => None,
        };
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
            written: None,
            writing: None,
            failing: false,
        })
    }

    /// What was remembered; `None` when there is no file yet, or a device, which remembers nothing.
    ///
    /// # Errors
    /// Says in words what is wrong with the file.
    pub(super) fn read(&self) -> Result<Option<SavedAlerts>, String> {
        let path = self.path.display();
        if fs::metadata(&self.path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            return Ok(None);
        }
        let bytes = match file::read(&self.path, STATE_LIMIT_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("state file {path}: {error}")),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            // The library ends its message with the place.
            let message = error.to_string();
            let what = message
                .rsplit_once(" at line ")
                .map_or(message.as_str(), |(what, _)| what);
            format!("state file {path}:{line}:{column}: {what}")
        })
    }

    /// The file and what it remembered.
    ///
    /// # Errors
    /// As [`StateFile::read`].
    pub(super) fn and_saved(self) -> Result<Opened, String> {
        let saved = self.read()?;
        Ok(Opened {
            state_file: self,
            saved,
        })
    }

    /// Has what is to be remembered written when that has changed. Waits for nothing.
    ///
    /// # Errors
    /// Says in words why the file could not be written; once, until it can be.
    pub(super) fn write(&mut self, revision: Revision, alerts: impl FnOnce() -> SavedAlerts) -> Result<(), String> {
        let outcome = match self.writing.take() {
            Some((revision, background_task)) => match background_task.progress() {
                Progress::UnderWay => {
                    self.writing = Some((revision, background_task));
                    return Ok(());
                }
                Progress::Done(outcome) => self.wrote(revision, outcome),
                Progress::Lost => Ok(()),
            },
            None => Ok(()),
        };
        if self.written != Some(revision) {
            let mut bytes = serde_json::to_vec_pretty(&alerts()).expect("a document of numbers and texts");
            bytes.push(b'\n');
            let path = self.path.clone();
            match BackgroundTask::start("state", move || file::replace(&path, &bytes, Access::Private)) {
                Ok(background_task) => self.writing = Some((revision, background_task)),
                Err(error) => return outcome.and(self.wrote(revision, Err(error))),
            }
        }
        outcome
    }

    /// Has written what is to be remembered at the end, if the file system takes it by then.
    ///
    /// # Errors
    /// As [`StateFile::write`], or that it did not take it.
    pub(super) fn finish(
        mut self,
        revision: Revision,
        alerts: impl Fn() -> SavedAlerts,
        limit: Duration,
    ) -> Result<(), String> {
        // One that is under way may be of an earlier state, and one has to follow it.
        for _ in 0..2 {
            self.write(revision, &alerts)?;
            let Some((revision, background_task)) = self.writing.take() else {
                break;
            };
            match background_task.wait(limit) {
                Progress::Done(outcome) => self.wrote(revision, outcome)?,
                Progress::UnderWay => {
                    let path = self.path.display();
                    return Err(format!(
                        "state file {path}: the file system did not take it; alerts may be forgotten"
                    ));
                }
                Progress::Lost => break,
            }
        }
        Ok(())
    }

    fn wrote(&mut self, revision: Revision, outcome: io::Result<()>) -> Result<(), String> {
        match outcome {
            Ok(()) => {
                self.written = Some(revision);
                self.failing = false;
                Ok(())
            }
            Err(_) if self.failing => Ok(()),
            Err(error) => {
                self.failing = true;
                let path = self.path.display();
                Err(format!(
                    "state file {path}: {error}; alerts are not remembered, measuring goes on"
                ))
            }
        }
    }

    /// Somebody may want to see what is wrong with it.
    fn put_aside(&self) -> String {
        // Whatever else stands there is no state that was spoilt, but something of somebody's.
        if !fs::metadata(&self.path).is_ok_and(|found| found.is_file()) {
            return "alerts are not remembered; name a file of its own".to_owned();
        }
        let mut aside = OsString::from(&self.path);
        aside.push(".bad");
        let aside = PathBuf::from(aside);
        match fs::rename(&self.path, &aside) {
            Ok(()) => format!("alerts begin anew, the file is kept as {}", aside.display()),
            Err(error) => format!("alerts begin anew, and the file is overwritten: {error}"),
        }
    }
}

#[cfg(test)]
mod tests;
