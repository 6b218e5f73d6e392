//! Alerts across restarts: what one run writes down, the next one goes on with.

use serde_json::Value;

use super::place;
use crate::support::program::Place;
use crate::support::web::Web;

fn remembered(place: &Place) -> Value {
    serde_json::from_str(&place.read("alerts.json")).expect("a state file is JSON")
}

#[test]
fn an_alert_goes_on_across_a_restart_until_its_target_is_gone() {
    let web = Web::start();
    let settings = "[alerts]\nstate_file = \"alerts.json\"\n";
    let place = place(&web, "/fail?key=${TOKEN}", settings).variable("TOKEN", "hunter2secret");
    place.run(&["run", "--for", "3s", "--output", "none"]);
    let first = remembered(&place);
    assert_eq!(first["schema"], "probetop.alerts/v1");
    let alert = &first["alerts"][0];
    assert_eq!((&alert["subject"], &alert["source"]), (&"a".into(), &"errors".into()));
    assert_eq!(alert["told"]["usual"], true);

    let ended = place.run(&["run", "--for", "2500ms", "--output", "json", "--log-file", "log", "-vv"]);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["alerts"].as_array().unwrap().len(), 1);
    // Written as wall times, and counted on from on the monotonic clock: it stays where it was, and is not that of the start.
    let remembered_since = &remembered(&place)["alerts"][0]["since"];
    let at = |at: &Value| humantime::parse_rfc3339(at.as_str().unwrap()).unwrap();
    let [was, is, started] = [&alert["since"], remembered_since, &document["started_at"]].map(at);
    let told = at(&document["alerts"][0]["since"]);
    assert!(told < started, "{told:?} is not before {started:?}");
    let apart = was.max(is).duration_since(was.min(is)).unwrap();
    let run = started.duration_since(was).unwrap();
    assert!(apart < run / 4, "{apart:?} of {run:?}");

    let other = format!("{settings}[[target]]\nname = \"b\"\nurl = \"{}\"\n", web.url("/ok"));
    place.write("probetop.toml", &other);
    let ended = place.run(&["run", "--for", "1500ms", "--output", "json"]);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["alerts"][0]["state"], "resolved");
    assert_eq!(remembered(&place)["alerts"], Value::Array(vec![]));
    assert!(!place.read("alerts.json").contains("hunter2"));
}

#[test]
fn a_folder_is_no_state_file_and_stays_what_it_is() {
    let web = Web::start();
    let place = place(&web, "/ok", "[alerts]\nstate_file = \"data\"\n");
    std::fs::create_dir(place.path("data")).unwrap();
    place.write("data/precious", "mine");
    for args in [&["config", "check"][..], &["run", "--for", "1s", "--output", "none"]] {
        let ended = place.run(args);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        let expected = "is a directory; name a file, such as";
        let told = ended.stderr.starts_with("probetop.toml: ") && ended.stderr.contains(expected);
        assert!(told, "{args:?}: {}", ended.stderr);
        assert_eq!(place.read("data/precious"), "mine");
    }
}

#[test]
fn a_state_file_that_is_corrupt_or_cannot_be_written_stops_nothing() {
    let web = Web::start();
    let settings = "[alerts]\nstate_file = \"alerts.json\"\n";
    let corrupt = place(&web, "/ok", settings);
    corrupt.write("alerts.json", "{ \"schema\": 7 }");
    let ended = corrupt.run(&["run", "--for", "1500ms", "--output", "none", "--log-file", "log"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let log = corrupt.read("log");
    assert!(log.contains("state file alerts.json:1:13: invalid type"), "{log}");
    assert_eq!(corrupt.read("alerts.json.bad"), "{ \"schema\": 7 }");
    assert_eq!(remembered(&corrupt)["alerts"], Value::Array(vec![]));

    let nowhere = place(&web, "/ok", "[alerts]\nstate_file = \"no/such/alerts.json\"\n");
    let ended = nowhere.run(&["run", "--for", "2500ms", "--output", "none", "--log-file", "log"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let log = nowhere.read("log");
    assert_eq!(
        log.matches("alerts are not remembered, measuring goes on").count(),
        1,
        "{log}"
    );
}
