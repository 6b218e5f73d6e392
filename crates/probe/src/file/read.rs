//! Reads a file that somebody named, whole: a regular file only, and no more of it than its kind can have.
//!
//! A path may lead anywhere. A device such as `/dev/zero` never ends, a named pipe waits for a writer that never comes,
//! and a file of the wrong kind may be as large as the disk. None of them may cost the program its memory or its life.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

/// Whoever writes into a pipe that was named as a configuration may ask for a password before.
const PIPE_PATIENCE: Duration = Duration::from_secs(60);

/// No regular file, but by an old custom the name of an empty one.
const EMPTY: &str = "/dev/null";

/// Who is to write into it is started beside us.
const WRITER_PATIENCE: Duration = Duration::from_secs(5);

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Can be read again.
    Regular,
    /// Gives what it has once.
    Pipe,
}

/// A file that was named explicitly, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub bytes: Vec<u8>,
    pub nature: Nature,
}

/// The bytes of the regular file at `path`, which may be a link to one.
///
/// # Errors
/// As the system gives them; it is not a regular file; or it has more than `limit_bytes`. Each says so as the second half
/// of a sentence: `cannot be read: it is larger than 64 KiB`.
pub fn read(path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new(EMPTY) {
        return Ok(bytes);
    }
    open(path)?.take(limit_bytes + 1).read_to_end(&mut bytes)?;
    within(bytes, limit_bytes)
}

/// Reads a file that somebody named on the command line, be it a pipe: `-c <(decrypt probetop.toml)`.
///
/// # Errors
/// As those of [`read`], or nobody writes to the pipe.
pub fn read_given(path: &Path, limit_bytes: u64) -> io::Result<Given> {
    if !fs::metadata(path)?.file_type().is_fifo() {
        let bytes = read(path, limit_bytes)?;
        return Ok(Given {
            bytes,
            nature: Nature::Regular,
        });
    }
    let bytes = read_pipe(open_at_once(path)?, limit_bytes)?;
    Ok(Given {
        bytes,
        nature: Nature::Pipe,
    })
}

/// The same file as text.
///
/// # Errors
/// As those of [`read`], and that it is not UTF-8.
pub fn read_text(path: &Path, limit_bytes: u64) -> io::Result<String> {
    let bytes = read(path, limit_bytes)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Opens a regular file, and nothing else.
fn open(path: &Path) -> io::Result<File> {
    // Asked before opening, which for a device may have an effect of its own.
    if !fs::metadata(path)?.is_file() {
        return Err(not_regular());
    }
    // Where a named pipe took the file's place meanwhile, opening waits for nobody.
    let file = open_at_once(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(not_regular())
    }
}

fn open_at_once(path: &Path) -> io::Result<File> {
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(nonblocking).open(path)
}

fn read_pipe(mut file: File, limit_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let patience = Timespec::try_from(PIPE_PATIENCE).map_err(io::Error::other)?;
    let writer_patience = Timespec::try_from(WRITER_PATIENCE).map_err(io::Error::other)?;
    let mut block = [0; 16 * 1024];
    let wait = |file: &File, limit: &Timespec| {
        Ok::<_, io::Error>(poll(&mut [PollFd::new(file, PollFlags::IN)], Some(limit))? > 0)
    };
    let mut waited_for_writer = false;
    while bytes.len() as u64 <= limit_bytes {
        match file.read(&mut block) {
            Ok(0) if bytes.is_empty() => {
                // Who is to write may open it a moment later; one that has opened it is told by the wait.
                if std::mem::replace(&mut waited_for_writer, true) || !wait(&file, &writer_patience)? {
                    return Err(io::Error::other("nobody writes to this pipe; name a regular file"));
                }
            }
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&block[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !wait(&file, &patience)? {
                    let waited = PIPE_PATIENCE.as_secs();
                    let message = format!("nothing came through this pipe for {waited} s; name a regular file");
                    return Err(io::Error::new(io::ErrorKind::TimedOut, message));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    within(bytes, limit_bytes)
}

fn within(bytes: Vec<u8>, limit_bytes: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > limit_bytes {
        return Err(too_large(limit_bytes));
    }
    Ok(bytes)
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
}

fn too_large(limit_bytes: u64) -> io::Error {
    const KIB: u64 = 1024;
    let limit = match limit_bytes {
        bytes if bytes >= KIB * KIB => format!("{} MiB", bytes / KIB / KIB),
        bytes if bytes >= KIB => format!("{} KiB", bytes / KIB),
        bytes => format!("{bytes} bytes"),
    };
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {limit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Write as _;

    fn check(path: &Path, expected: Result<&str, &str>) {
        let read = read_text(path, 8).map_err(|error| error.to_string());
        assert_eq!(
            read.as_deref(),
            expected.map_err(str::to_owned).as_ref().map(|text| *text),
            "{path:?}"
        );
    }

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("whole"), "12345678").unwrap();
        check(&path("whole"), Ok("12345678"));
        std::os::unix::fs::symlink(path("whole"), path("link")).unwrap();
        check(&path("link"), Ok("12345678"));
        fs::write(path("long"), "123456789").unwrap();
        check(&path("long"), Err("it is larger than 8 bytes"));
        fs::write(path("latin"), b"caf\xe9").unwrap();
        check(&path("latin"), Err("it is not UTF-8"));
        check(folder.path(), Err("it is not a regular file"));
        check(Path::new("/dev/zero"), Err("it is not a regular file"));
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        check(&path("pipe"), Err("it is not a regular file"));
        assert_eq!(read(&path("none"), 8).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_pipe_that_was_named_is_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        // Opened for both, so that neither end waits for the other.
        let mut writer = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        writer.write_all(b"first ").unwrap();
        let reading = std::thread::spawn(move || read_given(&pipe, 100));
        writer.write_all(b"second").unwrap();
        probetop_core::clock::wait_until("all is read", || rustix::io::ioctl_fionread(&writer).unwrap() == 0);
        drop(writer);
        let given = reading.join().unwrap().unwrap();
        assert_eq!(given.bytes, b"first second");
        assert_eq!(given.nature, Nature::Pipe);
    }

    #[test]
    fn a_limit_is_told_in_the_unit_it_was_set_in() {
        let check = |limit, expected: &str| assert_eq!(too_large(limit).to_string(), expected);
        check(64 * 1024, "it is larger than 64 KiB");
        check(4 * 1024 * 1024, "it is larger than 4 MiB");
    }
}
