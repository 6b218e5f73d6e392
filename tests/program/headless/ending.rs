//! How a run ends: exit codes, signals, readers that leave or stall, disks that are full.

use std::io::{BufRead, BufReader, Read};
use std::process::ChildStdout;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use super::{place, run_window};
use crate::support::program::{Place, Running, count, until};
use crate::support::waiting::finished;
use crate::support::web::Web;

#[test]
fn a_full_disk_is_an_error_and_not_a_reader_that_left() {
    let web = Web::start();
    let run = "exec \"$PROBETOP\" run --for 30s --output ndjson >/dev/full";
    let ended = Running::start(place(&web, "/ok", "").shell(run)).wait();
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .stderr
            .contains("standard output cannot be written: No space left"),
        "{}",
        ended.stderr
    );
}

#[test]
fn exit_codes_follow_what_was_broken() {
    let web = Web::start();
    let check = |path: &str, more: &str, args: &[&str], code: i32| {
        let place = place(&web, path, more);
        let ended = place.run(&[&["run", "--for", "2500ms", "--output", "none"], args].concat());
        assert_eq!(ended.code, Some(code), "{path} {args:?}: {}", ended.stderr);
    };
    let slow = "latency = { warning = \"1us\", quantile = 0.5, window = \"10s\" }";
    std::thread::scope(|scope| {
        scope.spawn(|| check("/ok", "", &[], 0));
        scope.spawn(|| check("/fail", "", &[], 3));
        scope.spawn(|| check("/fail", "", &["--fail-on", "never"], 0));
        scope.spawn(|| check("/ok", slow, &[], 0));
        scope.spawn(|| check("/ok", slow, &["--fail-on", "warning"], 3));
        let promise = "[[objective]]\nname = \"fast\"\ngoal = \"95% under 1us\"";
        scope.spawn(|| check("/ok", promise, &[], 3));
        let kept = "[[objective]]\nname = \"fast\"\ngoal = \"95% under 2m\"";
        scope.spawn(|| check("/ok", kept, &[], 0));
    });
    let bad = Place::new().run(&["run", "nonsense://x"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (Some(2), ""));
    assert!(bad.stderr.contains("nonsense"), "{}", bad.stderr);
    assert_eq!(Place::new().run(&["run", "--no-such-option"]).code, Some(2));
}

#[test]
fn a_signal_ends_a_run_after_everything_is_written() {
    let web = Web::start();
    let check = |signal, code| {
        let place = place(&web, "/fail", "");
        let run = place.start(&["run", "--output", "ndjson", "--snapshot", "out.json"]);
        run.document();
        run.signal(signal);
        let ended = run.wait();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""));
        let last = ended.documents().pop().expect("a last document");
        assert_eq!(last, place.document("out.json"));
    };
    check(Signal::INT, 130);
    check(Signal::TERM, 143);
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let web = Web::start();
    let place = place(&web, "/ok", "");
    let run = Running::start(place.shell("trap '' HUP; exec \"$PROBETOP\" run --output ndjson"));
    run.document();
    run.signal(Signal::HUP);
    run.document();
    run.document();
    run.signal(Signal::TERM);
    assert_eq!(run.wait().code, Some(143));
}

#[test]
fn a_closed_pipe_ends_a_run_quietly() {
    let web = Web::start();
    let place = place(&web, "/ok", "");
    let (run, stdout) = Running::start_unread(place.command(&["run", "--output", "ndjson"]));
    let first = finished("the first document comes", move || {
        let mut first = String::new();
        BufReader::new(stdout).read_line(&mut first).unwrap();
        first
    });
    assert!(first.starts_with("{\"schema\":"));
    let ended = run.wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

/// Forty targets beside `a`: a document is several times what a pipe holds.
fn wide_place(web: &Web) -> Place {
    let url = web.url("/ok");
    let target = |n| format!("[[target]]\nname = \"t{n}\"\nurl = \"{url}\"\n");
    let more: String = (0..40).map(target).collect();
    place(web, "/ok", &more)
}

#[test]
fn a_reader_that_stalls_does_not_hold_up_measuring_and_gets_the_rest_when_it_goes_on() {
    let web = Web::start();
    let place = wide_place(&web);
    let args = ["run", "--for", "4s", "--output", "ndjson", "--snapshot", "out.json"];
    let (run, mut unread) = Running::start_unread(place.command(&args));
    place.wait_for_file("out.json");
    let text = finished("the documents end", move || {
        let mut text = String::new();
        unread.read_to_string(&mut text).expect("documents");
        text
    });
    let ended = run.wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(text.len() > 64 * 1024, "a pipe holds {}", text.len());
    let document = place.document("out.json");
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).expect("a whole document");
    assert_eq!(document, last);
    let window = run_window(&document);
    // As many as were due since the first document, which came before the pipe was full; but for the second that it counts in.
    let due = |document: &Value| {
        let window = run_window(document);
        (count(&window["attempts"]) + count(&window["overruns"])) as f64
    };
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).expect("a whole document");
    let uptime = |document: &Value| document["uptime_s"].as_f64().unwrap();
    let expected = (uptime(&document) - uptime(&first) - 1.0) * 10.0;
    assert!(
        due(&document) - due(&first) >= expected,
        "{window}, {expected} were due"
    );
    assert_eq!(document["monitor"]["dropped_samples_total"], 0);
}

/// Returns once a document has begun; the rest of it stays unread.
fn first_byte(mut unread: ChildStdout) -> ChildStdout {
    finished("a document begins", move || {
        unread.read_exact(&mut [0]).expect("a first byte");
        unread
    })
}

#[test]
fn a_signal_ends_the_wait_for_a_reader_that_stalls() {
    let web = Web::start();
    let place = wide_place(&web);
    let args = ["run", "--for", "1s", "--output", "json", "--snapshot", "out.json"];
    let (run, unread) = Running::start_unread(place.command(&args));
    let _unread = first_byte(unread);
    run.signal(Signal::INT);
    assert_eq!(run.wait().code, Some(130));
}

#[test]
fn a_reader_that_stalls_does_not_hold_up_the_end() {
    let web = Web::start();
    let place = wide_place(&web);
    let args = ["run", "--output", "ndjson", "--snapshot", "out.json"];
    let (run, unread) = Running::start_unread(place.command(&args));
    let unread = first_byte(unread);
    run.signal(Signal::TERM);
    let ended = run.wait();
    drop(unread);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(143), ""));
    assert!(place.document("out.json")["targets"].is_array());
}

/// The whole figure at that place.
fn figure(document: &Value, pointer: &str) -> u64 {
    count(
        document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in {document:#}")),
    )
}

#[test]
fn what_is_on_its_way_when_the_time_is_up_lands_and_counts() {
    let web = Web::start();
    let place = place(&web, "/slow", "in_flight = 20\n");
    let document = place.run(&["run", "--for", "2s", "--output", "json"]).document();
    let seen = web.paths().len() as u64;
    let window = run_window(&document);
    assert!(seen >= 15, "{seen} of a probe every 100 ms");
    assert_eq!(count(&window["attempts"]), seen, "{window}");
    assert_eq!(count(&window["ok"]), seen, "{window}");
    assert_eq!(figure(&document, "/monitor/samples_total"), seen);
    assert_eq!(figure(&document, "/monitor/cut_off_total"), 0);
    let covered = window["covered_s"].as_f64().unwrap();
    assert!(
        (1.9..2.7).contains(&covered),
        "{covered}: what landed later took no time of the run"
    );
}

#[test]
fn what_does_not_land_in_time_is_counted_as_cut_off() {
    let web = Web::start();
    let patient = "in_flight = 64\ntimeout = \"60s\"\n";
    let check = |run: &dyn Fn(&Place) -> Value| {
        let before = web.paths().len();
        let document = run(&place(&web, "/silent", patient));
        let seen = (web.paths().len() - before) as u64;
        let cut_off = figure(&document, "/monitor/cut_off_total");
        // One may have been cut off before its request had left.
        assert!(seen > 0 && (seen..=seen + 1).contains(&cut_off), "{cut_off} of {seen}");
        assert_eq!(figure(&document, "/monitor/samples_total"), 0);
    };
    check(&|place| place.run(&["run", "--for", "1s", "--output", "json"]).document());
    check(&|place| {
        let run = place.start(&["run", "--output", "ndjson"]);
        run.document();
        run.signal(Signal::TERM);
        run.wait().documents().pop().expect("a last document")
    });
}

/// A place with a program that runs on, and with a daemon that one which has ended left without its output. Both write
/// their number into a file.
fn place_with_programs() -> Place {
    let place = Place::new();
    let folder = place.path("");
    let target = |name: &str, script: &str| {
        // In a configuration a dollar is written as two.
        let script = script.replace('$', "$$").replace("FOLDER", folder.to_str().unwrap());
        format!("[[target]]\nname = \"{name}\"\nurl = \"exec:///bin/sh\"\nargs = [\"-c\", \"{script}\"]\n")
    };
    let stays = "[ -e FOLDER/daemon ] || { setsid sleep 1000 >/dev/null 2>&1 & echo $! > FOLDER/daemon; }";
    let goes =
        "trap '' TERM HUP INT; setsid sh -c 'echo $$ > FOLDER/child; sleep 1000' & echo $$ > FOLDER/plugin; sleep 1000";
    let targets = target("stays", stays) + &target("goes", goes);
    place.write(
        "probetop.toml",
        &format!("interval = \"1s\"\ntimeout = \"100s\"\n{targets}in_flight = 1\n"),
    );
    place
}

/// The process whose number is in the file, once it is.
fn written_process(place: &Place, name: &str) -> Pid {
    let mut process = None;
    until(&format!("{name} is written"), || {
        let written = std::fs::read_to_string(place.path(name)).unwrap_or_default();
        process = written
            .strip_suffix('\n')
            .and_then(|id| id.parse().ok())
            .and_then(Pid::from_raw);
        process.is_some()
    });
    process.unwrap()
}

/// One that has ended does not run, though nobody may have waited for it.
fn runs(process: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    test_kill_process(process).is_ok() && stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// The session of a process as the system tells it; 0 for one whose leader is outside this PID namespace.
fn session_of(process: Pid) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).expect("it runs");
    let (_, after_name) = stat.rsplit_once(") ").expect("a name in brackets");
    after_name.split(' ').nth(3).expect("a session").to_owned()
}

/// The guard of a probetop: its one child that is our binary.
fn guard_of(probetop: Pid) -> Option<Pid> {
    let parent = probetop.as_raw_nonzero();
    let children = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let is_child = stat.rsplit_once(") ")?.1.split(' ').nth(1)? == parent.to_string();
        let command = std::fs::read(entry.path().join("cmdline")).ok()?;
        let id = entry.file_name().to_str()?.parse().ok()?;
        (is_child && command.starts_with(b"probetop\0--guard-of\0")).then_some(id)
    });
    children.filter_map(Pid::from_raw).next()
}

#[test]
fn programs_end_with_probetop_however_it_ends_and_daemons_stay() {
    for signal in [Signal::KILL, Signal::QUIT, Signal::TERM] {
        let place = place_with_programs();
        let run = place.start(&["run", "--output", "ndjson"]);
        let [daemon, plugin, child] = ["daemon", "plugin", "child"].map(|name| written_process(&place, name));
        run.document_where("one has ended", |document| {
            count(&crate::support::program::target(document, "stays")["windows"]["run"]["ok"]) > 0
        });
        let guard = guard_of(run.pid()).expect("a guard");
        assert_ne!(session_of(guard), session_of(run.pid()));
        run.signal(signal);
        for (name, process) in [("plugin", plugin), ("child", child), ("guard", guard)] {
            until(&format!("the {name} is gone after {signal:?}"), || !runs(process));
        }
        assert!(runs(daemon), "{signal:?}");
        kill_process(daemon, Signal::KILL).unwrap();
    }
}
