//! What a run writes: documents, tables, files, and where warnings go.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{place, run_window};
use crate::support::program::{Place, Running, count, target};
use crate::support::web::Web;

#[test]
fn a_run_ends_with_one_document_of_everything() {
    let web = Web::start();
    let args = ["run", "--for", "3s", "--output", "json", "--fail-on", "never"];
    let ended = place(&web, "/ok", "").with_host().run(&args);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let document = ended.document();
    assert_eq!(document["schema"], "probetop.snapshot/v1");
    let uptime = document["uptime_s"].as_f64().unwrap();
    assert!(uptime >= 3.0, "{uptime}");
    let target = target(&document, "a");
    assert_eq!(
        (&target["level"], &target["last"]["status"]),
        (&"ok".into(), &200.into())
    );
    // All that the server saw, however fast that came; the other windows end with the last full second.
    let run = &target["windows"]["run"];
    let all = count(&run["attempts"]) + count(&run["cut_off"]);
    assert_eq!(all, web.paths().len() as u64);
    for window in ["10s", "1m", "5m", "15m", "run"] {
        let window = &target["windows"][window];
        let attempts = count(&window["attempts"]);
        let overruns = count(&window["overruns"]);
        let due = attempts + overruns;
        assert!(due <= (uptime * 10.0) as u64 + 2, "{due} in {uptime} s");
        assert!(attempts <= all && attempts + 12 >= all, "{attempts} of {all}");
        assert_eq!(window["ok"], attempts);
        assert!(window["latency_us"]["p50"].is_u64());
        assert_eq!(window["latency_us"]["p99_9"], Value::Null, "30 samples are too few");
    }
    assert!(document["host"]["cores"].as_u64().unwrap() >= 1);
    assert_eq!(document["monitor"]["dropped_samples_total"], 0);
}

#[test]
fn a_machine_that_is_not_watched_is_null() {
    let web = Web::start();
    let place = place(&web, "/ok", "").with_host();
    let ended = place.run(&["run", "--for", "1s", "--output", "json", "--no-host"]);
    assert_eq!(ended.document()["host"], Value::Null);
}

#[test]
fn a_stream_has_a_document_a_second_and_the_last() {
    let web = Web::start();
    let ended = place(&web, "/ok", "").run(&["run", "--for", "4s", "--output", "ndjson"]);
    let documents = ended.documents();
    assert_eq!(documents.len(), 4, "at 1, 2 and 3 s, and at the end");
    let attempts: Vec<_> = documents
        .iter()
        .map(|document| count(&run_window(document)["attempts"]))
        .collect();
    assert!(attempts.is_sorted() && attempts[0] > 0, "{attempts:?}");
}

#[test]
fn a_table_has_one_head_a_line_each_ten_seconds_and_the_whole_at_the_end() {
    let web = Web::start();
    let ended = place(&web, "/ok", "").run(&["run", "--for", "11s"]);
    let lines: Vec<_> = ended.stdout.lines().collect();
    let starts: Vec<_> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let [head, time, "", end_head, "a", "health:", ref advice @ ..] = starts[..] else {
        panic!("{}", ended.stdout)
    };
    // On a busy machine it says that it starts late.
    assert!(advice.is_empty() || advice[0] == "bottleneck:", "{}", ended.stdout);
    assert_eq!((head, end_head, time.len()), ("UTC", "TARGET", "23:59:59".len()));
    assert!(lines[1].contains("  a       ok "), "{}", ended.stdout);
}

#[test]
fn nothing_is_written_when_nothing_is_wanted() {
    let web = Web::start();
    let ended = place(&web, "/ok", "").run(&["run", "--for", "1s", "--output", "none"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(0), "", "")
    );
}

#[test]
fn a_snapshot_file_is_whole_and_as_readable_as_any_other() {
    let web = Web::start();
    let place = place(&web, "/ok", "");
    let run = "umask 027; exec \"$PROBETOP\" run --for 1s --output none --snapshot out.json";
    let ended = Running::start(place.shell(run)).wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(place.document("out.json")["schema"], "probetop.snapshot/v1");
    let mode = std::fs::metadata(place.path("out.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let files = std::fs::read_dir(place.path("")).unwrap().count();
    assert_eq!(files, 2, "the configuration and the document");
}

#[test]
fn what_cannot_be_written_is_told_before_anything_is_measured() {
    let web = Web::start();
    let check = |args: &[&str], path: &str, remedy: &str| {
        let ended = place(&web, "/ok", "").run(args);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(path) && ended.stderr.contains(remedy),
            "{}",
            ended.stderr
        );
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    };
    check(
        &["run", "--snapshot", "no/such/out.json"],
        "no/such/out.json",
        "name a file in a folder",
    );
    check(&["run", "--snapshot", "."], "--snapshot .", "name a file");
    check(
        &["run", "--log-file", "no/such/log"],
        "no/such/log",
        "name a file you may write to",
    );
}

#[test]
fn warnings_and_hints_go_to_standard_error_alone() {
    let ended = Place::new().run(&["run", "--for", "1s", "--output", "json", "-v"]);
    ended.document();
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert!(lines[0].starts_with("warning: -v says"), "{}", ended.stderr);
    assert!(lines[1].starts_with("watching this machine alone"), "{}", ended.stderr);
    assert_eq!(lines.len(), 2);
}

#[test]
fn without_a_terminal_the_screen_names_the_way_without() {
    let ended = Place::new().run(&["http://127.0.0.1:1"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("use probetop run"), "{}", ended.stderr);
}

#[test]
fn nobody_can_go_back_in_a_run_without_a_screen_and_no_past_is_kept() {
    let web = Web::start();
    let document = place(&web, "/ok", "")
        .run(&["run", "--for", "3s", "--output", "json"])
        .document();
    let monitor = &document["monitor"];
    assert_eq!(
        (&monitor["history_s"], count(&monitor["history_bytes"])),
        (&Value::Null, 0)
    );
}

#[test]
fn the_document_tells_how_full_each_store_is_and_counts_a_flow_as_one_target() {
    let web = Web::start();
    let base = web.url("/ok");
    let rest = format!(
        "[[flow]]\nname = \"shop\"\n[[flow.step]]\nname = \"a\"\nurl = {base:?}\n[[flow.step]]\nname = \"b\"\nurl = {base:?}\n"
    );
    let place = place(&web, "/ok", &rest);
    let document = place
        .run(&["run", "--for", "1s", "--output", "json", "--log-file", "log"])
        .document();
    let monitor = &document["monitor"];
    assert_eq!((count(&monitor["targets"]), count(&monitor["steps"])), (2, 2));
    let stores = monitor["stores"].as_object().unwrap();
    let names: Vec<_> = stores.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["ended_alerts", "gone_names", "log_bytes", "marks", "past_bytes"]
    );
    for (name, store) in stores {
        assert!(count(&store["held"]) <= count(&store["limit"]), "{name}: {store}");
    }
}
