//! A line that is lost, and one that stalls.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::{NAMES, PROBETOP, config, terminal};
use crate::support::pty::{Tui, key};
use crate::support::waiting::until;

/// CPU time the program may use from its start to its end, a debug build on a busy machine; a loop that spins between the
/// hang-up and the end uses more.
const CPU_LIMIT_S: f64 = 1.0;

/// Takes the terminal away from a program whose parent treats SIGHUP by `trap`. Returns the exit code and the CPU time used.
fn hang_up(trap: &str) -> (i32, f64) {
    let script = format!("trap {trap} HUP; {PROBETOP}; echo $? >code; times >times");
    let mut tui = terminal(&config(&NAMES), 80, 24).run("sh", &["-c", &script]);
    tui.wait_for_text("? help");
    tui.wait_for_frames(2);
    tui.hangup();
    tui.wait_exit();
    let read = |name| fs::read_to_string(tui.home().join(name)).expect("written by the shell");
    (
        read("code").trim().parse().expect("a number"),
        cpu_seconds(&read("times")),
    )
}

/// The second line of `times`: what the children used, `0m0.120s 0m0.030s`.
fn cpu_seconds(times: &str) -> f64 {
    let seconds = |word: &str| -> Option<f64> {
        let (minutes, seconds) = word.trim_end_matches('s').split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let children = times.lines().nth(1).expect("two lines");
    children
        .split_whitespace()
        .map(|word| seconds(word).expect("minutes and seconds"))
        .sum()
}

#[test]
fn a_lost_terminal_ends_the_program_without_spinning() {
    for trap in [":", "''"] {
        let (code, cpu) = hang_up(trap);
        println!("a program that lost its terminal used {cpu} s of CPU");
        assert_eq!(code, 129, "HUP trapped by {trap}");
        assert!(cpu < CPU_LIMIT_S, "HUP trapped by {trap}: {cpu} s of CPU");
    }
}

#[test]
fn a_terminal_lost_while_it_is_stalled_ends_the_program_too() {
    let mut tui = terminal(&config(&NAMES), 80, 24).run("sh", &["-c", &format!("trap '' HUP; exec {PROBETOP}")]);
    tui.wait_for_text("? help");
    tui.stall_full();
    tui.send(key::CTRL_L);
    tui.hangup();
    assert_eq!(tui.wait_exit().exit_code(), 129);
}

/// Exports until a new file is there, as it says how far the program is.
fn export(tui: &mut Tui) -> Value {
    let seen: Vec<PathBuf> = documents(tui);
    let mut new = None;
    until("the document is written", || {
        tui.send("ej");
        pause();
        new = documents(tui).into_iter().find(|path| !seen.contains(path));
        new.is_some()
    });
    let path = new.expect("it was just found");
    serde_json::from_slice(&fs::read(path).expect("the export can be read")).expect("valid JSON")
}

fn documents(tui: &Tui) -> Vec<PathBuf> {
    let folder = fs::read_dir(tui.home()).expect("the home can be read");
    let paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect()
}

/// A file is looked for again after this; nothing tells when it is there.
fn pause() {
    std::thread::park_timeout(Duration::from_millis(100));
}

fn number(document: &Value, pointer: &str) -> f64 {
    document
        .pointer(pointer)
        .and_then(Value::as_f64)
        .unwrap_or_else(|| panic!("{pointer} in {document}"))
}

#[test]
fn a_stalled_terminal_costs_frames_and_no_samples() {
    let mut tui = terminal(&config(&NAMES), 120, 40).probetop(&[]);
    tui.wait_for_text("? help");
    tui.wait_for_frames(2);
    let paint = {
        let before = tui.bytes();
        tui.send(key::CTRL_L);
        tui.wait_for_frames(1);
        tui.bytes() - before
    };
    let zeros = tui.stall_full();
    let before = tui.bytes();
    let first = export(&mut tui);
    let mut last = first.clone();
    let mut repaints = 0;
    while number(&last, "/uptime_s") < number(&first, "/uptime_s") + 4.0 {
        tui.send(key::CTRL_L);
        repaints += 1;
        last = export(&mut tui);
    }
    let passed = number(&last, "/uptime_s") - number(&first, "/uptime_s");
    for (index, name) in NAMES.iter().enumerate() {
        let attempts = |of| number(of, &format!("/targets/{index}/windows/run/attempts"));
        let gained = attempts(&last) - attempts(&first);
        assert!(
            (gained - passed).abs() <= 1.5,
            "{name} gained {gained} probes in {passed} s"
        );
    }
    assert_eq!(number(&last, "/monitor/dropped_samples_total"), 0.0);

    tui.resume();
    tui.send("4");
    tui.wait_for_text("No alerts");
    let sent = tui.bytes() - before - zeros;
    assert!(sent < 5 * paint, "{sent} bytes after {repaints} repaints of {paint}");
    tui.send("q");
    assert!(tui.wait_exit().success());
    assert!(tui.is_restored());
}

#[test]
fn a_stalled_terminal_does_not_hold_the_program() {
    let quit: fn(&mut Tui) = |tui| tui.send("q");
    let terminate: fn(&mut Tui) = |tui| tui.signal(Signal::TERM);
    for (end, code) in [(quit, 0), (terminate, 143)] {
        let mut tui = terminal(&config(&NAMES), 120, 40).probetop(&[]);
        tui.wait_for_text("? help");
        tui.stall_full();
        tui.send(&key::CTRL_L.repeat(3));
        end(&mut tui);
        assert_eq!(tui.wait_exit().exit_code(), code);
    }
}

#[test]
fn a_stalled_terminal_does_not_hold_a_run_or_its_end() {
    let run = |args: &[&str]| {
        let home = terminal(&config(&NAMES), 80, 24);
        fs::create_dir(home.home().join("out")).expect("a folder");
        let tui = home.probetop(&[&["run", "--for", "3s", "--output", "none"], args].concat());
        tui.wait_for_text("of 3s");
        tui.stall_full();
        tui
    };
    assert_eq!(run(&["--fail-on", "never"]).wait_exit().exit_code(), 0);
    // And what went wrong is not told at any price.
    let mut failing = run(&["--snapshot", "out/last.json"]);
    fs::remove_dir_all(failing.home().join("out")).expect("the folder can be removed");
    assert_eq!(failing.wait_exit().exit_code(), 1);
}

/// probetop in a terminal that stands still, as of a frame that does not fit.
fn stalled(args: &[&str]) -> Tui {
    let mut tui = terminal(&config(&NAMES), 120, 40).probetop(args);
    tui.wait_for_text("? help");
    tui.stall_full();
    tui.send(&key::CTRL_L.repeat(3));
    tui
}

#[test]
fn a_stalled_terminal_is_left_in_order_when_it_reads_again() {
    let quit: fn(&mut Tui) = |tui| tui.send("q");
    let terminate: fn(&mut Tui) = |tui| tui.signal(Signal::TERM);
    // Ten times: whether it worked used to hang on how far the frame had come.
    for end in [quit, terminate].repeat(5) {
        let mut tui = stalled(&[]);
        end(&mut tui);
        tui.wait_exit();
        tui.resume();
        tui.wait_until_restored();
    }
}

#[test]
fn that_the_terminal_stood_still_is_logged_and_told() {
    let mut tui = stalled(&["--log-file", "log"]);
    let log = tui.home().join("log");
    until("the log tells of it", || {
        // A frame that was on its way when the line was filled leaves room for the next one.
        tui.send(key::CTRL_L);
        pause();
        fs::read_to_string(&log).is_ok_and(|log| log.contains("the terminal has taken nothing for 3s"))
    });
    tui.resume();
    tui.wait_for_text("line stood still for");
    tui.send("4");
    tui.wait_for_text("No alerts");
    let log = fs::read_to_string(log).expect("the log can be read");
    assert_eq!(log.matches("has taken nothing").count(), 1, "{log}");
    super::quit(tui);
}

#[test]
fn the_cost_of_the_line_is_shown_on_request() {
    let mut tui = super::start(&config(&NAMES), 120, 40);
    assert!(!tui.text().contains("flush"));
    tui.send("%");
    tui.wait_for("the cost", |screen| {
        let screen = screen.contents();
        screen.contains("B/s flush") && screen.contains("scroll")
    });
    tui.send("x");
    tui.wait_for_text("charts are swept in place, in fewer bytes");
    tui.send("%");
    tui.wait_for("no cost", |screen| !screen.contents().contains("flush"));
    super::quit(tui);
}

#[test]
fn a_budget_takes_away_what_costs_too_much_and_says_so() {
    let mut tui = terminal(&config(&NAMES), 120, 40)
        .env("COLORTERM", "truecolor")
        .probetop(&["--budget", "20B/s"]);
    tui.wait_for_text("budget: sweep");
    tui.wait_for_text("budget: sweep, no colours, every 2s");
    let before = tui.frames();
    tui.send("4");
    tui.wait_for_text("No alerts");
    // At once, and not with the next frame that is due.
    assert!(tui.frames() <= before + 2);
    super::quit(tui);
}

#[test]
fn a_dumb_terminal_gets_lines_and_is_told_why() {
    let mut tui = terminal(&config(&["alpha"]), 120, 40).env("TERM", "dumb").probetop(&[]);
    tui.wait_for_text("TERM=dumb cannot place the cursor");
    tui.wait_for_text("alpha");
    tui.signal(Signal::INT);
    assert_eq!(tui.wait_exit().exit_code(), 130);
    assert!(!tui.output(0).contains(&0x1b), "{}", tui.text());
}
