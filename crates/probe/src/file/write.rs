//! Writing a file so that nobody ever reads half of it, also after the power failed.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access as Allowed, OFlags};
use tempfile::NamedTempFile;

/// Who may read a file that was not there before. One that was keeps its owner and its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As any other new file: the umask of the process takes away what it takes away.
    Usual,
    /// Its owner alone.
    Private,
}

impl Access {
    const fn mode(self) -> u32 {
        match self {
            Self::Usual => 0o666,
            Self::Private => 0o600,
        }
    }
}

/// Writes what a file shall hold. Asked once more when another name has to be tried.
pub(super) type Content<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Written at once: a document comes in pieces of some bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// As many as the system follows itself.
const LINKS_LIMIT: u32 = 40;

/// Writes beside the file that `path` leads to and renames over it. What is not a regular file, such as a device or a pipe,
/// is written to.
///
/// # Errors
/// As the system gives them; a regular file is then as it was.
pub fn replace(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    replace_with(path, access, &|file| file.write_all(bytes))
}

/// As [`replace`], with content that is made while it is written.
///
/// # Errors
/// As the system gives them; a regular file is then as it was.
pub fn replace_with(path: &Path, access: Access, content: Content<'_>) -> io::Result<()> {
    let path = &followed(path)?;
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {
            let file = beside(path, access)?;
            write(file.as_file(), content)?;
            keep_owner_and_mode(file.as_file(), &found)?;
            persist(file, path)
        }
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => write(&through(path)?, content),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let file = beside(path, access)?;
            write(file.as_file(), content)?;
            persist(file, path)
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that is not there yet.
///
/// # Errors
/// As the system gives them; [`io::ErrorKind::AlreadyExists`] where something is there.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_with(path, &|file| file.write_all(bytes))
}

fn create_with(path: &Path, content: Content<'_>) -> io::Result<()> {
    let file = beside(path, Access::Usual)?;
    write(file.as_file(), content)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|refused| refused.error)?;
    sync_folder_of(path);
    Ok(())
}

/// Opens a file to write at its end, and makes one where there is none. A pipe that nobody reads is an error, not waited for.
///
/// # Errors
/// As the system gives them.
pub fn append(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .custom_flags(i32::try_from(flags).expect("flags of open are an int"))
        .open(path)?;
    blocking(file)
}

/// Files of one name that are numbered; more in one second is no hand at the keyboard.
const NUMBER_LIMIT: u32 = 1000;

/// Writes `STEM.EXTENSION` into the folder, or `STEM-2.EXTENSION` and so on where there is such a file: no file is ever
/// written over. Returns the absolute path.
///
/// # Errors
/// As the system gives them, with the path that was tried last.
pub fn create_numbered(
    folder: &Path,
    stem: &str,
    extension: &str,
    content: Content<'_>,
) -> Result<PathBuf, (PathBuf, io::Error)> {
    let absolute = |name: String| {
        let path = folder.join(name);
        std::path::absolute(&path).unwrap_or(path)
    };
    let mut path = absolute(format!("{stem}.{extension}"));
    for number in 2..=NUMBER_LIMIT {
        match create_with(&path, content) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err((path, error)),
        }
        path = absolute(format!("{stem}-{number}.{extension}"));
    }
    Err((path, io::ErrorKind::AlreadyExists.into()))
}

/// Whether [`replace`] can be expected to work.
///
/// # Errors
/// As the system gives them.
pub fn check_writable(path: &Path) -> io::Result<()> {
    let path = &followed(path)?;
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => Ok(rustix::fs::access(path, Allowed::WRITE_OK)?),
        Ok(_) | Err(_) => beside(path, Access::Private).map(drop),
    }
}

/// What the system said, without the name of a file beside the one that was meant, which nobody knows.
fn bare(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.rsplit_once(" at path ") {
        // The library's own wrapping, in which no number of the system is left.
        Some((said, _)) if error.raw_os_error().is_none() => io::Error::new(error.kind(), said),
        Some(_) | None => error,
    }
}

/// Where the links lead, be it to a file that is not there yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_LIMIT {
        match fs::read_link(&path) {
            // What stands in /proc shows the name of what is open, which need not be a path: it is opened as it is.
            Ok(_) if is_process_own(&path) => return Ok(path),
            Ok(target) => path = folder_of(&path).join(target),
            Err(_no_link) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead from one to the next"))
}

fn is_process_own(path: &Path) -> bool {
    path.starts_with("/proc") && fs::metadata(path).is_ok_and(|found| !found.is_file())
}

fn write(file: &File, content: Content<'_>) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(PIECE_BYTES, file);
    content(&mut file)?;
    file.flush()
}

fn through(path: &Path) -> io::Result<File> {
    // Opening a pipe that nobody reads would wait for its reader; writing to one whose reader is slow may take its time.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .write(true)
        .custom_flags(i32::try_from(flags.bits()).expect("flags of open are an int"))
        .open(path)?;
    blocking(file)
}

fn blocking(file: File) -> io::Result<File> {
    let flags = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    Ok(file)
}

fn keep_owner_and_mode(file: &File, before: &Metadata) -> io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        // Only root may give a file away; who else writes to another's file owns the new one.
        let _ = std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()));
    }
    file.set_permissions(Permissions::from_mode(before.mode() & 0o7777))
}

fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|refused| refused.error)?;
    sync_folder_of(path);
    Ok(())
}

/// Makes the new name last. A file system that cannot do that for folders keeps it as well as it can.
fn sync_folder_of(path: &Path) {
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// A new file in the folder of `path`, gone when it is dropped.
fn beside(path: &Path, access: Access) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".probetop-")
        .permissions(Permissions::from_mode(access.mode()))
        .tempfile_in(folder_of(path))
        .map_err(bare)
}

#[cfg(test)]
mod tests;
