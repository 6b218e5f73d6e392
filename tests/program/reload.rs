//! The configuration changes while `probetop run` runs: what stays goes on as if nothing had happened.

use std::fs;

use crate::support::program::{Place, Running, count, target};
use crate::support::web::Web;
use rustix::process::Signal;
use serde_json::Value;

fn config(web: &Web, targets: &[(&str, &str)]) -> String {
    let target =
        |(name, more): &(&str, &str)| format!("[[target]]\nname = \"{name}\"\nurl = \"{}\"\n{more}\n", web.url("/ok"));
    let targets: String = targets.iter().map(target).collect();
    format!("interval = \"100ms\"\n{targets}")
}

fn names(document: &Value) -> Vec<&str> {
    let targets = document["targets"].as_array().unwrap();
    targets.iter().map(|target| target["name"].as_str().unwrap()).collect()
}

fn attempts(document: &Value, name: &str) -> u64 {
    count(&target(document, name)["windows"]["run"]["attempts"])
}

/// A run whose target `a` must never lose an attempt.
struct Watched {
    run: Running,
    attempts: u64,
}

impl Watched {
    fn start(place: &Place) -> Self {
        let run = place.start(&["run", "--output", "ndjson"]);
        let mut watched = Self { run, attempts: 0 };
        watched.until("a answers", |document| attempts(document, "a") > 0);
        watched
    }

    /// Reads on until a document is as wanted.
    fn until(&mut self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let attempts = &mut self.attempts;
        self.run.document_where(what, |document| {
            let now = self::attempts(document, "a");
            assert!(now >= *attempts, "{now} attempts after {attempts}");
            *attempts = now;
            is_wanted(document)
        })
    }

    fn end(mut self) {
        self.until("a goes on", |_| true);
        self.run.signal(Signal::TERM);
        let ended = self.run.wait();
        assert_eq!(ended.code, Some(143));
    }
}

#[test]
fn targets_come_change_and_go_and_the_others_keep_their_history() {
    let web = Web::start();
    let place = Place::new();
    place.write("probetop.toml", &config(&web, &[("a", ""), ("b", "")]));
    let mut watched = Watched::start(&place);
    let started = watched.until("b answers", |document| attempts(document, "b") >= 5);

    // In place.
    place.write(
        "probetop.toml",
        &config(&web, &[("c", ""), ("a", ""), ("b", "interval = \"50ms\"")]),
    );
    let changed = watched.until("c answers", |document| {
        names(document) == ["c", "a", "b"] && attempts(document, "c") > 0
    });
    watched
        .run
        .wait_for_stderr("configuration reloaded: targets 1 added, 1 changed", 1);
    assert!(
        attempts(&changed, "b") >= attempts(&started, "b"),
        "a changed target keeps its history"
    );

    // By rename, as editors do.
    place.write("new.toml", &config(&web, &[("a", "")]));
    fs::rename(place.path("new.toml"), place.path("probetop.toml")).unwrap();
    watched.until("b and c are gone", |document| names(document) == ["a"]);
    watched
        .run
        .wait_for_stderr("configuration reloaded: targets 2 removed", 1);
    watched.end();
}

#[test]
fn an_invalid_file_keeps_the_old_configuration_and_says_where_it_is_wrong() {
    let web = Web::start();
    let place = Place::new();
    let good = config(&web, &[("a", "")]);
    place.write("probetop.toml", &good);
    let mut watched = Watched::start(&place);
    place.write("probetop.toml", &good.replace("interval", "intervall"));
    watched
        .run
        .wait_for_stderr("warning: the old configuration stays: probetop.toml:1:1: ", 1);
    watched.until("a is still watched", |document| names(document) == ["a"]);
    fs::remove_file(place.path("probetop.toml")).unwrap();
    watched.run.signal(Signal::USR1);
    watched.run.wait_for_stderr("the old configuration stays: ", 2);
    watched.until("a is still watched", |document| names(document) == ["a"]);
    place.write(
        "probetop.toml",
        &(good + "[[alert]]\nname = \"x\"\nwhen = \"p50 > duration('1h')\"\non = [\"nobody\"]\n"),
    );
    watched
        .run
        .wait_for_stderr("configuration reloaded: targets as before; probetop.toml:", 1);
    watched.end();
}

#[test]
fn a_signal_reloads_at_once_and_thresholds_take_effect() {
    let web = Web::start();
    let place = Place::new();
    place.write("probetop.toml", &config(&web, &[("a", "")]));
    let mut watched = Watched::start(&place);
    watched.until("a is judged", |document| target(document, "a")["level"] == "ok");
    let strict = "latency = { critical = \"1us\", quantile = 0.5, window = \"10s\" }";
    place.write("probetop.toml", &config(&web, &[("a", strict)]));
    watched.run.signal(Signal::USR1);
    watched
        .run
        .wait_for_stderr("configuration reloaded: targets 1 changed", 1);
    let document = watched.until("a is critical", |document| target(document, "a")["level"] == "critical");
    assert!(attempts(&document, "a") >= 10, "{document}");
    assert_eq!(document["alerts"][0]["name"], "latency");
    watched.end();
}

#[test]
fn a_reload_of_which_one_part_cannot_be_made_changes_nothing() {
    let web = Web::start();
    let place = Place::new();
    let good = config(&web, &[("a", "")]);
    place.write("probetop.toml", &good);
    let mut watched = Watched::start(&place);
    let check = |watched: &mut Watched, wrong: &str, expected: &str| {
        let channel = format!(
            "[[notify]]\nname = \"web\"\nkind = \"webhook\"\nurl = \"{}\"\n",
            web.url("/ok")
        );
        let targets = config(&web, &[("a", ""), ("b", "")]);
        place.write(
            "probetop.toml",
            &format!("theme = \"light\"\nhistory = \"0s\"\n{targets}{channel}{wrong}"),
        );
        watched.run.signal(Signal::USR1);
        watched.run.wait_for_stderr(expected, 1);
        let document = watched.until("a is watched alone", |document| names(document) == ["a"]);
        assert_eq!(document["channels"], Value::Array(Vec::new()), "{expected}");
        let checked = place.run(&["config", "check"]);
        assert_eq!(
            checked.code,
            Some(2),
            "what a reload refuses, a check refuses: {}",
            checked.stderr
        );
    };
    let absent = |kind: &str| format!("[[target]]\nname = \"x\"\nurl = \"{kind}\"\n");
    check(
        &mut watched,
        &(absent("rediss://127.0.0.1:1") + "ca = \"no.pem\"\n"),
        "no.pem cannot be read",
    );
    check(
        &mut watched,
        &(absent("postgres://127.0.0.1/x?sslmode=verify-full&sslrootcert=none.pem")),
        "none.pem cannot be read",
    );
    let mail = "[[notify]]\nname = \"m\"\nkind = \"email\"\nserver = \"127.0.0.1:25\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\nca = \"mail.pem\"\n";
    check(&mut watched, mail, "mail.pem cannot be read");
    watched.end();
}

#[test]
fn a_state_file_of_others_is_left_alone_and_another_one_is_read() {
    let web = Web::start();
    let place = Place::new();
    let with = |file: &str| format!("{}[alerts]\nstate_file = \"{file}\"\n", config(&web, &[("a", "")]));
    place.write("probetop.toml", &with("first.json"));
    let mut watched = Watched::start(&place);
    place.wait_for_file("first.json");
    let beside = place.run(&["run", "--for", "1s", "--output", "none"]);
    assert!(
        beside.stderr.contains("state file first.json: process "),
        "{}",
        beside.stderr
    );
    assert!(beside.stderr.contains(" keeps it"), "{}", beside.stderr);

    let broken = "{ \"schema\": 7 }";
    place.write("broken.json", broken);
    place.write("probetop.toml", &with("broken.json"));
    watched.run.signal(Signal::USR1);
    watched
        .run
        .wait_for_stderr("the old configuration stays: state file broken.json:1:13", 1);
    assert_eq!(place.read("broken.json"), broken);

    let remembered = place.read("first.json").replace("\"alerts\": []", SAVED);
    assert!(remembered.contains("quiet"), "{remembered}");
    place.write("second.json", &remembered);
    place.write("probetop.toml", &with("second.json"));
    watched.run.signal(Signal::USR1);
    watched.until("what the other file remembered is told", |document| {
        document["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|alert| alert["name"] == "quiet")
    });
    assert!(!place.path("first.json.lock").exists() && place.path("second.json.lock").exists());
    watched.end();
    assert!(!place.path("second.json.lock").exists());
}

/// An alert of a rule that nobody has any more.
const SAVED: &str = r#""alerts": [{ "about": "target", "subject": "a", "source": "rule", "name": "quiet",
    "severity": "warning", "since": "2026-01-02T03:04:05Z", "value": null, "worst": null, "unit": "number",
    "worse": "higher", "reason": "as it was", "acknowledged": false, "told": null }]"#;

#[test]
fn what_came_through_a_pipe_is_read_once_and_an_empty_file_is_no_wish() {
    let web = Web::start();
    let place = Place::new();
    place.write("given.toml", &config(&web, &[("a", ""), ("b", "")]));
    let piped = "mkfifo pipe; cat given.toml > pipe & exec $PROBETOP run --output ndjson -c pipe";
    let run = Running::start(place.shell(piped));
    let mut watched = Watched { run, attempts: 0 };
    watched.until("b answers", |document| attempts(document, "b") > 0);
    watched.run.signal(Signal::USR1);
    let words = "the old configuration stays: pipe is a pipe, which gives what it has once";
    watched.run.wait_for_stderr(words, 1);
    watched.until("both are watched", |document| names(document) == ["a", "b"]);
    watched.end();

    place.write("probetop.toml", &config(&web, &[("a", "")]));
    let mut watched = Watched::start(&place);
    place.write("probetop.toml", "\n");
    watched
        .run
        .wait_for_stderr("the old configuration stays: probetop.toml is empty", 1);
    watched.until("a is still watched", |document| names(document) == ["a"]);
    watched.end();
}

#[test]
fn fifty_reloads_leave_no_descriptor_and_no_thread_behind() {
    let web = Web::start();
    let place = Place::new();
    let names: Vec<_> = (0..10).map(|n| format!("t{n}")).collect();
    let with = |timeout: u32| {
        let more = format!("timeout = \"{timeout}s\"");
        let mut targets = vec![("a", "")];
        targets.extend(names.iter().map(|name| (name.as_str(), more.as_str())));
        config(&web, &targets)
    };
    place.write("probetop.toml", &with(1));
    let mut watched = Watched::start(&place);
    let everybody = |document: &Value| names.iter().all(|name| attempts(document, name) > 0);
    watched.until("everybody answers", everybody);
    let counts = |watched: &Watched| ["fd", "task"].map(|name| watched.run.count_in_proc(name));
    let before = counts(&watched);
    for turn in 1..=50 {
        place.write("probetop.toml", &with(1 + turn));
        watched.run.signal(Signal::USR1);
        watched
            .run
            .wait_for_stderr("configuration reloaded: targets 10 changed", turn as usize);
    }
    // A connection that is being closed is still counted; a leak would keep ten for each reload.
    watched.until("the old connections are closed", |_| true);
    let after = counts(&watched);
    let room = names.len();
    assert!(
        after[0] <= before[0] + room && after[1] <= before[1] + 2,
        "{before:?} then {after:?}"
    );
    watched.end();
}

#[test]
fn the_open_files_that_a_new_configuration_needs_are_reckoned_anew() {
    let web = Web::start();
    let place = Place::new();
    place.write("probetop.toml", &config(&web, &[("a", "")]));
    let run = Running::start(place.shell("ulimit -n 120; exec \"$PROBETOP\" run --output ndjson"));
    run.document();
    assert!(!run.stderr().contains("open files"), "{}", run.stderr());
    let names: Vec<_> = (0..200).map(|n| format!("t{n}")).collect();
    let kept = "connection = \"reuse\"\ninterval = \"60s\"";
    let targets: Vec<_> = names.iter().map(|name| (name.as_str(), kept)).collect();
    place.write("probetop.toml", &config(&web, &targets));
    run.signal(Signal::USR1);
    run.wait_for_stderr("open files and the limit is 120: only", 1);
    run.signal(Signal::TERM);
    run.wait();
}

#[test]
#[ignore = "takes half a minute"]
fn hundreds_of_reloads_with_ever_new_targets_take_no_more_memory() {
    let web = Web::start();
    let place = Place::new();
    let with = |turn: usize| {
        let pods: Vec<_> = (0..30).map(|n| format!("pod-{turn}-{n}")).collect();
        let mut targets = vec![("a", "")];
        targets.extend(pods.iter().map(|name| (name.as_str(), "")));
        config(&web, &targets)
    };
    place.write("probetop.toml", &with(0));
    let mut watched = Watched::start(&place);
    let mut turn = 0;
    let mut reload = |watched: &mut Watched, times: usize| {
        for _ in 0..times {
            turn += 1;
            place.write("probetop.toml", &with(turn));
            watched.run.signal(Signal::USR1);
            watched.run.wait_for_stderr("targets 30 added, 30 removed", turn);
        }
        let document = watched.until("there is a document", |_| true);
        count(&document["monitor"]["rss_bytes"])
    };
    let early = reload(&mut watched, 100);
    let late = reload(&mut watched, 200);
    assert!(late as f64 <= 1.15 * early as f64, "{early} bytes, then {late}");
    watched.end();
}
