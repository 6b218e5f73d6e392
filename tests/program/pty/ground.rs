//! The ground that the terminal tells of decides which theme is worn, and its answer presses no key.

use super::{config, quit, terminal};
use crate::support::pty::Tui;

const QUESTION: &str = "\x1b]11;?\x1b\\";

/// The accent of the light theme, and of the dark one.
const LIGHT: vt100::Color = vt100::Color::Rgb(0x05, 0x50, 0xae);
const DARK: vt100::Color = vt100::Color::Rgb(0x58, 0xa6, 0xff);

#[track_caller]
fn wait_for_colour(tui: &Tui, wanted: vt100::Color) {
    tui.wait_for(&format!("{wanted:?}"), |screen| {
        (0..110).any(|x| screen.cell(0, x).is_some_and(|cell| cell.fgcolor() == wanted))
    });
}

fn start(settings: &str) -> Tui {
    let tui = terminal(&format!("{settings}{}", config(&["alpha"])), 110, 40)
        .env("COLORTERM", "truecolor")
        .probetop(&[]);
    tui.wait_for("the first frame", |screen| screen.contents().contains("? help"));
    tui
}

#[test]
fn a_light_ground_is_worn_and_stays_across_a_reload() {
    let mut tui = start("");
    tui.wait_for_outputs(QUESTION, 1);
    tui.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    wait_for_colour(&tui, LIGHT);
    assert!(tui.text().contains("alpha latency over"), "no key was pressed");
    tui.send("r");
    tui.wait_for_text("configuration reloaded");
    wait_for_colour(&tui, LIGHT);
    quit(tui);
}

#[test]
fn a_dark_ground_a_second_answer_and_a_named_theme_change_nothing() {
    let mut tui = start("");
    tui.wait_for_outputs(QUESTION, 1);
    tui.send("\x1b]11;rgb:0000/0000/0000\x07\x1b]11;rgb:ffff/ffff/ffff\x07");
    tui.wait_for_frames(2);
    wait_for_colour(&tui, DARK);
    quit(tui);

    let tui = start("theme = \"dark\"\n");
    tui.wait_for_frames(2);
    let written = String::from_utf8_lossy(&tui.output(0)).into_owned();
    assert!(!written.contains(QUESTION), "nothing depends on the ground");
    quit(tui);
}
