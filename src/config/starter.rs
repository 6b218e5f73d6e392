//! The commented configurations that `probetop init` writes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use probetop_probe::file;

/// What one begins with, on one screen. Works as it is.
pub const TEXT: &str = include_str!("../../assets/starter.toml");

/// Works as it is, and explains every key.
pub const FULL: &str = include_str!("../../assets/full.toml");

/// What happens to a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Kept,
    Replaced,
}

/// Why the file was not written.
#[derive(Debug)]
pub enum WriteError {
    Exists(PathBuf),
    Io(PathBuf, io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(f, "{} exists; use --force to overwrite it", path.display()),
            Self::Io(path, error) => write!(f, "{} cannot be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for WriteError {}

/// Whether `path` is free, as far as that can be told before it is written.
///
/// # Errors
/// When a file is there and shall be kept.
pub fn refuse_existing(path: &Path, existing: Existing) -> Result<(), WriteError> {
    if existing == Existing::Kept && path.symlink_metadata().is_ok() {
        return Err(WriteError::Exists(path.to_owned()));
    }
    Ok(())
}

/// Writes `text` to `path`: all of it or nothing.
///
/// # Errors
/// When a file is there and shall be kept, or the folder cannot be written to.
pub fn write(path: &Path, text: &str, existing: Existing) -> Result<(), WriteError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => WriteError::Exists(path.to_owned()),
        _other => WriteError::Io(path.to_owned(), error),
    };
    refuse_existing(path, existing)?;
    match existing {
        Existing::Kept => file::create(path, text.as_bytes()),
        Existing::Replaced => file::replace(path, text.as_bytes(), file::Access::Usual),
    }
    .map_err(failed)
}
