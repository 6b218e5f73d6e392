//! Marks that scripts set.

use std::os::unix::net::UnixListener;

use crate::Place;

#[test]
fn a_script_marks_the_run_that_it_accompanies() {
    let place = Place::new();
    let runtime = place.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    let place = place.variable("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
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
    let place = Place::new();
    let runtime = place.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    let place = place.variable("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
    let running = place.start(&["run", "--output", "ndjson", "demo://health"]);
    running.document();
    // In the order of their numbers the mute ones come first and last.
    let folder = runtime.join("probetop");
    let _mute = ["1.sock", "4000000000.sock"].map(|name| UnixListener::bind(folder.join(name)).unwrap());
    drop(UnixListener::bind(folder.join("2.sock")).unwrap());

    let marked = place.run(&["mark", "stage 2"]);
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
    let place = Place::new();
    let runtime = place.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    let place = place.variable("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
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
