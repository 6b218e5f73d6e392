//! The terminal as a channel of notification: what it is asked to do while the screen is on it, and what is left.

use super::{NAMES, config, quit, terminal};
use crate::support::pty::{Tui, key};

/// Fires as soon as anything is measured.
const FIRING: &str = "
[[alert]]
name = \"alive; really\"
on = [\"alpha\"]
when = \"rate > 0.0\"

[[notify]]
name = \"here\"
kind = \"terminal\"
desktop = \"osc9\"
";

/// XTWINOPS: the terminal keeps its title, or gets it back.
const KEPT: &str = "\x1b[22;2t";
const GIVEN_BACK: &str = "\x1b[23;2t";

const TITLE: &str = "\x1b]2;warning: alive, really on alpha\x1b\\";

fn firing() -> String {
    config(&NAMES) + FIRING
}

fn count(tui: &Tui, sequence: &str) -> usize {
    let written = tui.output(0);
    written
        .windows(sequence.len())
        .filter(|window| *window == sequence.as_bytes())
        .count()
}

#[test]
fn an_alert_rings_names_itself_in_the_title_and_asks_for_a_notification() {
    let tui = terminal(&firing(), 80, 24).probetop(&[]);
    tui.wait_for_outputs(TITLE, 1);
    assert_eq!((count(&tui, KEPT), count(&tui, "\x07")), (1, 1));
    assert_eq!(count(&tui, "\x1b]9;warning: alive, really on alpha - "), 1);
    tui.wait_for_text("alive; really");
    let before = tui.bytes();
    tui.wait_for_frames(2);
    let later = String::from_utf8(tui.output(before)).unwrap();
    assert!(!later.contains("\x1b]"), "it is said once: {later:?}");
    quit(tui);
}

#[test]
fn the_title_is_given_back_at_the_end_and_across_a_stop() {
    let mut tui = terminal(&firing(), 80, 24).run_under_shell(super::PROBETOP, &[]);
    tui.wait_for_outputs(TITLE, 1);
    tui.send(key::CTRL_Z);
    tui.wait_for_prompt();
    assert_eq!((count(&tui, KEPT), count(&tui, GIVEN_BACK)), (1, 1));
    tui.send("fg\r");
    tui.wait_for_outputs(TITLE, 2);
    tui.send("q");
    tui.wait_for_prompt();
    assert_eq!((count(&tui, KEPT), count(&tui, GIVEN_BACK)), (2, 2));
    assert_eq!(count(&tui, "\x07"), 1, "it rings once");
}

#[test]
fn without_such_a_channel_the_title_is_left_alone() {
    // With a theme that is named nothing is asked of the terminal either.
    let named = format!("theme = \"dark\"\n{}", config(&NAMES));
    let tui = terminal(&named, 80, 24).probetop(&[]);
    tui.wait_for_text("alpha");
    tui.wait_for_frames(2);
    assert_eq!((count(&tui, "\x1b]"), count(&tui, KEPT)), (0, 0));
    quit(tui);
}
