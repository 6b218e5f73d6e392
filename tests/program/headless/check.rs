//! `probetop check`: a table or a plugin line, and its exit code.

use crate::support::program::{Ended, Place};
use crate::support::web::{TOKEN, Web};

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
        "health: 25  critical  bad: status",
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
            "health: 65  warning  warm: plugin says warning (exit 1)",
            "bottleneck: warning service, warm: a plugin reports trouble (plugin says warning (exit 1))",
            "  -> read what it says",
        ],
    );
    check(
        &["--nagios", warm],
        1,
        &["PROBETOP WARNING - warm: plugin says warning (exit 1)"],
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

/// A place with a flow that logs in and asks for orders with what it was given, and a target beside it.
fn place_with_flow(web: &Web, login: &str) -> Place {
    let place = Place::new();
    place.write(
        "probetop.toml",
        &format!(
            "[[target]]\nname = \"good\"\nurl = \"{}\"\n[[flow]]\nname = \"shop\"\n\
             [[flow.step]]\nname = \"login\"\nurl = \"{}\"\nmethod = \"POST\"\ncapture = {{ token = \"body.token\" }}\n\
             [[flow.step]]\nname = \"orders\"\nurl = \"{}?of={{{{token}}}}\"\n\
             headers = {{ authorization = \"Bearer {{{{token}}}}\" }}\n",
            web.url("/ok"),
            web.url(login),
            web.url("/orders"),
        ),
    );
    place
}

#[test]
fn a_check_makes_a_flow_once_and_shows_how_its_steps_went() {
    let web = Web::start();
    let place = place_with_flow(&web, "/login");
    let ended = place.run(&["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    let rows: Vec<_> = ended
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    let levels: Vec<_> = rows[1..5].iter().map(|row| (row[0], row[1])).collect();
    assert_eq!(
        levels,
        [
            ("good", "ok"),
            ("shop", "ok"),
            ("shop/login", "ok"),
            ("shop/orders", "ok")
        ]
    );
    let mut paths = web.paths();
    paths.sort();
    assert_eq!(paths.len(), 3, "{paths:?}");
    assert!(
        !paths.concat().contains("token}") && paths.concat().contains(&TOKEN[..5]),
        "{paths:?}"
    );

    let ended = place.run(&["check", "--nagios"]);
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.stdout.starts_with("PROBETOP OK - 2 targets answer|'good'="),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains(" 'shop/orders'="), "{}", ended.stdout);
    assert_eq!(web.paths().len(), 6);

    let ended = place.run(&["config", "check"]);
    assert!(
        ended
            .stdout
            .contains("ok: targets 1, flows 1 with 2 steps, this machine not watched"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_check_tells_a_failed_step_once_and_those_after_it_as_not_made() {
    let web = Web::start();
    let place = place_with_flow(&web, "/fail");
    let ended = place.run(&["check"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let row = |name: &str| {
        let line = ended.stdout.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name} in {}", ended.stdout))
            .to_owned()
    };
    assert!(
        row("shop ").contains("critical") && row("shop ").contains("step login: "),
        "{}",
        ended.stdout
    );
    assert!(row("shop/login ").contains("critical"), "{}", ended.stdout);
    assert!(
        row("shop/orders ").contains("unknown")
            && row("shop/orders ").ends_with("not made, since an earlier step failed"),
        "{}",
        ended.stdout
    );
    let ended = place.run(&["check", "--nagios"]);
    assert_eq!(ended.code, Some(2));
    let (text, data) = ended.stdout.split_once('|').unwrap();
    assert!(
        text.starts_with("PROBETOP CRITICAL - shop: ") && !text.contains("; "),
        "{text}"
    );
    assert!(
        data.contains("'shop/login'=") && !data.contains("'shop/orders'="),
        "{data}"
    );
    assert!(
        !web.paths().iter().any(|path| path.starts_with("/orders")),
        "{:?}",
        web.paths()
    );
}

#[test]
fn a_load_generator_that_is_not_there_is_no_failure() {
    // Taken on another address, so that nobody else listens there.
    let claim = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let port = claim.local_addr().unwrap().port();
    for scheme in ["k6", "locust"] {
        let target = format!("load={scheme}://127.0.0.1:{port}");
        let ended = Place::new().run(&["check", &target]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
        assert!(ended.stdout.contains("waiting"), "{}", ended.stdout);
        assert!(!ended.stdout.contains("bottleneck"), "{}", ended.stdout);
        let ended = Place::new().run(&["run", "--no-host", "--for", "4s", "--output", "json", &target]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let document = ended.document();
        let load = super::target(&document, "load");
        assert_eq!(load["level"], "ok", "{load}");
        assert_eq!(load["windows"]["run"]["failed"], 0);
    }
}
