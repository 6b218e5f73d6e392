//! `probetop run` and `probetop check` as scripts see them: the real binary against a local server.

#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test crate uses its part")]
mod program;
#[path = "support/web.rs"]
mod web;

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;

use program::{Ended, Place, Running, count, target};
use rustix::process::Signal;
use serde_json::Value;
use web::Web;

/// A place with a configuration whose target `a` asks the server for `path` every 100 ms.
fn place(web: &Web, path: &str, more: &str) -> Place {
    let place = Place::new();
    let url = web.url(path);
    place.write(
        "probetop.toml",
        &format!("interval = \"100ms\"\n[[target]]\nname = \"a\"\nurl = \"{url}\"\n{more}"),
    );
    place
}

fn run_window(document: &Value) -> &Value {
    &target(document, "a")["windows"]["run"]
}

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
    for window in ["10s", "1m", "5m", "15m", "run"] {
        let window = &target["windows"][window];
        let attempts = count(&window["attempts"]);
        let overruns = count(&window["overruns"]);
        let due = attempts + overruns;
        assert!((25..=(uptime * 10.0) as u64 + 2).contains(&due), "{due} in {uptime} s");
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
    let [head, time, "", end_head, "a"] = starts[..] else {
        panic!("{}", ended.stdout)
    };
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
    let mut first = String::new();
    BufReader::new(stdout).read_line(&mut first).unwrap();
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
    let args = ["run", "--for", "4s", "--output", "json", "--snapshot", "out.json"];
    let (run, mut unread) = Running::start_unread(place.command(&args));
    place.wait_for_file("out.json");
    let mut text = String::new();
    unread.read_to_string(&mut text).expect("a document");
    let ended = run.wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(text.len() > 64 * 1024, "a pipe holds {}", text.len());
    let document = place.document("out.json");
    assert_eq!(
        document,
        serde_json::from_str::<Value>(&text).expect("a whole document")
    );
    let window = run_window(&document);
    let due = count(&window["attempts"]) + count(&window["overruns"]);
    assert!(due >= 35, "{window}");
    assert_eq!(document["monitor"]["dropped_samples_total"], 0);
}

#[test]
fn a_signal_ends_the_wait_for_a_reader_that_stalls() {
    let web = Web::start();
    let place = wide_place(&web);
    let args = ["run", "--for", "1s", "--output", "json", "--snapshot", "out.json"];
    let (run, mut unread) = Running::start_unread(place.command(&args));
    unread.read_exact(&mut [0]).expect("the first byte of the document");
    run.signal(Signal::INT);
    assert_eq!(run.wait().code, Some(130));
}

#[test]
fn a_reader_that_stalls_does_not_hold_up_the_end() {
    let web = Web::start();
    let place = wide_place(&web);
    let args = ["run", "--output", "ndjson", "--snapshot", "out.json"];
    let (run, mut unread) = Running::start_unread(place.command(&args));
    unread
        .read_exact(&mut [0])
        .expect("the first byte of the first document");
    run.signal(Signal::TERM);
    let ended = run.wait();
    drop(unread);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(143), ""));
    assert!(place.document("out.json")["targets"].is_array());
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
fn a_check_is_a_table_or_a_plugin_line_with_its_exit_code() {
    let web = Web::start();
    let (ok, fail) = (format!("good={}", web.url("/ok")), format!("bad={}", web.url("/fail")));
    let check = |args: &[&str], code, expected: &[&str]| {
        let ended: Ended = Place::new().run(&[&["check"], args].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{args:?}");
        assert_eq!(ended.stdout.lines().count(), expected.len(), "{}", ended.stdout);
        for (line, start) in ended.stdout.lines().zip(expected) {
            assert!(line.starts_with(start), "{}", ended.stdout);
        }
    };
    check(&[&ok], 0, &["TARGET  LEVEL", "good    ok"]);
    check(&[&ok, &fail], 3, &["TARGET  LEVEL", "good    ok", "bad     critical"]);
    check(&["--nagios", &ok], 0, &["PROBETOP OK - 1 target answers|'good'="]);
    check(&["--nagios", &ok, &fail], 2, &["PROBETOP CRITICAL - bad: status"]);
    check(&["--nagios", "nonsense://x"], 3, &["PROBETOP UNKNOWN - command line: "]);
    check(&["--nagios"], 3, &["PROBETOP UNKNOWN - probetop: nothing to check"]);
    assert_eq!(Place::new().run(&["check", "nonsense://x"]).code, Some(2));
}

#[test]
fn a_target_that_never_answers_is_no_trouble_for_its_neighbour() {
    let web = Web::start();
    let silent = format!(
        "[[target]]\nname = \"silent\"\nurl = \"{}\"\nin_flight = 2\n",
        web.url("/silent")
    );
    let ended = place(&web, "/ok", &silent).run(&["run", "--for", "5s", "--output", "json"]);
    let document = ended.document();
    let neighbour = run_window(&document);
    let due = count(&neighbour["attempts"]) + count(&neighbour["overruns"]);
    assert!((48..=52).contains(&due), "{neighbour}");
    assert_eq!(neighbour["failed"], 0);
    let median = count(&neighbour["latency_us"]["p50"]);
    assert!(median < 100_000, "{median} us beside one that takes for ever");
    let silent = &target(&document, "silent")["windows"]["run"];
    assert_eq!(silent["ok"], 0);
    let overruns = count(&silent["overruns"]);
    assert!(
        (44..=50).contains(&overruns),
        "two run, the rest is not started: {silent}"
    );
}

#[test]
#[ignore = "takes 12 s"]
fn a_server_that_stalls_shows_the_percentiles_its_callers_see() {
    let web = Web::start();
    let place = Place::new();
    let (stall, ok) = (web.url("/stall"), web.url("/ok"));
    let target =
        |name, url| format!("[[target]]\nname = \"{name}\"\nurl = \"{url}\"\ninterval = \"20ms\"\nin_flight = 64\n");
    place.write("probetop.toml", &(target("a", stall) + &target("neighbour", ok)));
    let document = place.run(&["run", "--for", "12s", "--output", "json"]).document();
    let p90 = count(&run_window(&document)["latency_us"]["p90"]);
    assert!((300_000..=900_000).contains(&p90), "{p90} us");
    let neighbour = &self::target(&document, "neighbour")["windows"]["run"]["latency_us"]["p90"];
    assert!(count(neighbour) < 100_000, "{neighbour} us");
}

#[test]
fn a_secret_is_in_no_output() {
    let web = Web::start();
    let closed = Web::start().url("");
    let place = Place::new().variable("TOKEN", "hunter2secret");
    let config = format!(
        "[[target]]\nname = \"header\"\nurl = \"{echo}\"\nheaders = {{ authorization = \"Bearer ${{TOKEN}}\" }}\n\
         [[target]]\nname = \"query\"\nurl = \"{fail}?key=${{TOKEN}}\"\n\
         [[target]]\nname = \"refused\"\nurl = \"{closed}/${{TOKEN}}\"\n\
         [[target]]\nurl = \"http://${{TOKEN}}.invalid/\"\n",
        echo = web.url("/echo"),
        fail = web.url("/fail"),
    );
    place.write("probetop.toml", &config);
    let check = |args: &[&str]| {
        let ended = place.run(args);
        assert!(!ended.stdout.is_empty(), "{}", ended.stderr);
        for text in [ended.stdout, ended.stderr] {
            assert!(!text.contains("hunter2"), "{args:?}: {text}");
        }
    };
    check(&[
        "run",
        "--for",
        "2s",
        "--output",
        "json",
        "--log-file",
        "log",
        "-vv",
        "--snapshot",
        "out.json",
    ]);
    check(&["run", "--for", "2s"]);
    check(&["check"]);
    check(&["check", "--nagios"]);
    check(&["config", "show"]);
    let log = place.read("log");
    assert!(
        log.contains(" failed   refused: refused in connect") && !log.contains("hunter2"),
        "{log}"
    );
    assert!(!place.read("out.json").contains("hunter2"));
}

#[test]
fn the_log_tells_what_happened() {
    let web = Web::start();
    let place = place(&web, "/fail", "");
    let ended = place.run(&["run", "--for", "2500ms", "--output", "none", "--log-file", "log"]);
    let broken = "probetop: broken during the run: critical errors on a: errors 100% (status) > 5%\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(3), broken));
    let log = place.read("log");
    let words: Vec<_> = log
        .lines()
        .map(|line| line.split_whitespace().nth(1).unwrap())
        .collect();
    assert_eq!(words, ["start", "target", "alert", "level", "end"], "{log}");
    assert!(
        log.contains("alert    fired: critical errors on a: errors 100% (status) > 5% (value 1)"),
        "{log}"
    );
}

#[test]
fn a_log_on_a_full_disk_is_told_once_and_measuring_goes_on() {
    let web = Web::start();
    let args = [
        "run",
        "--for",
        "2500ms",
        "--output",
        "json",
        "--log-file",
        "/dev/full",
        "-vv",
    ];
    let ended = place(&web, "/ok", "").run(&args);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ended.stderr.matches("log file /dev/full: ").count(),
        1,
        "{}",
        ended.stderr
    );
    assert!(count(&run_window(&ended.document())["ok"]) >= 20);
}

#[test]
fn a_server_that_is_killed_and_comes_back_is_measured_again_within_two_intervals() {
    let web = Web::start();
    let address = web.address;
    let place = place(&web, "/ok", "");
    let run = place.start(&["run", "--output", "ndjson", "--log-file", "log", "-vv"]);
    run.document_where("it answers", |document| count(&run_window(document)["ok"]) > 0);
    drop(web);
    run.document_where("it fails", |document| target(document, "a")["last"]["ok"] == false);
    let _web = Web::start_at(address);
    run.document_where("it answers again", |document| {
        target(document, "a")["last"]["ok"] == true
    });
    run.signal(Signal::TERM);
    run.wait();
    let log = place.read("log");
    let probes = log.lines().filter_map(|line| line.split_whitespace().nth(1));
    let outcomes: Vec<_> = probes.filter(|word| ["probe", "failed"].contains(word)).collect();
    let changes = outcomes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(
        changes <= 2 + 2,
        "once down and once up, give or take a probe: {outcomes:?}"
    );
}

#[test]
fn too_few_descriptors_are_failures_that_say_so() {
    let web = Web::start();
    let place = Place::new();
    let target = |n| {
        format!(
            "[[target]]\nname = \"t{n}\"\nurl = \"{}\"\nconnection = \"reuse\"\n",
            web.url("/ok")
        )
    };
    place.write("probetop.toml", &(0..200).map(target).collect::<String>());
    let run = "ulimit -n 64; exec \"$PROBETOP\" run --for 4s --output json --log-file log -v";
    let ended = Running::start(place.shell(run)).wait();
    assert!(
        [Some(0), Some(3)].contains(&ended.code),
        "{:?} {}",
        ended.code,
        ended.stderr
    );
    let document = ended.document();
    let targets = document["targets"].as_array().unwrap();
    let sum = |kind: &str| -> u64 {
        let failures = targets.iter().map(|target| &target["windows"]["run"]["failures"]);
        failures.filter_map(|failures| failures[kind].as_u64()).sum()
    };
    assert!(sum("local") > 0, "{document}");
    let log = place.read("log");
    assert!(
        log.contains("notice   warning: 200 targets may need 280 open files"),
        "{log}"
    );
    assert!(ended.stderr.contains("ulimit -n"), "{}", ended.stderr);
}

#[test]
#[ignore = "takes both cores for 5 s"]
fn a_thousand_targets_lose_no_sample() {
    let web = Web::start();
    let place = Place::new();
    let target = |n| {
        format!(
            "[[target]]\nname = \"t{n}\"\nurl = \"{}\"\ninterval = \"100ms\"\n",
            web.url("/ok")
        )
    };
    place.write("probetop.toml", &(0..1000).map(target).collect::<String>());
    let ended = place.run(&["run", "--for", "5s", "--output", "json"]);
    let monitor = &ended.document()["monitor"];
    println!("{monitor}");
    assert_eq!(monitor["dropped_samples_total"], 0, "{monitor}");
    let due = count(&monitor["samples_total"]) + count(&monitor["overruns_total"]);
    assert!(due >= 40_000, "{monitor}");
}
