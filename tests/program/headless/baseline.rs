//! A run held against a baseline from a file.

use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use super::{Place, place};
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
    assert_eq!(subjects, ["a", "later"], "what is gone is no row, what is new is");
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
        "is no baseline: its schema is \"probetop.snapshot/v1\", not \"probetop.baseline/v1\"; ",
    );
    refused("missing.json", "cannot be read as the baseline: ");
}
