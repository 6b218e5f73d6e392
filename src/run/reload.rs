//! Notices that the configuration file has changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Looks at a file now and then. Looking once a second is one system call, works on every file system, and survives
/// editors that write a new file and rename it.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    seen: Option<Stamp>,
    /// As it was at the last look, while it is another than the one seen.
    settling: Option<Stamp>,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Watch {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            seen: stamp(path),
            settling: None,
        }
    }

    /// Takes the file as it is for seen.
    pub(super) fn see(&mut self) {
        self.seen = stamp(&self.path);
    }

    /// Whether the file is another than the one seen. It counts once it is the same at two looks: in the middle of
    /// writing it is empty or cut off, and an empty configuration is a sound one that drops every target. A file that
    /// is gone for a moment is being replaced: its return counts, its absence does not.
    pub(super) fn has_changed(&mut self) -> bool {
        let Some(now) = stamp(&self.path) else { return false };
        if self.seen == Some(now) || self.settling.replace(now) != Some(now) {
            return false;
        }
        self.seen = Some(now);
        true
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some(Stamp {
        inode: metadata.ino(),
        length: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_noticed_once_however_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probetop.toml");
        fs::write(&path, "a").unwrap();
        let mut watch = Watch::new(&path);
        assert!(!watch.has_changed());

        fs::write(&path, "").unwrap();
        assert!(!watch.has_changed());
        fs::write(&path, "in place").unwrap();
        assert!(!watch.has_changed(), "it may still be written to");
        assert!(watch.has_changed());
        assert!(!watch.has_changed());

        fs::remove_file(&path).unwrap();
        assert!(!watch.has_changed());
        fs::write(folder.path().join("new"), "renamed over it").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert!(!watch.has_changed());
        assert!(watch.has_changed());
        assert!(!watch.has_changed());

        fs::write(&path, "reloaded by a key").unwrap();
        watch.see();
        assert!(!watch.has_changed());
        assert!(!watch.has_changed());
    }
}
