//! A file that one process keeps: a lock beside it says which.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Held until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// The system forgets the lock with it.
    _held: File,
}

/// Whose a file is.
#[derive(Debug)]
pub enum Keeping {
    Ours(Lock),
    /// Of the process with that number, where it said which.
    Anothers(Option<u32>),
}

/// Who holds a lock may remove it at the very moment at which it is opened; more often than this it is no coincidence.
const TRIES: u32 = 8;

/// Takes the lock of the file at `path`, which may be a link and need not be there yet. The file itself cannot be locked,
/// since another takes its place with every write.
///
/// # Errors
/// As the system gives them: the folder cannot be written to, or its file system knows no locks.
pub fn lock(path: &Path) -> io::Result<Keeping> {
    let mut beside = OsString::from(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    for _ in 0..TRIES {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&beside)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &beside)? => {
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())?;
                return Ok(Keeping::Ours(Lock {
                    path: beside,
                    _held: file,
                }));
            }
            // Its owner removed it meanwhile, and it keeps nobody away.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.take(32).read_to_string(&mut holder)?;
                return Ok(Keeping::Anothers(holder.trim().parse().ok()));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "{} is removed again and again",
        beside.display()
    )))
}

/// Whether the file is still the one of that name.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    Ok(fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still held, so that what is removed is ours.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_keeps_a_file_until_it_lets_go_and_the_next_one_is_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.json");
        let kept = lock(&path).unwrap();
        assert!(matches!(kept, Keeping::Ours(_)));
        let own = std::process::id();
        assert!(matches!(lock(&path).unwrap(), Keeping::Anothers(Some(pid)) if pid == own));
        fs::write(&path, "").unwrap();
        std::os::unix::fs::symlink(&path, folder.path().join("link")).unwrap();
        let by_link = lock(&folder.path().join("link")).unwrap();
        assert!(matches!(by_link, Keeping::Anothers(Some(_))));
        drop(kept);
        assert!(!folder.path().join("alerts.json.lock").exists());
        assert!(matches!(lock(&path).unwrap(), Keeping::Ours(_)));
    }
}
