//! Marks that scripts set.

use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use super::Place;

/// A place with a runtime folder of its own, in which nobody else's probetop is reached; and where that is.
fn with_runtime_folder() -> (Place, PathBuf) {
    let place = Place::new();
    let runtime = place.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    (place.variable("XDG_RUNTIME_DIR", runtime.to_str().unwrap()), runtime)
}

#[test]
fn a_script_marks_the_run_that_it_accompanies() {
    let (place, _) = with_runtime_folder();
    let running = place.start(&["run", "--output", "ndjson", "demo://health"]);
    running.document();

    let marked = place.run(&["mark", "stage \u{1b}[31m2"]);
    assert_eq!(marked.code, Some(0), "{}", marked.stderr);
    let document = running.document_where("has the mark", |document| document["marks"][0]["origin"] == "script");
    assert_eq!(document["marks"][0]["label"], "stage [31m2");

    let refused = place.run(&["mark", "stage 3", "--pid", "1"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("no probetop with process id 1"),
        "{}",
        refused.stderr
    );

    let refused = place.run(&["mark", " "]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("label"), "{}", refused.stderr);
}

#[test]
fn one_that_does_not_answer_holds_up_nobody_and_is_named() {
    let (place, runtime) = with_runtime_folder();
    let running = place.start(&["run", "--output", "ndjson", "demo://health"]);
    running.document();
    // In the order of their numbers the mute ones come first and last.
    let folder = runtime.join("probetop");
    let _mute = ["1.sock", "4000000000.sock"].map(|name| UnixListener::bind(folder.join(name)).unwrap());
    drop(UnixListener::bind(folder.join("2.sock")).unwrap());

    let marked = place.run(&["mark", "stage 2", "--all"]);
    assert_eq!(marked.code, Some(1));
    assert!(
        marked.stdout.contains("marked \"stage 2\" in process "),
        "{}",
        marked.stdout
    );
    for pid in ["1", "4000000000"] {
        let words = format!("process {pid}: no answer within 2 s");
        assert!(marked.stderr.contains(&words), "{}", marked.stderr);
    }
    assert!(!folder.join("2.sock").exists(), "what a dead one left is removed");
    running.document_where("has the mark", |document| document["marks"][0]["label"] == "stage 2");
}

#[test]
fn without_a_running_one_or_with_its_door_shut_nobody_is_marked() {
    let (place, _) = with_runtime_folder();
    place.write(
        "probetop.toml",
        "control = false\n[[target]]\nurl = \"demo://health\"\n",
    );
    let running = place.start(&["run", "--output", "ndjson"]);
    running.document();
    let refused = place.run(&["mark", "stage 2"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("start one first"), "{}", refused.stderr);
}

#[test]
fn without_a_name_only_those_of_this_folder_or_its_configuration_are_marked() {
    let (here, runtime) = with_runtime_folder();
    let elsewhere = || Place::new().variable("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
    let (there, third) = (elsewhere(), elsewhere());
    here.write("probetop.toml", "[[target]]\nurl = \"demo://health\"\n");
    let file = here.path("probetop.toml");
    // One has the configuration of here, one is another's.
    let same = third.start(&["run", "--output", "ndjson", "-c", file.to_str().unwrap()]);
    let other = there.start(&["run", "--output", "ndjson", "demo://health"]);
    same.document();
    other.document();

    let marked = here.run(&["mark", "ours"]);
    assert_eq!(marked.code, Some(0), "{}", marked.stderr);
    same.document_where("has the mark", |document| document["marks"][0]["label"] == "ours");

    let nowhere = elsewhere();
    let refused = nowhere.run(&["mark", "whose"]);
    assert_eq!(refused.code, Some(1));
    for words in ["--pid", "--all", "probetop.toml", "process "] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }

    let marked = nowhere.run(&["mark", "--all", "everybody"]);
    assert_eq!(marked.code, Some(0), "{}", marked.stderr);
    other.document_where("has the mark", |document| document["marks"][0]["label"] == "everybody");
    same.document_where("has both", |document| document["marks"][1]["label"] == "everybody");
}

#[test]
fn a_second_has_one_document_however_often_it_is_marked() {
    let (place, _) = with_runtime_folder();
    let running = place.start(&["run", "--output", "ndjson", "demo://health"]);
    let mut taken = vec![running.document()["taken_at"].to_string()];
    for number in 0..6 {
        let marked = place.run(&["mark", &format!("stage {number}")]);
        assert_eq!(marked.code, Some(0), "{}", marked.stderr);
    }
    for _ in 0..3 {
        taken.push(running.document()["taken_at"].to_string());
    }
    let marked = running.document_where("has the marks", |document| {
        document["marks"].as_array().unwrap().len() == 6
    });
    taken.push(marked["taken_at"].to_string());
    // To the second: `"2026-11-20T23:59:59.000Z"`.
    let seconds: Vec<_> = taken.iter().map(|taken| &taken[..20]).collect();
    assert!(seconds.is_sorted_by(|a, b| a < b), "{taken:?}");
}
