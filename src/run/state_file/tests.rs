//! What is read, written and left alone.

use std::time::SystemTime;

use probetop_core::clock::Timestamp;
use probetop_engine::monitor::{Monitor, Plan};

use super::*;

fn alerts() -> SavedAlerts {
    Monitor::new(Plan::default(), Timestamp::ZERO, SystemTime::UNIX_EPOCH).saved_alerts(&[])
}

const PATIENCE: Duration = Duration::from_secs(60);

fn state_file(path: &Path) -> StateFile {
    StateFile::open(path).unwrap()
}

#[test]
fn what_is_written_is_read_again_and_written_only_when_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.json");
    assert_eq!(state_file(&path).read(), Ok(None));
    state_file(&path).finish((1, 1), alerts, PATIENCE).unwrap();
    assert_eq!(state_file(&path).read().unwrap(), Some(alerts()));
    let mut again = state_file(&path);
    again.written = Some((1, 1));
    fs::remove_file(&path).unwrap();
    again.finish((1, 1), alerts, PATIENCE).unwrap();
    assert!(!path.exists(), "nothing had changed");
}

#[test]
fn a_corrupt_file_is_told_with_its_place_and_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.json");
    for (text, place, what) in [
        (
            "{\n  \"schema\": \"probetop.alerts/v9\"\n}",
            ":3:1: ",
            "schema is \"probetop.alerts/v9\"",
        ),
        ("{ \"schema\"", ":1:10: ", "EOF while parsing"),
        ("\u{0}\u{1}", ":1:1: ", "expected value"),
    ] {
        fs::write(&path, text).unwrap();
        let refused = state_file(&path).and_saved().unwrap_err();
        assert!(
            refused.contains(place) && path.exists(),
            "a reload leaves it: {refused}"
        );
        let begun = begin(&path);
        let message = begun.warning.unwrap();
        assert!(message.contains(place) && message.contains(what), "{message}");
        assert!(begun.state_file.is_some() && begun.saved.is_none());
        assert_eq!(fs::read_to_string(folder.path().join("alerts.json.bad")).unwrap(), text);
        assert!(!path.exists());
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/alerts.json");
    let mut state_file = state_file(&path);
    let mut told = Vec::new();
    probetop_core::clock::wait_until("the failure is told", || {
        told.extend(state_file.write((1, 1), alerts).err());
        !told.is_empty()
    });
    assert!(told[0].contains("measuring goes on"), "{told:?}");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    probetop_core::clock::wait_until("it is written", || {
        assert_eq!(state_file.write((1, 1), alerts), Ok(()));
        path.exists()
    });
}

#[test]
fn a_file_that_another_process_keeps_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.json");
    let first = state_file(&path);
    let second = begin(&path);
    let pid = std::process::id();
    assert!(second.warning.unwrap().contains(&format!("process {pid} keeps it")));
    assert!(second.state_file.is_none());
    drop(first);
    assert!(begin(&path).state_file.is_some());
}

#[test]
fn a_folder_is_refused_and_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("precious"), "").unwrap();
    let refusal = check(&path).unwrap_err();
    assert!(refusal.contains("is a directory; name a file, such as"), "{refusal}");
    let begun = begin(&path);
    assert!(begun.warning.unwrap().contains("alerts are not remembered"));
    assert!(path.join("precious").exists());
    for sound in ["none-yet", "no/such/folder"] {
        assert_eq!(check(&folder.path().join(sound)), Ok(()));
    }
    assert_eq!(check(Path::new("/dev/null")), Ok(()));
}

#[test]
fn a_device_remembers_nothing_and_stays_a_device() {
    use std::os::unix::fs::FileTypeExt as _;
    let null = Path::new("/dev/null");
    let begun = begin(null);
    assert!(begun.warning.is_none() && begun.saved.is_none());
    begun.state_file.unwrap().finish((1, 1), alerts, PATIENCE).unwrap();
    assert!(fs::metadata(null).unwrap().file_type().is_char_device());
}
