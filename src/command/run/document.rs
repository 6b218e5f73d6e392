//! The files that a run leaves behind: the last document, and what was measured as a baseline for a later run.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::snapshot::{Snapshot, Stretch};
use probetop_probe::file;

use super::Options;
use crate::export::{baseline, json};
use crate::run::within;

/// A file system that takes longer than this to take a document is taken for dead: the end waits for nobody.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file, and the option that named it.
#[derive(Clone, Copy)]
struct Named<'a> {
    option: &'static str,
    path: &'a Path,
}

impl Named<'_> {
    fn error(self, error: &io::Error) -> io::Error {
        let message = format!(
            "{} {}: {error}; name a file in a folder you may write to",
            self.option,
            self.path.display()
        );
        io::Error::new(error.kind(), message)
    }

    /// Writes it on a thread that is left behind when the file system does not answer.
    fn write(self, work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> io::Result<()> {
        let path = self.path.to_owned();
        within(PATIENCE, move || work(&path)).map_err(|error| self.error(&error))
    }
}

fn snapshot_of(options: &Options) -> Option<Named<'_>> {
    let path = options.snapshot.as_deref()?;
    Some(Named {
        option: "--snapshot",
        path,
    })
}

fn baseline_of(options: &Options) -> Option<Named<'_>> {
    let path = options.save_baseline.as_deref()?;
    Some(Named {
        option: "--save-baseline",
        path,
    })
}

/// Before the run rather than after an hour of measuring.
///
/// # Errors
/// One of the files cannot be written; the message names the option.
pub(super) fn check_writable(options: &Options) -> io::Result<()> {
    let named = [snapshot_of(options), baseline_of(options)];
    named
        .into_iter()
        .flatten()
        .try_for_each(|named| file::check_writable(named.path).map_err(|error| named.error(&error)))
}

/// Writes what was asked for, each whatever becomes of the other.
///
/// # Errors
/// One of the files cannot be written; the message names the option.
pub(super) fn write(options: &Options, last: &Arc<Snapshot>, run: Option<Stretch>) -> io::Result<()> {
    let snapshot = snapshot_of(options).map(|named| {
        let last = Arc::clone(last);
        named.write(move |path| file::replace_with(path, file::Access::Usual, &|file| json::write_pretty(&last, file)))
    });
    let baseline = baseline_of(options)
        .zip(run)
        .map(|(named, run)| named.write(move |path| file::replace(path, &baseline::write(&run), file::Access::Usual)));
    snapshot.unwrap_or(Ok(())).and(baseline.unwrap_or(Ok(())))
}
