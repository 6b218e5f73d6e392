//! The real program in a pseudo-terminal: what is typed, what is on the screen, and what becomes of the terminal.

mod attention;
mod config;
mod fresh;
mod ground;
mod hostile;
mod incident;
mod keys;
mod life;
mod line;
mod mouse;
mod secrets;
mod signals;
mod size;
mod terminals;
mod wire;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::pty::{Terminal, Tui};

const PROBETOP: &str = env!("CARGO_BIN_EXE_probetop");

/// Targets that answer at once, in an order of their own; `alpha` is the first by name.
const NAMES: [&str; 12] = [
    "kilo", "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "lima",
];

/// A configuration of `names`, all of them the steady endpoint of the built-in service, without this machine.
fn config(names: &[&str]) -> String {
    let mut text = String::from("host = false\n");
    for name in names {
        // Writing to a string does not fail.
        let _ = write!(text, "\n[[target]]\nname = \"{name}\"\nurl = \"demo://health\"\n");
    }
    text
}

fn write_config(home: &Path, text: &str) {
    fs::write(home.join("probetop.toml"), text).expect("the home can be written to");
}

/// A terminal whose home holds `config` as `probetop.toml`, which is where probetop looks first.
fn terminal(config: &str, cols: u16, rows: u16) -> Terminal {
    let terminal = Terminal::new(cols, rows);
    write_config(terminal.home(), config);
    terminal
}

/// probetop with `config`, once it has drawn its last target.
fn start(config: &str, cols: u16, rows: u16) -> Tui {
    let tui = terminal(config, cols, rows).probetop(&[]);
    tui.wait_for("the first frame", |screen| screen.contents().contains("? help"));
    tui
}

/// The screen's row, counted from 0, that contains `text`, and the column it begins at.
#[track_caller]
fn position(tui: &Tui, text: &str) -> (u16, u16) {
    let screen = tui.text();
    let at = |(y, line): (usize, &str)| Some((line[..line.find(text)?].chars().count() as u16, y as u16));
    screen
        .lines()
        .enumerate()
        .find_map(at)
        .unwrap_or_else(|| panic!("no {text:?} on the screen:\n{screen}"))
}

/// Quits by key and looks whether everything is as it was.
#[track_caller]
fn quit(mut tui: Tui) {
    tui.send("q");
    let exit = tui.wait_exit();
    assert_eq!((exit.exit_code(), exit.signal()), (0, None), "{}", tui.text());
    assert!(tui.is_restored());
}
