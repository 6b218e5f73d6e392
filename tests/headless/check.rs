//! `probetop check`: a table or a plugin line, and its exit code.

use crate::program::{Ended, Place};
use crate::web::Web;

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
    check(&[&ok], 0, &["TARGET  LEVEL", "good    ok", "health: 100  ok"]);
    let broken = [
        "TARGET  LEVEL",
        "good    ok",
        "bad     critical",
        "health: 0  critical  bad: status",
        "bottleneck: critical service, bad: answers carry an error status (last: 5",
        "  -> the service answered with an error; look at its log",
    ];
    check(&[&ok, &fail], 3, &broken);
    check(&["--nagios", &ok], 0, &["PROBETOP OK - 1 target answers|'good'="]);
    check(&["--nagios", &ok, &fail], 2, &["PROBETOP CRITICAL - bad: status"]);
    let warm = "warm=exec:///bin/false";
    check(
        &[warm],
        0,
        &[
            "TARGET  LEVEL",
            "warm    warning",
            "health: 65  warning  warm: ok, plugin_status",
            "bottleneck: warning service, warm: a plugin reports trouble (plugin_status 1.00 > 0.50)",
            "  -> read what it says",
        ],
    );
    check(
        &["--nagios", warm],
        1,
        &["PROBETOP WARNING - warm: ok, plugin_status 1.00 > 0.50"],
    );
    check(&["--nagios", "nonsense://x"], 3, &["PROBETOP UNKNOWN - command line: "]);
    check(&["--nagios"], 3, &["PROBETOP UNKNOWN - probetop: nothing to check"]);
    assert_eq!(Place::new().run(&["check", "nonsense://x"]).code, Some(2));
}

#[test]
fn a_check_is_logged_where_it_is_asked_for() {
    let web = Web::start();
    let place = Place::new();
    let target = format!("good={}", web.url("/ok"));
    for _ in 0..2 {
        let ended = place.run(&["check", "--log-file", "log", &target]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    }
    let log = place.read("log");
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(
        lines[0].contains(" check    good: ok after ") && lines[0].ends_with(": 200"),
        "{log}"
    );
    let ended = place.run(&["check", "--log-file", "no/such/folder/log", &target]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("log file no/such/folder/log"), "{}", ended.stderr);
}
