//! Every key does what help says.

use std::fs;

use serde_json::Value;

use super::{NAMES, config, position, quit, start};
use crate::support::pty::{Tui, key};

/// Wide enough for every column, high enough for the chart, whose title names the selected target.
fn sorted_by_name() -> Tui {
    let mut tui = start(&config(&NAMES), 110, 40);
    tui.send("s");
    tui.wait_for_text("target▴");
    tui.send(key::HOME);
    wait_selected(&tui, "alpha");
    tui
}

#[track_caller]
fn wait_selected(tui: &Tui, name: &str) {
    tui.wait_for_text(&format!(" {name} latency over"));
}

#[test]
fn numbers_and_tab_go_through_the_panes() {
    let mut tui = start(&config(&NAMES), 110, 40);
    let check = |tui: &mut Tui, keys, shown| {
        tui.send(keys);
        tui.wait_for_text(shown);
    };
    check(&mut tui, "2", "last probe");
    check(&mut tui, "4", "No alerts");
    check(&mut tui, "1", "rate");
    check(&mut tui, "5", "[[objective]]");
    check(&mut tui, "6", "6 Health");
    check(&mut tui, "7", "Analysis");
    check(&mut tui, "1", "rate");
    for shown in [
        "last probe",
        "host",
        "No alerts",
        "[[objective]]",
        "Health",
        "Analysis",
        "Nothing to compare",
        "all targets over ",
        "all targets latency over ",
        "previous-pane",
        "rate",
    ] {
        check(&mut tui, key::TAB, shown);
    }
    for shown in [
        "previous-pane",
        "all targets latency over ",
        "all targets over ",
        "Nothing to compare",
        "Analysis",
        "Health",
        "[[objective]]",
        "No alerts",
        "host",
        "last probe",
        "rate",
    ] {
        check(&mut tui, key::BACK_TAB, shown);
    }
    quit(tui);
}

#[test]
fn the_selection_moves_by_rows_and_to_the_ends() {
    let mut tui = sorted_by_name();
    let steps = [
        ("j", "bravo"),
        (key::DOWN, "charlie"),
        ("k", "bravo"),
        (key::UP, "alpha"),
        ("k", "alpha"),
        (key::END, "lima"),
        ("j", "lima"),
        (key::HOME, "alpha"),
        ("G", "lima"),
        (key::PAGE_UP, "alpha"),
        (key::PAGE_DOWN, "lima"),
        (key::HOME, "alpha"),
        (key::RIGHT, "bravo"),
        (key::LEFT, "alpha"),
    ];
    for (keys, name) in steps {
        tui.send(keys);
        wait_selected(&tui, name);
    }
    quit(tui);
}

#[test]
fn enter_opens_the_selected_target_and_esc_returns() {
    let mut tui = sorted_by_name();
    tui.send("jj");
    wait_selected(&tui, "charlie");
    tui.send(key::ENTER);
    tui.wait_for_text("last probe");
    tui.wait_for_text(" charlie  demo://health");
    tui.send("l");
    tui.wait_for_text(" delta  demo://health");
    tui.send(key::ESC);
    tui.wait_for_text("target▴");
    wait_selected(&tui, "delta");
    quit(tui);
}

#[test]
fn a_filter_narrows_the_table_while_it_is_typed_and_esc_clears_it() {
    let mut tui = sorted_by_name();
    tui.send("/rav");
    tui.wait_for("bravo alone", |screen| shows(&screen.contents(), "bravo", "charlie"));
    tui.send(key::ENTER);
    tui.wait_for_text("1/12 /rav");
    tui.send(key::ESC);
    tui.wait_for_text("charlie");

    tui.send("/zzz");
    tui.wait_for_text("No target matches");
    tui.send(key::ESC);
    tui.wait_for_text("charlie");
    // While a line is typed every letter goes into it.
    tui.send("/q3 4");
    tui.wait_for_text("/q3 4");
    tui.send(key::CTRL_C);
    tui.wait_for_text("charlie");
    quit(tui);
}

fn shows(screen: &str, wanted: &str, unwanted: &str) -> bool {
    screen.contains(wanted) && !screen.contains(unwanted)
}

#[test]
fn sorting_goes_through_the_columns_and_reverses() {
    let mut tui = sorted_by_name();
    assert!(position(&tui, "alpha").1 < position(&tui, "lima").1);
    tui.send("S");
    tui.wait_for_text("target▾");
    assert!(position(&tui, "lima").1 < position(&tui, "alpha").1);
    for heading in [
        "rate▾",
        "err▾",
        "p50▾",
        "p90▾",
        "p95▾",
        "p99▾",
        "max▾",
        "level▾",
        "target▴",
    ] {
        tui.send("s");
        tui.wait_for_text(heading);
    }
    quit(tui);
}

#[test]
fn window_and_time_axis_change_by_key() {
    let mut tui = start(&config(&NAMES), 110, 40);
    for window in ["5m", "15m", "run", "10s", "1m", "2m"] {
        tui.send("w");
        tui.wait_for_text(&format!("window {window} "));
    }
    for (keys, axis) in [("+", "1m"), ("-", "2m"), ("-", "5m"), ("=", "2m")] {
        tui.send(keys);
        tui.wait_for_text(&format!("axis {axis} "));
    }
    quit(tui);
}

/// How many seconds the badge says the screen is behind.
fn seconds_behind(screen: &str) -> Option<u64> {
    let (_, rest) = screen.lines().next()?.split_once(" -")?;
    rest.split_once('s')?.0.parse().ok()
}

/// The document that `e` and `j` write.
#[track_caller]
fn exported(tui: &mut Tui) -> Value {
    let home = tui.home().to_owned();
    let files = || {
        let folder = fs::read_dir(&home).expect("the home can be read");
        folder
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|it| it == "json"))
    };
    files().for_each(|path| fs::remove_file(path).expect("the export can be removed"));
    tui.send("ej");
    tui.wait_for("a path that is there", |screen| {
        files().any(|path| screen.contents().contains(&path.display().to_string()))
    });
    let path = files().next().expect("it was just seen");
    let document: Value = serde_json::from_slice(&fs::read(path).expect("the export can be read")).expect("valid JSON");
    assert_eq!(document["schema"], "probetop.snapshot/v1");
    document
}

#[test]
fn an_export_holds_every_target_in_every_window() {
    let mut tui = start(&config(&NAMES), 110, 40);
    tui.wait_for_frames(2);
    let document = exported(&mut tui);
    let targets = document["targets"].as_array().expect("a list");
    let names: Vec<_> = targets.iter().filter_map(|target| target["name"].as_str()).collect();
    assert_eq!(names, NAMES);
    for target in targets {
        assert!(target["windows"]["run"]["attempts"].as_u64() > Some(0), "{target}");
        assert!(target["windows"]["15m"].is_object(), "{target}");
    }
    quit(tui);
}

#[test]
fn a_frozen_screen_says_how_far_behind_it_is_while_measuring_goes_on() {
    let mut tui = start(&config(&["alpha"]), 110, 40);
    tui.wait_for_frames(3);
    tui.send(" ");
    let frozen = |least| move |screen: &vt100::Screen| seconds_behind(&screen.contents()).is_some_and(|it| it >= least);
    tui.wait_for("frozen", frozen(0));
    tui.wait_for("three seconds behind", frozen(3));
    let then = exported(&mut tui);
    tui.send("w");
    tui.wait_for_text("window 5m ");
    tui.wait_for("five seconds behind", frozen(5));
    let later = exported(&mut tui);
    assert_eq!(then["taken_at"], later["taken_at"], "the export is of what is shown");
    assert_eq!(then["targets"], later["targets"]);

    tui.send(" ");
    tui.wait_for_text("LIVE");
    let live = exported(&mut tui);
    let (attempts, uptime) = (
        |of: &Value| attempts(of),
        |of: &Value| of["uptime_s"].as_f64().expect("a number"),
    );
    let (gained, passed) = (attempts(&live) - attempts(&then), uptime(&live) - uptime(&then));
    // A tick is of a second, and comes a moment after it.
    assert!(passed.round() >= 5.0, "{passed} s");
    assert!(gained as f64 >= passed.floor() - 1.0, "{gained} probes in {passed} s");
    quit(tui);
}

fn attempts(document: &Value) -> u64 {
    document["targets"][0]["windows"]["run"]["attempts"]
        .as_u64()
        .expect("a count")
}

/// The second that the header of a screen shows, as the time of day.
fn second_shown(screen: &str) -> Option<String> {
    let (_, rest) = screen.lines().next()?.split_once(" -")?;
    rest.split_whitespace().nth(1).map(str::to_owned)
}

#[test]
fn the_past_is_scrubbed_and_left() {
    let mut tui = start(&config(&["alpha"]), 110, 40);
    tui.wait_for_frames(6);
    tui.send("[");
    tui.wait_for_text("end live");
    tui.wait_for("a second ago", |screen| second_shown(&screen.contents()).is_some());
    let first = second_shown(&tui.text()).expect("it was just seen");
    let goes_to = |tui: &mut Tui, keys: &str, is_meant: &dyn Fn(&str) -> bool| {
        tui.send(keys);
        tui.wait_for(keys, |screen| {
            second_shown(&screen.contents()).is_some_and(|second| is_meant(&second))
        });
    };
    goes_to(&mut tui, key::LEFT, &|second| second != first);
    let earlier = second_shown(&tui.text()).expect("it was just seen");
    goes_to(&mut tui, key::RIGHT, &|second| second == first);
    goes_to(&mut tui, key::LEFT, &|second| second == earlier);
    tui.send(key::HOME);
    tui.wait_for_text("the past begins at");
    tui.send(key::END);
    tui.wait_for_text("LIVE");
    tui.send("T-2s\r");
    tui.wait_for("two seconds ago", |screen| second_shown(&screen.contents()).is_some());
    tui.send(" ");
    tui.wait_for_text("LIVE");
    quit(tui);
}

#[test]
fn a_mark_is_set_and_found_again() {
    let mut tui = start(&config(&["alpha"]), 110, 40);
    tui.wait_for_frames(3);
    tui.send("mdeploy\r");
    tui.wait_for_text(": deploy");
    tui.wait_for_text("marks");
    tui.send("m\r");
    tui.wait_for_text(": mark 2");
    tui.send("(");
    tui.wait_for_text("end live");
    tui.send("(");
    tui.wait_for("the mark that was set first", |screen| {
        let screen = screen.contents();
        screen.contains("no earlier mark") || screen.lines().last().is_some_and(|line| line.contains("deploy"))
    });
    tui.send(key::END);
    tui.wait_for_text("LIVE");
    let marks = exported(&mut tui)["marks"].clone();
    let labels: Vec<_> = marks
        .as_array()
        .expect("a list")
        .iter()
        .map(|mark| mark["label"].clone())
        .collect();
    assert_eq!(labels, ["deploy", "mark 2"]);
    quit(tui);
}

#[test]
fn what_is_exported_is_chosen_by_a_letter_and_nothing_is_written_over() {
    let mut tui = start(&config(&["alpha"]), 110, 40);
    tui.wait_for_frames(3);
    tui.send(" ");
    tui.wait_for_text("end live");
    let mut written = |letter: &str, what: &str, ending: &str| {
        tui.send(&format!("e{letter}"));
        tui.wait_for(ending, |screen| {
            let screen = screen.contents();
            screen
                .lines()
                .last()
                .is_some_and(|line| line.contains(&format!("{what} written to")) && line.contains(ending))
        });
        let line = tui.text().lines().last().expect("a footer").trim().to_owned();
        let (_, path) = line.split_once("written to ").expect("a path");
        fs::read(path).expect("the file is there")
    };
    assert!(written("i", "image", "Z.png").starts_with(b"\x89PNG\r\n"));
    let mut written =
        |letter: &str, what: &str, ending: &str| String::from_utf8(written(letter, what, ending)).expect("text");
    assert!(written("c", "series", "Z.csv").contains(",alpha,"));
    // The bottom line says where the series was written; nobody who gets the screen is told.
    let screen = written("t", "screen", "Z.txt");
    assert!(
        screen.contains("alpha latency over ") && !screen.contains("written to"),
        "{screen}"
    );
    let picture = written("p", "picture", "Z.svg");
    assert!(
        picture.starts_with("<svg ") && !picture.contains("written to"),
        "{picture}"
    );
    assert!(written("j", "snapshot", "Z.json").contains("probetop.snapshot/v1"));
    written("c", "series", "Z-2.csv");
    quit(tui);
}

/// What of a help stands in one line, however narrow its column is.
fn beginning(help: &str) -> &str {
    let end = help.char_indices().rfind(|(at, c)| *at <= 24 && *c == ' ');
    end.filter(|_| help.len() > 24).map_or(help, |(end, _)| &help[..end])
}

#[test]
fn help_lists_every_key_and_can_be_searched() {
    let mut tui = start(&config(&["alpha"]), 160, 110);
    tui.send("?");
    tui.wait_for("all of help", |screen| {
        let text = screen.contents();
        probetop_screen::ui::action::COMMANDS
            .iter()
            .all(|command| text.contains(beginning(command.help)))
    });
    tui.send("/freeze");
    tui.wait_for("one line of help", |screen| {
        shows(&screen.contents(), "hold the screen still", "one row up")
    });
    tui.send(key::ENTER);
    tui.send("?");
    tui.wait_for_text("LIVE");
    tui.wait_for_text("p95 over");
    quit(tui);
}

#[test]
fn an_alert_is_acknowledged_silenced_and_annotated_by_key() {
    let slow = "latency = { warning = \"1us\", quantile = 0.5, window = \"10s\" }\n";
    let mut tui = start(&format!("{}{slow}", config(&["alpha"])), 110, 40);
    tui.wait_for_text("Alerts 1");
    tui.send("4");
    tui.wait_for_text("warning firing");
    let presses = [
        ("z", "silenced for 5m: alpha latency"),
        ("z", "silenced for 15m: alpha latency"),
        ("a", "acknowledged until it is over: alpha latency"),
        ("N", "note on alpha latency:"),
        ("quite slow", "note on alpha latency: quite slow"),
        (key::ENTER, "noted: alpha latency"),
        ("i", "last probe"),
    ];
    for (keys, shown) in presses {
        tui.send(keys);
        tui.wait_for_text(shown);
    }
    quit(tui);
}

#[test]
fn junk_on_the_input_is_ignored() {
    let mut tui = start(&config(&["alpha"]), 110, 40);
    let junk: [&[u8]; 7] = [
        b"\xff\xfe\xc3\x28\xe2\x82",
        b"\x1b[200~ \x1b[31m\xf0\x9f \x1b[201~",
        b"\x1b[<999999999999;0;0M",
        b"\x1b[<0;65535;65535M\x1b[<0;0;0M",
        b"\x1b[M\x00\x00\x00",
        b"\x1b[99999;99999R\x1b]0;title\x07\x1bP1$r\x1b\\",
        b"\x1b[\x1b[\x1bO\x00\x01\x02\x7f",
    ];
    for bytes in junk {
        tui.send_bytes(bytes);
    }
    tui.send("1");
    // Whatever the junk has typed, the program is there and still draws.
    tui.wait_for_frames(2);
    tui.send(key::ESC);
    tui.wait_for_frames(1);
    tui.send(key::CTRL_C);
    tui.wait_for_frames(1);
    tui.send("q");
    assert!(tui.wait_exit().success());
    assert!(tui.is_restored());
}

#[test]
fn a_baseline_stands_against_the_time_after_it_is_written_and_compared_with_again() {
    let mut tui = start(&config(&NAMES), 110, 30);
    tui.wait_for_text("alpha");
    tui.wait_for_frames(3);
    tui.send("8");
    tui.wait_for_text("Nothing to compare with yet.");
    tui.send("b");
    tui.wait_for_text("too little data");
    tui.wait_for_text("A against B");
    tui.send("ec");
    tui.wait_for_text("comparison written to ");
    let table = fs::read_to_string(written(&tui, "csv")).expect("the table can be read");
    assert!(
        table.starts_with("subject,figure,unit,before,after,shift,p_value,significance\n"),
        "{table}"
    );
    assert!(table.contains("alpha,probes,number,"), "{table}");
    tui.send("eb");
    tui.wait_for_text("baseline written to ");
    let path = written(&tui, "json");
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(name.starts_with("probetop-baseline-"), "{name}");
    let text = fs::read_to_string(&path).expect("the baseline can be read");
    let document: Value = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(document["schema"], "probetop.baseline/v1");
    tui.send("b");
    tui.wait_for_text("no baseline is pinned any more");
    quit(tui);

    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("before.json");
    fs::write(&kept, text).expect("the baseline can be kept");
    let again = start(&format!("baseline = {kept:?}\n{}", config(&NAMES)), 160, 40);
    again.wait_for_text("p95 vs A");
    quit(again);
}

/// The one file with this ending in the home.
#[track_caller]
fn written(tui: &Tui, extension: &str) -> std::path::PathBuf {
    let files = fs::read_dir(tui.home()).expect("the home can be read");
    let mut paths = files.filter_map(|entry| Some(entry.ok()?.path()));
    let is_it = |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == extension);
    paths.find(is_it).expect("it was told to be written")
}

#[test]
fn spans_are_chosen_by_going_back_and_forth() {
    let mut tui = start(&config(&NAMES), 110, 30);
    tui.wait_for_text("alpha");
    tui.wait_for_frames(5);
    tui.send("[[v");
    tui.wait_for_text("a span from ");
    tui.send("[[v");
    tui.wait_for_text("b: use as baseline A; B: compare A with it");
    tui.send("b");
    tui.wait_for_text("the baseline from now on: ");
    tui.send(key::END);
    tui.wait_for_text("LIVE");
    tui.send("m");
    tui.send("stage 2");
    tui.send(key::ENTER);
    tui.wait_for_text("stage 2");
    // The message is there before the mark is.
    tui.wait_for_frames(3);
    tui.send("M");
    tui.wait_for_text("before and after ");
    tui.wait_for_text("A against B");
    quit(tui);
}
