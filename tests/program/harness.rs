//! The pseudo-terminal harness, tried on small programs that are everywhere.

use crate::support::pty::{Terminal, Tui, key};
use crate::support::waiting::until;
use rustix::process::Signal;

fn sh(script: &str) -> Tui {
    Terminal::new(40, 10).run("sh", &["-c", script])
}

/// Turns on everything a full-screen program turns on, draws a frame, waits for a line, and turns it off again.
const FULL_SCREEN: &str = r"
    saved=$(stty -g); stty raw -echo
    printf '\033[?1049h\033[?25l\033[?2004h\033[?1002h\033[?1006h\033[?1004h\033[?2026hpicture\033[?2026l drawn'
    head -c 1 >/dev/null
    printf '\033[?1004l\033[?1006l\033[?1002l\033[?2004l\033[?25h\033[?1049l'
    stty $saved
    printf 'after'";

#[test]
fn what_the_program_prints_is_on_the_screen() {
    let mut tui = sh("printf 'one\\ntwo'");
    assert!(tui.wait_exit().success());
    assert_eq!(tui.text(), "one\ntwo");
    assert_eq!(tui.bytes(), 8, "the line discipline adds a carriage return");
}

#[test]
fn what_is_typed_reaches_the_program() {
    let mut tui = Terminal::new(40, 10).run("cat", &[]);
    tui.send("hello\r");
    tui.wait_for_text("hello\nhello");
    tui.send(key::CTRL_D);
    assert!(tui.wait_exit().success());
}

#[test]
fn a_click_is_what_an_xterm_sends() {
    assert_eq!(key::click(9, 0), "\x1b[<0;10;1M\x1b[<0;10;1m");
}

#[test]
fn exit_codes_and_signals_are_told_apart() {
    assert_eq!(sh("exit 3").wait_exit().exit_code(), 3);
    let mut killed = sh("echo up; exec cat");
    killed.wait_for_text("up");
    killed.signal(Signal::TERM);
    assert_eq!(killed.wait_exit().signal(), Some("Terminated"));
}

#[test]
fn the_environment_is_what_the_test_says() {
    let mut tui = Terminal::new(80, 10)
        .env("NO_COLOR", "1")
        .run("sh", &["-c", "env | cut -c 1-30 | sort; pwd"]);
    tui.wait_exit();
    let text = tui.text();
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let ours: Vec<_> = names
        .into_iter()
        .filter(|name| !["PWD", "SHELL", "OLDPWD", "SHLVL", "_"].contains(name))
        .collect();
    assert_eq!(ours, ["HOME", "LANG", "NO_COLOR", "PATH", "TERM"]);
    let home = tui.home().display().to_string();
    assert!(
        text.contains(&format!("HOME={home}\n")) && text.ends_with(&home),
        "{text}"
    );
}

#[test]
fn a_new_size_reaches_the_program_and_the_screen() {
    let mut tui = sh("stty size; trap 'stty size; exit' WINCH; echo ready; while :; do head -c 1 >/dev/null; done");
    tui.wait_for_text("10 40\nready");
    tui.resize(100, 30);
    tui.send("\r");
    tui.wait_for_text("30 100");
    assert_eq!(tui.screen(|screen| screen.size().1.get()), 100);
}

#[test]
fn a_terminal_in_use_is_not_restored_and_one_left_in_order_is() {
    let mut tui = sh(FULL_SCREEN);
    tui.wait_for_text("picture drawn");
    assert_eq!((tui.frames(), tui.is_restored()), (1, false));
    tui.send("q");
    tui.wait_exit();
    assert!(tui.is_restored());
    assert_eq!(tui.text(), "after");
}

#[test]
fn every_mode_left_behind_is_noticed() {
    for left in ["?1049h", "?25l", "?2004h", "?1000h", "?1003h", "?1004h", "?2026h"] {
        let mut tui = sh(&format!("printf '\\033[{left}'"));
        tui.wait_exit();
        assert!(!tui.is_restored(), "{left}");
    }
    let mut raw = sh("stty raw -echo");
    raw.wait_exit();
    assert!(!raw.is_restored(), "raw mode");
}

#[test]
fn a_lost_terminal_hangs_the_program_up() {
    let mut tui = sh("echo up; exec cat");
    tui.wait_for_text("up");
    tui.hangup();
    assert_eq!(tui.wait_exit().signal(), Some("Hangup"));
}

#[test]
fn a_stalled_terminal_takes_no_bytes_until_it_is_resumed() {
    let mut tui = sh("echo up; head -c 1 >/dev/null; echo up > released; seq 100000; echo done");
    tui.wait_for_text("up");
    tui.stall();
    let before = tui.bytes();
    tui.send("\r");
    until("the program goes on", || tui.home().join("released").exists());
    assert_eq!(tui.bytes(), before);
    tui.resume();
    tui.wait_for_text("100000\ndone");
    assert!(tui.bytes() > before + 600_000);
}

#[test]
fn a_job_can_be_stopped_and_brought_back() {
    let mut tui = Terminal::new(60, 20).run_under_shell("cat", &["-"]);
    tui.send("first\r");
    tui.wait_for_text("first\nfirst");
    tui.send(key::CTRL_Z);
    tui.wait_for_prompt();
    assert!(tui.text().contains("Stopped"));
    tui.send("fg\rsecond\r");
    tui.wait_for("the word typed and the word copied", |screen| {
        screen.contents().matches("second").count() == 2
    });
    tui.send(key::CTRL_D);
    tui.wait_for_prompt();
    tui.send("exit\r");
    assert!(tui.wait_exit().success());
}

#[test]
fn a_foreground_job_gets_the_signal_and_its_shell_does_not() {
    let mut tui = Terminal::new(60, 20).run_under_shell("sh", &["-c", "echo up; exec cat"]);
    tui.wait_for_text("\nup");
    tui.signal(Signal::TERM);
    tui.wait_for_prompt();
    assert!(tui.text().contains("Terminated"));
    tui.send("echo still here | tr a-z A-Z; exit\r");
    assert!(tui.wait_exit().success());
    assert!(tui.text().contains("STILL HERE"));
}

#[test]
#[should_panic(expected = "the program ended without \"never\" on the screen")]
fn waiting_for_what_cannot_come_fails_with_the_screen() {
    sh("echo something else").wait_for_text("never");
}
