//! What is written stands there whole, and what stood there stays what it was.

use super::*;

use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};

use rustix::fs::{CWD, Mode, mkfifoat};

fn replaced(path: &Path, bytes: &[u8]) {
    replace(path, bytes, Access::Usual).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_file_is_replaced_whole_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    replaced(&path, b"first");
    replaced(&path, b"second");
    assert_eq!(fs::read(&path).unwrap(), b"second");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_private_file_stays_private_and_a_new_one_is_as_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.json");
    replace(&path, b"{}", Access::Private).unwrap();
    assert_eq!(mode(&path), 0o600);
    for kept in [0o600, 0o640, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(kept)).unwrap();
        for access in [Access::Usual, Access::Private] {
            replace(&path, b"[]", access).unwrap();
            assert_eq!(mode(&path), kept);
        }
    }
}

#[test]
fn a_link_is_followed_and_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link, second) = (
        folder.path().join("real"),
        folder.path().join("link"),
        folder.path().join("second"),
    );
    symlink("real", &link).unwrap();
    symlink(&link, &second).unwrap();
    replaced(&second, b"made through two links");
    replaced(&link, b"and replaced through one");
    assert!(link.is_symlink() && second.is_symlink() && !real.is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"and replaced through one");
    check_writable(&second).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    assert!(replace(&folder.path().join("loop"), b"", Access::Usual).is_err());
}

#[test]
fn a_device_and_a_pipe_are_written_to_and_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let null = Path::new("/dev/null");
    check_writable(null).unwrap();
    replaced(null, b"gone");
    assert!(fs::metadata(null).unwrap().file_type().is_char_device());
    let link = folder.path().join("null");
    symlink(null, &link).unwrap();
    replaced(&link, b"gone");
    assert!(fs::metadata(null).unwrap().file_type().is_char_device() && link.is_symlink());

    let pipe = folder.path().join("pipe");
    mkfifoat(CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
    assert!(
        replace(&pipe, b"nobody reads", Access::Usual).is_err(),
        "and nobody waits"
    );
    let mut reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    replaced(&pipe, b"document");
    let mut read = [0; 8];
    reader.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"document");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn a_file_of_the_same_name_is_kept_and_the_new_one_numbered() {
    let folder = tempfile::tempdir().unwrap();
    for (number, expected) in ["export.csv", "export-2.csv", "export-3.csv"].into_iter().enumerate() {
        let path = create_numbered(folder.path(), "export", "csv", &|file| file.write_all(&[number as u8])).unwrap();
        assert_eq!(path, folder.path().join(expected));
    }
    assert_eq!(fs::read(folder.path().join("export.csv")).unwrap(), [0]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    let (path, error) = create_numbered(&folder.path().join("no"), "export", "csv", &|_| Ok(())).unwrap_err();
    assert_eq!(path, folder.path().join("no/export.csv"));
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let taken = create(&folder.path().join("export.csv"), b"").unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(replace(&folder.path().join("no/such/file"), b"x", Access::Usual).is_err());
    assert!(check_writable(&folder.path().join("no/such/file")).is_err());
    assert!(check_writable(folder.path()).is_err());
    check_writable(&folder.path().join("file")).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_written_is_told_without_the_name_of_a_file_beside() {
    let absent = Path::new("/nonexistent/folder/file");
    for error in [
        replace(absent, b"", Access::Usual).unwrap_err(),
        create(absent, b"").unwrap_err(),
        check_writable(absent).unwrap_err(),
    ] {
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains("path"), "{error}");
    }
}
