//! `probetop load --find` as scripts see it.

use std::time::Duration;

use probetop::export::load::search;
use rustix::process::Signal;
use serde_json::Value;

use super::server::QueueServer;
use crate::support::fixture_load;
use crate::support::program::Place;
use crate::support::web::Web;

#[test]
fn a_search_ends_with_a_bracket_that_the_capacity_of_the_service_does_not_lie_below() {
    // A hundred a second at most, however fast the machine is.
    let server = QueueServer::start(2, Duration::from_millis(20));
    let url = format!("http://{}/", server.address);
    let args = [
        "load",
        "--find",
        "p95 < 200ms && errors < 1%",
        "--rate",
        "20",
        "--for",
        "1s",
        "--warm-up",
        "200ms",
    ];
    let ended = Place::new().run(&[&args[..], &["--output", "json", &url]].concat());
    let document = ended.document();
    assert_eq!(document["schema"], "probetop.load-search/v1");
    let trials = document["trials"].as_array().unwrap();
    assert_eq!(trials[0]["rate_per_s"], 20.0);
    assert!(
        trials
            .iter()
            .all(|trial| trial["outcome"] != "missed" || trial["reason"].is_string())
    );
    // A machine that is busy with other things may have been the limit itself.
    match document["end"].as_str().unwrap() {
        "bracketed" => {
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            let (holds, does_not) = (&document["holds_per_s"], &document["does_not_hold_per_s"]);
            let (holds, does_not) = (holds.as_f64().unwrap(), does_not.as_f64().unwrap());
            // At 160/s those who come last wait for half a second.
            assert!(
                holds < 160.0 && holds < does_not && does_not <= holds * 1.06,
                "{holds} {does_not}"
            );
            let said = format!("{holds}/s holds (2 of ");
            assert!(
                document["conclusion"].as_str().unwrap().starts_with(&said),
                "{document:#}"
            );
        }
        "generator_limit" | "nothing_holds" => assert_eq!(ended.code, Some(3)),
        other => panic!("{other}"),
    }
}

#[test]
fn a_search_that_is_stopped_says_what_it_knows() {
    let web = Web::start();
    let url = web.url("/ok");
    let run = Place::new().start(&[
        "load",
        "--find",
        "errors < 1%",
        "--for",
        "10m",
        "--output",
        "json",
        &url,
    ]);
    run.wait_for_stderr(" done ", 1);
    run.signal(Signal::INT);
    let ended = run.wait();
    assert_eq!(ended.code, Some(130));
    let document = ended.document();
    assert_eq!(
        (&document["end"], &document["partial"]),
        (&"stopped".into(), &true.into())
    );
    assert_eq!(
        document["conclusion"],
        "nothing is known; stopped before more was known"
    );
}

#[test]
fn a_search_reads_like_this() {
    let text = search::text(&fixture_load::search());
    insta::assert_snapshot!(text);
    let document: Value = serde_json::from_slice(&search::json(&fixture_load::search())).unwrap();
    assert_eq!(
        (&document["holds_per_s"], &document["does_not_hold_per_s"]),
        (&400.0.into(), &420.0.into())
    );
}
