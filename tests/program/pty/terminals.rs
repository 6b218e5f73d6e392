//! Other terminals than xterm: old ones, the console of Linux, and the multiplexers in between.

use std::fs;
use std::path::Path;

use super::{NAMES, PROBETOP, config, terminal};
use crate::support::pty::{Terminal, Tui};
use crate::support::waiting::until;

/// The screen is whole, keys work, and at the end a terminal of one screen is empty, its cursor shown.
#[track_caller]
fn check(term: &str) {
    let mut tui = terminal(&config(&NAMES), 80, 24).env("TERM", term).probetop(&[]);
    tui.wait_for("the whole screen", |screen| {
        let screen = screen.contents();
        screen.contains("? help") && screen.contains("+ kilo") && NAMES.iter().all(|name| screen.contains(name))
    });
    assert!(!tui.screen(|screen| screen.alternate_screen()), "{term}");
    tui.send("4");
    tui.wait_for_text("No alerts");
    tui.send("q");
    assert!(tui.wait_exit().success());
    assert_eq!(tui.text().trim(), "", "{term}");
    assert!(tui.is_restored(), "{term}");
    let output = String::from_utf8(tui.output(0)).expect("UTF-8");
    let modes: Vec<_> = output
        .split("\x1b[?")
        .skip(1)
        .filter(|mode| !mode.starts_with("25"))
        .collect();
    assert_eq!(modes, [""; 0], "{term}");
}

#[test]
fn terminals_of_one_screen_show_everything_and_are_left_empty() {
    check("vt100");
    check("vt220");
    check("linux");
    check("");
}

/// Holds the screen still and writes it as text; that file, but for the lines that tell the time.
fn frame(tui: &mut Tui) -> Vec<String> {
    // Some seconds, so that there are bars and lines to compare.
    tui.wait_for("some seconds", |screen| screen.contents().contains("0:00:04"));
    tui.send(" ");
    // What is held still is nowhere called now.
    tui.wait_for("what is held", |screen| {
        let shown = screen.contents();
        shown.contains(" -") && !shown.contains("now")
    });
    tui.send("et");
    let mut exported = None;
    until("the frame is written", || {
        let files = fs::read_dir(tui.home()).expect("the home can be read");
        let mut paths = files.filter_map(|entry| Some(entry.ok()?.path()));
        let found = paths.find(|path| path.extension().is_some_and(|it| it == "txt"));
        let text = found.and_then(|path| fs::read_to_string(path).ok());
        exported = text.filter(|text| text.contains("? help") || text.contains("esc"));
        exported.is_some()
    });
    body(&exported.expect("it was just found"))
}

/// The lines between header and footer.
fn body(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    lines[2..lines.len() - 1].to_vec()
}

/// Runs the screen in a multiplexer and compares what comes out of it with what was drawn.
#[track_caller]
fn compare(mut tui: Tui) {
    tui.wait_for("the first frame", |screen| {
        screen.contents().contains("? help") && screen.contents().contains("lima")
    });
    let drawn = frame(&mut tui);
    assert!(drawn.iter().any(|line| line.contains("alpha")), "{drawn:#?}");
    tui.wait_for("what was drawn", |screen| {
        let text: Vec<_> = screen.rows(0, 110).collect();
        body(&text.join("\n")) == drawn
    });
    tui.send("q");
    assert!(tui.wait_exit().success());
}

fn in_tmux(settings: &str, config: &str) -> Tui {
    let terminal = terminal(config, 110, 36);
    let file = terminal.home().join("tmux.conf");
    fs::write(&file, settings).expect("the home can be written to");
    let socket = terminal.home().join("tmux.socket");
    let (file, socket) = (text(&file), text(&socket));
    terminal.run("tmux", &["-u", "-S", &socket, "-f", &file, "new-session", PROBETOP])
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
#[ignore = "needs tmux"]
fn tmux_shows_what_was_drawn() {
    for term in ["tmux-256color", "screen", "xterm-256color"] {
        compare(in_tmux(
            &format!("set -g status off\nset -g default-terminal {term}\n"),
            &config(&NAMES),
        ));
    }
}

#[test]
#[ignore = "needs tmux"]
fn a_notice_for_the_desktop_gets_through_tmux() {
    let firing = "
[[alert]]
name = \"alive\"
on = [\"alpha\"]
when = \"rate > 0.0\"

[[notify]]
name = \"here\"
kind = \"terminal\"
desktop = \"osc9\"
";
    let mut tui = in_tmux("set -g allow-passthrough on\n", &(config(&NAMES) + firing));
    tui.wait_for_outputs("\x1b]9;warning: alive on alpha - ", 1);
    tui.send("q");
    assert!(tui.wait_exit().success());
}

#[test]
#[ignore = "needs screen"]
fn gnu_screen_shows_what_was_drawn() {
    for term in ["screen-256color", "screen"] {
        let terminal: Terminal = terminal(&config(&NAMES), 110, 36);
        let file = terminal.home().join("screenrc");
        fs::write(
            &file,
            format!("startup_message off\nterm {term}\naltscreen on\ndefutf8 on\n"),
        )
        .expect("written");
        let sockets = terminal.home().join("sockets");
        fs::create_dir(&sockets).expect("the home can be written to");
        fs::set_permissions(&sockets, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("it is ours");
        let (file, sockets) = (text(&file), text(&sockets));
        compare(
            terminal
                .env("SCREENDIR", &sockets)
                .run("screen", &["-U", "-c", &file, PROBETOP]),
        );
    }
}
