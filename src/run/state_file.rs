//! The state file: what is remembered of alerts, read at the start and written when it changed.
//!
//! Measuring never depends on it: what cannot be read or written is told, and everything else goes on.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::alert::saved::SavedAlerts;
use crate::file;

/// Twenty thousand alerts and their timelines have 17 MB; anything beyond this is no state of ours.
const STATE_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// Of the alerts, and of what the channels still have to tell of them.
pub type Revision = (u64, u64);

/// Keeps one state file as the monitor and the channels know it.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    /// The revision that was written last.
    written: Option<Revision>,
    /// Whether it was told already that the file cannot be written.
    failing: bool,
}

impl Keeper {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            written: None,
            failing: false,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was remembered; `None` when there is no file yet.
    ///
    /// # Errors
    /// Says in words what is wrong with the file, and where it was put aside.
    pub fn read(&self) -> Result<Option<SavedAlerts>, String> {
        let path = self.path.display();
        let bytes = match file::read(&self.path, STATE_LIMIT_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("state file {path}: {error}; {}", self.put_aside())),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            // The library ends its message with the place.
            let message = error.to_string();
            let what = message
                .rsplit_once(" at line ")
                .map_or(message.as_str(), |(what, _)| what);
            format!("state file {path}:{line}:{column}: {what}; {}", self.put_aside())
        })
    }

    /// Writes what is to be remembered when that has changed.
    ///
    /// # Errors
    /// Says in words why the file cannot be written; once, until it can be.
    pub fn write(&mut self, revision: Revision, alerts: impl FnOnce() -> SavedAlerts) -> Result<(), String> {
        if self.written == Some(revision) {
            return Ok(());
        }
        let mut bytes = serde_json::to_vec_pretty(&alerts()).expect("a document of numbers and texts");
        bytes.push(b'\n');
        match file::replace(&self.path, &bytes, file::Access::Private) {
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
mod tests {
    use super::*;

    use std::time::SystemTime;

    use crate::clock::Timestamp;
    use crate::monitor::{Monitor, Plan};

    fn alerts() -> SavedAlerts {
        Monitor::new(Plan::default(), Timestamp::ZERO, SystemTime::UNIX_EPOCH).saved_alerts(&[])
    }

    #[test]
    fn what_is_written_is_read_again_and_written_only_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.json");
        let mut keeper = Keeper::new(&path);
        assert_eq!(keeper.read(), Ok(None));
        keeper.write((1, 1), alerts).unwrap();
        assert_eq!(keeper.read().unwrap(), Some(alerts()));
        fs::remove_file(&path).unwrap();
        keeper.write((1, 1), alerts).unwrap();
        assert!(!path.exists(), "nothing had changed");
    }

    #[test]
    fn a_corrupt_file_is_told_with_its_place_and_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.json");
        for (text, place, what) in [
            (
                "{\n  \"schema\": \"probetop.alerts/v9\"\n}",
                ":3:1: ",
                "schema is \"probetop.alerts/v9\"",
            ),
            ("{ \"schema\"", ":1:10: ", "EOF while parsing"),
            ("\u{0}\u{1}", ":1:1: ", "expected value"),
        ] {
            fs::write(&path, text).unwrap();
            let message = Keeper::new(&path).read().unwrap_err();
            assert!(message.contains(place) && message.contains(what), "{message}");
            assert_eq!(fs::read_to_string(folder.path().join("alerts.json.bad")).unwrap(), text);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/alerts.json");
        let mut keeper = Keeper::new(&path);
        let message = keeper.write((1, 1), alerts).unwrap_err();
        assert!(message.contains("measuring goes on"), "{message}");
        assert_eq!(keeper.write((1, 1), alerts), Ok(()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert_eq!(keeper.write((1, 1), alerts), Ok(()));
        assert!(path.exists());
    }
}
