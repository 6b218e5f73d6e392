//! The program as scripts see it: documents, reports, exit codes, signals.

use std::time::Duration;

use probetop::export::load::text;
use probetop_core::snapshot::load::{Effect, GeneratorLimit};
use rustix::process::Signal;
use serde_json::Value;

use crate::support::fixture_load;
use crate::support::program::{Place, Running, count};
use crate::support::web::Web;

/// What a run of `args` against `path` says and exits with.
fn document(web: &Web, path: &str, args: &[&str]) -> (Value, Option<i32>) {
    let url = web.url(path);
    let ended = Place::new().run(&[&["load", "--output", "json"], args, &[url.as_str()]].concat());
    (ended.document(), ended.code)
}

/// What a run exits with of which nothing was asked: a machine that is busy with other things may have been the limit.
fn code_of(document: &Value) -> i32 {
    match document["verdict"].as_str() {
        Some("none") => 0,
        Some("inconclusive") => 3,
        other => panic!("{other:?}"),
    }
}

/// The figures of the whole run, by name.
fn whole(document: &Value, name: &str) -> u64 {
    count(&document["whole"][name])
}

#[test]
fn what_is_offered_is_what_the_timetable_says_and_what_is_sent_is_what_the_server_got() {
    let web = Web::start();
    let (document, code) = document(&web, "/ok", &["--rate", "200", "--for", "2s"]);
    assert_eq!(code, Some(code_of(&document)));
    assert_eq!(document["schema"], "probetop.load/v1");
    assert_eq!(whole(&document, "offered"), 400);
    assert_eq!(whole(&document, "requests") + whole(&document, "blocked"), 400);
    assert_eq!(whole(&document, "requests"), web.paths().len() as u64);
    assert_eq!(whole(&document, "failed"), 0);
    assert_eq!(count(&document["whole"]["statuses"]["200"]), whole(&document, "ok"));
    assert_eq!(document["whole"]["received_bytes"], 2 * whole(&document, "ok"));
    assert_eq!(document["partial"], false);
    assert_eq!(document["profile"]["requests"], 400);
    assert_eq!(document["request"], format!("GET {}", web.url("/ok")));
}

#[test]
fn users_ask_as_often_as_they_are_answered() {
    let web = Web::start();
    let (document, code) = document(&web, "/ok", &["--users", "3", "--for", "1s", "--workers", "2"]);
    assert_eq!(code, Some(code_of(&document)));
    assert_eq!(whole(&document, "requests"), web.paths().len() as u64);
    assert_eq!(whole(&document, "connections"), 3);
    assert_eq!(document["profile"]["model"], "closed");
}

#[test]
fn a_warm_up_is_sent_and_part_of_no_total() {
    let web = Web::start();
    let args = ["--rate", "100", "--for", "1s", "--warm-up", "1s"];
    let (document, _) = document(&web, "/ok", &args);
    assert_eq!(whole(&document, "offered"), 100);
    let stages = document["stages"].as_array().unwrap();
    assert_eq!(stages.len(), 2);
    assert_eq!(
        (&stages[0]["warm_up"], &stages[0]["figures"]["offered"]),
        (&true.into(), &100.into())
    );
    let sent: u64 = stages.iter().map(|stage| count(&stage["figures"]["requests"])).sum();
    assert_eq!(sent, web.paths().len() as u64);
}

#[test]
fn failures_are_told_by_kind_and_phase_and_are_no_latency() {
    let web = Web::start();
    let (document, code) = document(&web, "/fail", &["--rate", "50", "--for", "1s"]);
    assert_eq!(code, Some(1), "nothing succeeded");
    assert_eq!(whole(&document, "failed"), whole(&document, "requests"));
    assert_eq!(document["whole"]["response_us"]["p50"], ">=5s");
    assert_eq!(document["whole"]["response_us"]["count"], 0);
    let failure = &document["whole"]["failures"][0];
    assert_eq!((&failure["kind"], &failure["phase"]), (&"status".into(), &Value::Null));
    assert_eq!(count(&document["whole"]["statuses"]["500"]), whole(&document, "failed"));
}

#[test]
fn a_port_where_nobody_listens_and_a_name_that_is_none_say_so() {
    let check = |url: &str, kind: &str, phase: &str, said: &str| {
        let ended = Place::new().run(&["load", "--users", "2", "--for", "300ms", "--output", "json", url]);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        let document = ended.document();
        let failure = &document["whole"]["failures"][0];
        assert_eq!((&failure["kind"], &failure["phase"]), (&kind.into(), &phase.into()));
        assert_eq!(whole(&document, "failed"), whole(&document, "requests"));
        assert_eq!((whole(&document, "ok"), whole(&document, "connections")), (0, 0));
    };
    let refused = "no request succeeded: refused in connect: connection refused by 127.0.0.1:1";
    check("http://127.0.0.1:1/", "refused", "connect", refused);
    check(
        "http://nobody.invalid/",
        "dns",
        "dns",
        "no request succeeded: dns: cannot resolve nobody.invalid",
    );
}

#[test]
fn what_does_not_answer_in_time_has_failed_and_the_run_ends() {
    let web = Web::start();
    let args = ["--rate", "20", "--for", "500ms", "--timeout", "300ms"];
    let (document, code) = document(&web, "/silent", &args);
    assert_eq!((code, whole(&document, "failed")), (Some(1), 10));
    assert_eq!(document["whole"]["failures"][0]["kind"], "timeout");
    assert_eq!(document["whole"]["failures"][0]["phase"], "first_byte");
    assert_eq!(document["whole"]["response_us"]["p50"], ">=300ms");
}

#[test]
fn with_few_descriptors_what_finds_none_is_counted_as_blocked_and_nothing_is_concluded() {
    let web = Web::start();
    let line = format!(
        "ulimit -n 64; exec \"$PROBETOP\" load --rate 100 --for 1s --timeout 3s --threshold 'errors < 100%' --output json {}",
        web.url("/slow")
    );
    let ended = Running::start(Place::new().shell(&line)).wait();
    let document = ended.document();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(document["verdict"], "inconclusive");
    assert!(whole(&document, "blocked") > 0, "{document:#}");
    assert_eq!(
        whole(&document, "blocked") + whole(&document, "requests") + whole(&document, "not_made"),
        100
    );
    assert!(
        ended.stderr.contains("were due and found no connection free"),
        "{}",
        ended.stderr
    );
    let users = "ulimit -n 64; exec \"$PROBETOP\" load --users 500 http://127.0.0.1:1/";
    let refused = Running::start(Place::new().shell(users)).wait();
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("raise the limit with ulimit -n"),
        "{}",
        refused.stderr
    );
}

#[test]
fn thresholds_decide_the_exit_code() {
    let web = Web::start();
    let check = |threshold: &str, outcome: &str| {
        let args = ["--rate", "100", "--for", "1s", "--threshold", threshold];
        let (document, code) = document(&web, "/ok", &args);
        assert_eq!(document["thresholds"][0]["outcome"], outcome);
        // A machine that is busy with other things may be late, and then nothing is concluded.
        let verdict = document["verdict"].as_str().unwrap();
        let expected = match verdict {
            "passed" => 0,
            "broken" | "inconclusive" => 3,
            other => panic!("{other}"),
        };
        assert_eq!(code, Some(expected));
        assert_eq!(
            verdict == "passed",
            outcome == "kept" && document["generator"]["limits"] == Value::Array(Vec::new())
        );
    };
    check("p50 < 1us", "broken");
    check("errors < 1%", "kept");
    check("p99.9 < 5s", "unknown");
}

#[test]
fn ctrl_c_ends_a_run_with_a_report_that_is_partial_and_decides_nothing() {
    let web = Web::start();
    let url = web.url("/ok");
    let args = [
        "load",
        "--users",
        "2",
        "--output",
        "json",
        "--for",
        "10m",
        "--threshold",
        "p50 < 1us",
        &url,
    ];
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let run = Place::new().start(&args);
        run.wait_for_stderr(" done ", 1);
        run.signal(signal);
        let ended = run.wait();
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let document = ended.document();
        assert_eq!(
            (&document["partial"], &document["verdict"]),
            (&true.into(), &"undecided".into())
        );
        assert!(whole(&document, "requests") > 0);
        assert_eq!(whole(&document, "cut_off"), 0, "what was on its way was waited for");
        assert!(document["elapsed_s"].as_f64().unwrap() < 600.0);
    }
}

#[test]
fn a_second_ctrl_c_waits_for_nothing() {
    let web = Web::start();
    let url = web.url("/silent");
    let run = Place::new().start(&["load", "--users", "5", "--output", "json", "--timeout", "2m", &url]);
    run.wait_for_stderr(" done ", 1);
    run.signal(Signal::INT);
    run.wait_for_stderr("nothing more is sent", 1);
    run.signal(Signal::INT);
    let ended = run.wait();
    assert_eq!(ended.code, Some(130));
    assert_eq!(whole(&ended.document(), "cut_off"), 5);
}

#[test]
fn a_dry_run_prints_the_timetable_and_sends_nothing() {
    let web = Web::start();
    let url = web.url("/ok");
    let args = [
        "load",
        "--dry-run",
        "--workers",
        "1",
        "--connections",
        "20",
        "--warm-up",
        "10s",
        "--stages",
    ];
    let ended = Place::new().run(&[&args[..], &["30s:20/s,1m:20/s,500ms:1/s", &url]].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let expected = format!(
        "probetop load: GET {url}, 20/s for 10s warm-up, 0 to 20/s in 30s, 20/s for 1m, 20 to 1/s in 500ms: 1,706 requests, \
         over at most 20 connections, from 1 worker\n\
         \n        AT         FOR  LEVEL                         REQUESTS\n        \
         0s         10s  20/s, warm-up                      200\n       \
         10s         30s  0 to 20/s                          300\n       \
         40s          1m  20/s                             1,200\n    \
         1m 40s       500ms  20 to 1/s                            6\n\
         1m 40s 500ms  nothing more is sent\n"
    );
    assert_eq!(ended.stdout, expected);
    assert!(web.paths().is_empty());
}

#[test]
fn documents_come_each_second_and_the_report_reads_in_the_usual_order() {
    let web = Web::start();
    let url = web.url("/ok");
    let ended = Place::new().run(&["load", "--rate", "20", "--for", "2s", "--output", "ndjson", &url]);
    let documents = ended.documents();
    assert!(documents.len() >= 3, "{}", documents.len());
    assert!(
        documents
            .iter()
            .rev()
            .skip(1)
            .all(|document| document["partial"] == true)
    );
    assert_eq!(documents.last().unwrap()["partial"], false);
    let args = ["load", "--stages", "1s:20/s,1s:0/s", "--threshold", "errors < 1%", &url];
    let report = Place::new().run(&args).stdout;
    let places = [
        "THRESHOLDS",
        "TOTALS",
        "HTTP",
        "EXECUTION",
        "NETWORK",
        "STAGES",
        "verdict: ",
    ];
    let places: Vec<_> = places.iter().map(|part| report.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{report}");
}

#[test]
fn a_target_of_the_configuration_is_put_under_load_by_its_name() {
    let web = Web::start();
    let place = Place::new().variable("TOKEN", "a-secret-t0ken");
    let url = web.url("/echo");
    place.write(
        "probetop.toml",
        &format!(
            "[[target]]\nname = \"checkout\"\nurl = \"{url}\"\nmethod = \"POST\"\nbody = 'x'\n\
             headers = {{ authorization = \"Bearer ${{TOKEN}}\" }}\n"
        ),
    );
    let ended = place.run(&["load", "--rate", "10", "--for", "1s", "--output", "json", "checkout"]);
    assert_eq!(ended.document()["request"], format!("POST {url}"));
    // The server says it all back as its status.
    let said = [ended.stdout, ended.stderr].concat();
    assert!(
        said.contains("authorization: ***") && !said.contains("a-secret-t0ken"),
        "{said}"
    );
    let unknown = place.run(&["load", "chekout"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("did you mean \"checkout\"?"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let check = |args: &[&str], said: &str| {
        let ended = Place::new().run(&[&["load"], args].concat());
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{args:?} {}",
            ended.stderr
        );
        assert!(ended.stderr.contains(said), "{args:?} {}", ended.stderr);
    };
    let url = "http://127.0.0.1:1/";
    check(&[], "TARGET");
    check(
        &["--users", "many", url],
        "is not a number of users; write for example 50",
    );
    check(&["--rate", "5", "--users", "5", url], "cannot be used with");
    check(&["--stages", "1m:5", "--for", "1m", url], "cannot be used with");
    check(&["--threshold", "p95", url], "compares nothing");
    check(&["--rate", "5", "--think", "1s", url], "cannot be used with");
    check(&["tcp://127.0.0.1:1"], "targets of kind tcp are not put under load");
    check(
        &["--find", "p95 < 1s", "--rate", "1..5", url],
        "--find begins at one rate",
    );
    check(&["--threshold", "errors < 1", url], "write for example 1% or 0.01");
    check(
        &["--users", "20", "--connections", "10", url],
        "20 users need as many connections",
    );
}

#[test]
fn the_report_of_a_run_in_which_everything_happened() {
    insta::assert_snapshot!(text::report(&fixture_load::report()));
}

#[test]
fn a_line_each_second_says_how_it_goes_and_whether_probetop_is_the_limit() {
    let now = text::Now {
        users: 0,
        offered: 590,
        done: 588,
    };
    let mut report = fixture_load::report();
    report.elapsed = Duration::from_secs(12);
    let line = "12s of 35s  590/s due  588/s done  response p50 78.6ms p95 300ms  service p95 300ms  errors 0.92%";
    assert_eq!(text::progress(&report, &now), line);
    report.generator.limits.push(GeneratorLimit {
        effect: Effect::Worse,
        words: "requests were sent late".into(),
    });
    assert_eq!(
        text::progress(&report, &now),
        format!("{line}  ! probetop is the limit")
    );
    report.elapsed = Duration::from_secs(35);
    let over = text::progress(&report, &text::Now::default());
    assert_eq!(over, "35s are over, waiting for what is on its way");
}

#[test]
fn the_verdict_stands_when_nobody_reads_the_report() {
    let web = Web::start();
    let line = format!(
        "{{ \"$PROBETOP\" load --rate 50 --for 500ms --threshold 'p50 < 1us' {}; echo \"code $?\" >&2; }} | true",
        web.url("/ok")
    );
    let ended = Running::start(Place::new().shell(&line)).wait();
    assert!(ended.stderr.contains("code 3"), "{}", ended.stderr);
}

#[test]
fn where_nothing_succeeded_no_threshold_changes_that() {
    let web = Web::start();
    let args = ["--rate", "50", "--for", "500ms", "--threshold", "rate < 1000"];
    assert_eq!(document(&web, "/fail", &args).1, Some(1));
    assert_eq!(
        document(&web, "/fail", &[&args[..5], &["p50 < 1us"]].concat()).1,
        Some(1)
    );
    let find = [
        "load",
        "--find",
        "errors < 1%",
        "--for",
        "200ms",
        "--warm-up",
        "100ms",
        "http://127.0.0.1:1/",
    ];
    let ended = Place::new().run(&find);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("no request succeeded: refused"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_target_that_may_have_been_a_url_is_refused_without_its_secrets() {
    for text in [
        "user:s3cretpw@shop.example",
        "s3cretpw@shop.example",
        "shop.example/?token=s3cretpw",
    ] {
        let ended = Place::new().run(&["load", text]);
        assert_eq!(ended.code, Some(2));
        assert!(!ended.stderr.contains("s3cretpw"), "{}", ended.stderr);
    }
    let second = ["load", "http://127.0.0.1:1/", "http://user:s3cretpw@127.0.0.1:1/"];
    let ended = Place::new().run(&second);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("user:***@127.0.0.1:1/") && !ended.stderr.contains("s3cretpw"),
        "{}",
        ended.stderr
    );
}

#[test]
fn users_that_begin_one_after_the_other_are_announced() {
    let check = |users: &str, is_said: bool| {
        let ended = Place::new().run(&["load", "--dry-run", "--users", users, "http://127.0.0.1:1/"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let said = ", users who begin together 1ms apart, all within 50ms\n";
        assert_eq!(ended.stdout.contains(said), is_said, "{}", ended.stdout);
    };
    check("50", true);
    check("0..50", false);
}
