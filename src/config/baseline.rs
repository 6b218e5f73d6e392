//! The baseline that is compared with: a file that the screen wrote, read whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use probetop_core::sample::{Text, printable};
use probetop_core::snapshot::Stretch;
use probetop_probe::file;

use super::problem::{Place, Problem};
use crate::export::baseline;

/// Two minutes of 20,000 targets by the second have 120 MB.
const BASELINE_LIMIT_BYTES: u64 = 192 * 1024 * 1024;

/// A baseline and where it came from.
#[derive(Clone, Debug)]
pub struct Baseline {
    pub path: PathBuf,
    pub stretch: Arc<Stretch>,
}

impl Baseline {
    /// # Errors
    /// The file cannot be read, or is not a baseline: says what, where, and what helps.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let bytes = file::read(path, BASELINE_LIMIT_BYTES).map_err(|error| {
            let message = format!("cannot be read as the baseline: {error}; name a file that `run --save-baseline` wrote, or e, then b on the screen");
            Problem::in_file(path, message)
        })?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        let stretch = baseline::read(&bytes, Text::clean(&name.to_string_lossy())).map_err(|fault| {
            let message = format!("is not a baseline: {fault}");
            match fault.place {
                None => Problem::in_file(path, message),
                Some((line, column)) => Problem {
                    place: Place::Spot {
                        name: printable(&path.display().to_string()),
                        line,
                        column,
                    },
                    message,
                },
            }
        })?;
        Ok(Self {
            path: path.to_owned(),
            stretch: Arc::new(stretch),
        })
    }
}
