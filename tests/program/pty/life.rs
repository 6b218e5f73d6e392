//! From the first frame to the last.

use rustix::process::Signal;

use super::{NAMES, PROBETOP, config, quit, start, terminal};
use crate::support::pty::{Terminal, Tui, key};

#[test]
fn the_screen_takes_the_terminal_and_shows_every_target() {
    let tui = start(&config(&NAMES), 80, 24);
    for name in NAMES {
        assert!(tui.text().contains(name), "{name} in\n{}", tui.text());
    }
    assert!(tui.screen(|screen| screen.alternate_screen() && screen.hide_cursor()));
    assert!(!tui.is_restored());
    quit(tui);
}

#[test]
fn demo_needs_no_configuration() {
    let tui = Tui::start(&["demo"], 120, 40);
    tui.wait_for_text("checkout");
    tui.wait_for_text("LIVE");
    quit(tui);
}

#[test]
fn every_way_to_quit_leaves_the_terminal_as_it_was() {
    for keys in ["q", key::CTRL_C, "Q"] {
        let mut tui = start(&config(&NAMES), 80, 24);
        tui.send(keys);
        let exit = tui.wait_exit();
        assert_eq!((exit.exit_code(), exit.signal()), (0, None), "{keys:?}");
        assert!(tui.is_restored(), "{keys:?}");
    }
}

#[test]
fn quitting_leaves_the_main_screen_untouched() {
    let script = format!("echo before; {PROBETOP}; echo after");
    let mut tui = terminal(&config(&NAMES), 80, 24).run("sh", &["-c", &script]);
    tui.wait_for_text("alpha");
    tui.send("q");
    tui.wait_exit();
    assert_eq!(tui.text(), "before\nafter");
}

#[test]
fn quitting_with_the_frame_leaves_it_as_plain_text() {
    let mut tui = start(&config(&NAMES), 80, 24);
    tui.send("Q");
    tui.wait_exit();
    assert!(tui.is_restored());
    let text = tui.text();
    for name in NAMES {
        assert!(text.contains(name), "{name} in\n{text}");
    }
    // One line below the frame, so that a prompt does not overwrite it.
    assert!(
        text.starts_with(" 12 targets"),
        "the first line has scrolled away:\n{text}"
    );
    assert_eq!(tui.screen(|screen| screen.cursor_position().1), 0);
}

#[test]
fn without_a_terminal_there_is_a_clear_error() {
    for redirection in ["</dev/null", ">/dev/null", "| cat"] {
        let script =
            format!("({PROBETOP} demo; echo exit $?) {redirection} 2>&1; ({PROBETOP} demo {redirection}) 2>&1");
        let mut tui = Terminal::new(100, 24).run("sh", &["-c", &script]);
        tui.wait_exit();
        assert!(
            tui.text().contains("without one use probetop run"),
            "{redirection}:\n{}",
            tui.text()
        );
        if redirection != ">/dev/null" {
            assert!(tui.text().contains("exit 1"), "{redirection}:\n{}", tui.text());
        }
        assert!(tui.is_restored(), "{redirection}");
    }
}

#[test]
fn a_terminal_without_a_name_will_do() {
    let mut tui = terminal(&config(&NAMES), 80, 24).run("env", &["-u", "TERM", PROBETOP]);
    tui.wait_for_text("alpha");
    tui.signal(Signal::TERM);
    tui.wait_exit();
    assert!(tui.is_restored());
}
