//! Writing a file so that nobody ever reads half of it.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes beside `path` and renames over it.
///
/// # Errors
/// As the system gives them; `path` is then as it was.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Files of one name that are numbered; more in one second is no hand at the keyboard.
const NUMBER_LIMIT: u32 = 1000;

/// Writes `STEM.EXTENSION` into the folder, or `STEM-2.EXTENSION` and so on where there is such a file: no file is ever
/// written over. Returns the absolute path.
///
/// # Errors
/// As the system gives them, with the path that was tried last.
pub fn write_anew(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf, (PathBuf, io::Error)> {
    let absolute = |name: String| {
        let path = folder.join(name);
        std::path::absolute(&path).unwrap_or(path)
    };
    let mut path = absolute(format!("{stem}.{extension}"));
    let written = beside(&path).and_then(|mut file| file.write_all(bytes).map(|()| file));
    let mut file = match written {
        Ok(file) => file,
        Err(error) => return Err((path, error)),
    };
    for number in 2..=NUMBER_LIMIT {
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => file = refused.file,
            Err(refused) => return Err((path, refused.error)),
        }
        path = absolute(format!("{stem}-{number}.{extension}"));
    }
    Err((path, io::ErrorKind::AlreadyExists.into()))
}

/// Whether [`write_atomically`] can be expected to work.
///
/// # Errors
/// As the system gives them.
pub fn check_writable(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    beside(path).map(drop)
}

/// A new file in the folder of `path`, gone when it is dropped.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    // As any other new file: the process' umask takes away what it takes away.
    let everybody = Permissions::from_mode(0o666);
    tempfile::Builder::new()
        .prefix(".probetop-")
        .permissions(everybody)
        .tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snapshot.json");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_of_the_same_name_is_kept_and_the_new_one_numbered() {
        let folder = tempfile::tempdir().unwrap();
        for (number, expected) in ["export.csv", "export-2.csv", "export-3.csv"].into_iter().enumerate() {
            let path = write_anew(folder.path(), "export", "csv", &[number as u8]).unwrap();
            assert_eq!(path, folder.path().join(expected));
        }
        assert_eq!(std::fs::read(folder.path().join("export.csv")).unwrap(), [0]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
        let (path, error) = write_anew(&folder.path().join("no"), "export", "csv", b"").unwrap_err();
        assert_eq!(path, folder.path().join("no/export.csv"));
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_atomically(&folder.path().join("no/such/file"), b"x").is_err());
        assert!(check_writable(&folder.path().join("no/such/file")).is_err());
        assert!(check_writable(folder.path()).is_err());
        check_writable(&folder.path().join("file")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
