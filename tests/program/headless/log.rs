//! What is written to the log, and what is in no output at all.

use super::{place, run_window};
use crate::support::program::{Place, Running, count};
use crate::support::web::Web;

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
    let broken = "probetop: broken during the run: critical errors on a: errors(1m) 100% (status) > 5%\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(3), broken));
    let log = place.read("log");
    let words: Vec<_> = log
        .lines()
        .map(|line| line.split_whitespace().nth(1).unwrap())
        .collect();
    assert_eq!(words, ["start", "target", "alert", "level", "end"], "{log}");
    assert!(
        log.contains("alert    fired: critical errors on a: errors(1m) 100% (status) > 5% (value 1)"),
        "{log}"
    );
}

#[test]
fn a_log_on_a_full_disk_is_told_once_and_measuring_goes_on() {
    let web = Web::start();
    let args = [
        "run",
        "--for",
        "5s",
        "--output",
        "json",
        "--log-file",
        "/dev/full",
        "-vv",
    ];
    let ended = place(&web, "/ok", "").run(&args);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ["it is tried again", "lines are not written"].map(|words| ended.stderr.matches(words).count()),
        [1, 1],
        "{}",
        ended.stderr
    );
    assert!(count(&run_window(&ended.document())["ok"]) >= 20);
}

#[test]
fn a_log_beyond_the_largest_file_that_is_allowed_stops_nothing() {
    let web = Web::start();
    let place = place(&web, "/ok", "");
    // A block has 512 bytes or 1 KiB, by the shell.
    let line = "ulimit -f 1; exec \"$PROBETOP\" run --for 3s --output json --log-file log -vv";
    let ended = Running::start(place.shell(line)).wait();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.document()["monitor"]["samples_total"].as_u64() > Some(10));
    assert!(place.read("log").len() <= 1024);
}
