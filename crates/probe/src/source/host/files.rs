//! Reads the kernel's small text files into one buffer that is used again.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More of a file is not read. `/proc/stat` of a machine with 1024 processors and 10,000 interrupts stays below.
const FILE_LIMIT: u64 = 4 << 20;

#[derive(Debug, Default)]
pub(in crate::source) struct Files {
    buffer: Vec<u8>,
    /// Where paths begin instead of at `/`.
    root: Option<PathBuf>,
}

impl Files {
    /// Reads a copy of a machine's files below `root`.
    #[cfg(test)]
    pub(in crate::source) fn at(root: &Path) -> Self {
        Self {
            buffer: Vec::new(),
            root: Some(root.to_owned()),
        }
    }

    pub(in crate::source) fn open(&self, path: impl AsRef<Path>) -> Option<File> {
        match &self.root {
            None => File::open(path).ok(),
            Some(root) => File::open(root.join(path.as_ref().strip_prefix("/").ok()?)).ok(),
        }
    }

    /// The file's text, or `None` when it cannot be read.
    pub(in crate::source) fn text(&mut self, path: impl AsRef<Path>) -> Option<Cow<'_, str>> {
        self.buffer.clear();
        let file = self.open(path)?;
        file.take(FILE_LIMIT).read_to_end(&mut self.buffer).ok()?;
        Some(String::from_utf8_lossy(&self.buffer))
    }

    /// The number that is all the file holds.
    pub(in crate::source) fn number(&mut self, path: impl AsRef<Path>) -> Option<u64> {
        self.text(path)?.trim().parse().ok()
    }
}

/// The number after `key` on a line of `key number` (`cpu.stat`, `memory.stat`) or `key: number unit` (`meminfo`).
pub(in crate::source) fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let name = words.next()?;
        (name.strip_suffix(':').unwrap_or(name) == key).then(|| words.next()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let check = |text: &str, key: &str, expected: Option<u64>| {
            assert_eq!(field(text, key), expected, "{key} in {text:?}");
        };
        check("nr_periods 7\nnr_throttled 2\n", "nr_throttled", Some(2));
        check("MemTotal:  24 kB\n", "MemTotal", Some(24));
        check("MemTotalX: 24 kB\n", "MemTotal", None);
        check("inactive_file", "inactive_file", None);
        check("inactive_file -1", "inactive_file", None);
        check("inactive_file 99999999999999999999999", "inactive_file", None);
        check("", "x", None);
    }

    #[test]
    fn a_file_that_is_not_there_is_none() {
        assert_eq!(Files::default().text("/nonexistent/file"), None);
        assert_eq!(Files::default().number("/nonexistent/file"), None);
    }
}
