//! A run held against a baseline from a file.

use std::path::Path;

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
    let args = [
        "run",
        "--for",
        "12s",
        "--output",
        "json",
        "--fail-on",
        "never",
        "--baseline",
    ];
    let ended = place.run(&[&args[..], &[&baseline()]].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let comparison = &ended.document()["comparison"];
    assert_eq!(comparison["before"]["file"], "baseline.json");
    assert_eq!(comparison["before"]["from"], "2026-11-20T12:00:00.347Z");
    assert_eq!(comparison["before"]["length_s"], 20);
    assert_eq!(comparison["after"]["file"], Value::Null);
    assert!(comparison["after"]["length_s"].as_u64() >= Some(11), "{comparison}");
    let rows = comparison["rows"].as_array().unwrap();
    let subjects: Vec<_> = rows.iter().filter_map(|row| row["subject"].as_str()).collect();
    assert_eq!(subjects, ["a", "later"], "what is gone is no row, what is new is");
    // A local server is faster than 900 ms.
    let p50 = rows[0]["figures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|figure| figure["name"] == "p50")
        .unwrap();
    assert_eq!(p50["significance"], "better", "{p50}");
    assert_eq!(rows[0]["attempts_before"], 200);
    assert_eq!(
        (&rows[1]["attempts_before"], &rows[1]["significance"]),
        (&0.into(), &"too little data".into())
    );
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
