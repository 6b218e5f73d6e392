//! One secret, and every way out of the screen.

use std::fs;

use super::{quit, terminal};
use crate::support::pty::key;
use crate::support::secret::{Repeater, SECRET, expect_none};

#[test]
fn no_pane_and_no_export_shows_a_secret_in_any_form() {
    let repeater = Repeater::start();
    let terminal = terminal("", 160, 50).env("SECRET", SECRET);
    let home = terminal.home().to_owned();
    let themes = home.join(".config/probetop/themes");
    fs::create_dir_all(&themes).expect("a folder of themes");
    // A name may hold anything but a slash.
    fs::write(themes.join("\u{1b}[31mred.toml"), "").expect("a theme");
    fs::write(home.join("probetop.toml"), repeater.config(&home)).expect("a configuration");
    let mut tui = terminal.probetop(&[]);
    tui.wait_for("failures that were masked", |screen| {
        screen.contents().contains("reason")
    });
    tui.wait_for_frames(3);
    for pane in ["1", "2", "3", "4", "5", "6", "7", "8", "9"] {
        tui.send(pane);
        tui.wait_for_frames(1);
        expect_none(&format!("pane {pane}"), &tui.text());
    }
    tui.send("1");
    for (letter, what) in [
        ("c", "series"),
        ("t", "screen"),
        ("p", "picture"),
        ("j", "snapshot"),
        ("b", "baseline"),
    ] {
        tui.send(&format!("e{letter}"));
        tui.wait_for_text(&format!("{what} written to"));
    }
    tui.send("t");
    tui.wait_for_frames(1);
    expect_none("the list of themes", &tui.text());
    tui.send(key::ESC);
    for entry in fs::read_dir(&home).expect("the home can be read").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "probetop.toml" && name != "plugin" && entry.path().is_file() {
            let text = fs::read(entry.path()).expect("an export");
            expect_none(&name, &String::from_utf8_lossy(&text));
        }
    }
    quit(tui);
}
