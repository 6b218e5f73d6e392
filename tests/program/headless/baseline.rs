//! A run held against a baseline from a file.

use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use super::{Place, place};
use crate::support::program::Ended;
use crate::support::web::Web;

fn baseline() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/baseline.json");
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_run_is_compared_with_the_baseline_it_is_given() {
    let web = Web::start();
    let place = place(&web, "/ok", "[[target]]\nname = \"later\"\nurl = \"demo://health\"\n");
    let run = place.start(&["run", "--output", "ndjson", "--baseline", &baseline()]);
    // A local server is faster than 900 ms; on a busy machine it takes more probes to be sure of it.
    let p50 = |document: &Value| {
        let figures = document["comparison"]["rows"][0]["figures"].as_array().cloned();
        figures?.into_iter().find(|figure| figure["name"] == "p50")
    };
    let document = run.document_where("it got better", |document| {
        p50(document).is_some_and(|p50| p50["significance"] == "better")
    });
    let comparison = &document["comparison"];
    assert_eq!(comparison["before"]["file"], "baseline.json");
    assert_eq!(comparison["before"]["from"], "2026-11-20T12:00:00.347Z");
    assert_eq!(comparison["before"]["length_s"], 20);
    assert_eq!(comparison["after"]["file"], Value::Null);
    let (length_s, uptime_s) = (&comparison["after"]["length_s"], &document["uptime_s"]);
    assert!(
        length_s.as_f64() > Some(0.0) && length_s.as_f64() <= uptime_s.as_f64(),
        "{comparison}"
    );
    let rows = comparison["rows"].as_array().unwrap();
    let subjects: Vec<_> = rows.iter().filter_map(|row| row["subject"].as_str()).collect();
    assert_eq!(subjects, ["a", "later"], "what is gone is not a row, what is new is");
    assert_eq!(rows[0]["attempts_before"], 200);
    assert_eq!(
        (&rows[1]["attempts_before"], &rows[1]["significance"]),
        (&0.into(), &"too little data".into())
    );
    run.signal(Signal::TERM);
    let ended = run.wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(143), ""));
}

#[test]
fn what_is_no_baseline_is_refused_at_the_start() {
    let place = Place::new();
    place.write("other.json", "{\"schema\": \"probetop.snapshot/v1\"}");
    let refused = |file: &str, what: &str| {
        let ended = place.run(&["run", "--for", "1s", "--baseline", file, "demo://health"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.starts_with(&format!("{file}: ")), "{}", ended.stderr);
        assert!(ended.stderr.contains(what), "{}", ended.stderr);
    };
    refused(
        "other.json",
        "is not a baseline: its schema is \"probetop.snapshot/v1\", not \"probetop.baseline/v1\"; ",
    );
    refused("missing.json", "cannot be read as the baseline: ");
}

#[test]
fn what_a_run_measured_is_the_baseline_of_the_next() {
    let web = Web::start();
    let place = place(&web, "/ok", "");
    let first = place.run(&[
        "run",
        "--for",
        "3s",
        "--output",
        "json",
        "--no-host",
        "--save-baseline",
        "before.json",
    ]);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    let last: Value = serde_json::from_str(&first.stdout).unwrap();
    let saved = place.document("before.json");
    assert_eq!(saved["schema"], "probetop.baseline/v1");
    let attempts = saved["targets"][0]["points"]["attempts"].as_array().unwrap();
    let attempts: u64 = attempts.iter().filter_map(Value::as_u64).sum();
    // Whole seconds alone are steps of it.
    let all = super::run_window(&last)["attempts"].as_u64().unwrap();
    assert!(attempts > 0 && attempts <= all, "{attempts} of {all}");

    let next = place.run(&[
        "run",
        "--for",
        "2s",
        "--output",
        "json",
        "--no-host",
        "--baseline",
        "before.json",
    ]);
    assert_eq!((next.code, next.stderr.as_str()), (Some(0), ""));
    let last: Value = serde_json::from_str(&next.stdout).unwrap();
    assert_eq!(last["comparison"]["before"]["file"], "before.json");
    assert_eq!(last["comparison"]["rows"][0]["attempts_before"], attempts);
}

#[test]
fn a_target_that_got_worse_fails_a_run_that_asks_for_it() {
    let web = Web::start();
    let patient = "latency = { warning = \"10s\", critical = \"20s\" }\n";
    let place = place(&web, "/slow", patient);
    place.write("fast.json", &hundred_times_faster());
    let run = |length: &str, fail_on: &str| {
        let compared = ["--no-host", "--baseline", "fast.json"];
        place.run(&[&["run", "--for", length, "--fail-on", fail_on], &compared[..]].concat())
    };
    // Seconds that happen to resemble each other tell less: then it takes more of them to be sure.
    let is_sure = |ended: &Ended| ended.stdout.contains(": 1 worse\n");
    let mut shorter = ["12s", "30s"].into_iter().map(|length| run(length, "regression"));
    let ended = shorter.find(is_sure).unwrap_or_else(|| run("60s", "regression"));
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("against fast.json (20s): 1 worse\n  worse a: "),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stderr.contains("a is worse than the baseline: "),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("p50 9"), "{}", ended.stderr);
    assert_eq!(run("2s", "critical").code, Some(0), "what is asked for alone counts");
}

/// The fixture's baseline, had its service taken 9 ms and not 900.
fn hundred_times_faster() -> String {
    fn divided(value: &mut Value) {
        match value {
            Value::Number(number) => *value = (number.as_u64().unwrap() / 100).into(),
            Value::Array(items) => items.iter_mut().for_each(divided),
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Object(_) => {}
        }
    }
    let mut document: Value = serde_json::from_slice(&std::fs::read(baseline()).unwrap()).unwrap();
    let target = &mut document["targets"][0];
    let latencies = ["p50_us", "p95_us", "p99_us"];
    latencies.iter().for_each(|name| divided(&mut target["latency"][*name]));
    let points = &mut target["points"];
    latencies.iter().for_each(|name| divided(&mut points[*name]));
    divided(&mut points["latency_us"]);
    document.to_string()
}

#[test]
fn a_regression_that_nothing_can_be_said_of_fails_a_run_that_asks_for_it() {
    let web = Web::start();
    let place = Place::new();
    let renamed = format!(
        "host = false\n[[target]]\nname = \"renamed\"\nurl = \"{}\"\n",
        web.url("/ok")
    );
    place.write("probetop.toml", &renamed);
    let ended = place.run(&[
        "run",
        "--for",
        "2s",
        "--baseline",
        &baseline(),
        "--fail-on",
        "regression",
    ]);
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("  not in the baseline: renamed\n"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stderr.contains("no target could be held against the baseline"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_regression_needs_something_to_be_measured_by() {
    let ended = Place::new().run(&["run", "--for", "1s", "--fail-on", "regression", "demo://health"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(
        ended
            .stderr
            .contains("--fail-on regression needs a baseline; add --baseline FILE"),
        "{}",
        ended.stderr
    );
}
