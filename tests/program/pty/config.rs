//! The configuration as the screen meets it: keys of one's own, and reloading.

use rustix::process::Signal;

use super::{config, quit, start, terminal, write_config};
use crate::support::pty::{Terminal, key};

#[test]
fn keys_can_be_rebound_and_the_screen_says_the_new_ones() {
    let text = format!(
        "keys = {{ quit = [\"x\"], freeze = [\"f2\"], help = [\"ctrl-h\"] }}\n{}",
        config(&["alpha"])
    );
    let mut tui = terminal(&text, 110, 40).probetop(&[]);
    tui.wait_for_text("x quit");
    tui.wait_for_text("f2 freeze");
    tui.send("q ?");
    tui.send("\x1bOQ");
    tui.wait_for_text("end live");
    tui.send("x");
    assert!(tui.wait_exit().success());
    assert!(tui.is_restored());
}

#[test]
fn two_actions_on_one_key_are_a_configuration_error_that_names_both() {
    let text = format!(
        "keys = {{ freeze = [\"f2\"], export = [\"f2\"], quitt = [\"x\"] }}\n{}",
        config(&["alpha"])
    );
    let mut tui = terminal(&text, 110, 40).probetop(&[]);
    assert_eq!(tui.wait_exit().exit_code(), 2);
    let text = tui.text();
    for part in [
        "probetop.toml",
        "\"f2\" is bound",
        "\"export\"",
        "\"quitt\"",
        "did you mean \"quit\"?",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(tui.is_restored());
}

#[test]
fn a_changed_file_is_followed_and_an_invalid_one_is_not() {
    let tui = start(&config(&["alpha"]), 130, 40);
    write_config(tui.home(), &config(&["alpha", "bravo"]));
    tui.wait_for_text("configuration reloaded: targets 1 added");
    tui.wait_for_text("bravo");

    write_config(
        tui.home(),
        "host = false\n[[target]]\nname = \"alpha\"\nurl = \"gopher://x\"\n",
    );
    tui.wait_for_text("the old configuration stays: probetop.toml:4:7");
    assert!(tui.text().contains("bravo"));

    write_config(tui.home(), &config(&["bravo"]));
    tui.wait_for_text("configuration reloaded: targets 1 removed");
    tui.wait_for("bravo alone", |screen| !screen.contents().contains("alpha"));
    quit(tui);
}

#[test]
fn a_key_and_a_signal_reload_too() {
    let mut tui = start(&config(&["alpha"]), 130, 40);
    tui.send("r");
    tui.wait_for_text("configuration reloaded: targets as before");
    tui.wait_for("the message gone", |screen| !screen.contents().contains("reloaded"));
    tui.signal(Signal::USR1);
    tui.wait_for_text("configuration reloaded: targets as before");
    quit(tui);
}

#[test]
fn a_reload_changes_keys_theme_and_mouse_of_the_running_screen() {
    let tui = start(&config(&["alpha"]), 130, 40);
    let before = tui.bytes();
    let text = format!(
        "theme = \"mine\"\nmouse = false\nkeys = {{ machine = [\"M\"] }}\n{}",
        config(&["alpha"])
    );
    write_config(tui.home(), &text);
    tui.wait_for_text("the old configuration stays: probetop.toml:1:9: unknown theme \"mine\"");

    let text = text.replace("mine", "./mine.toml");
    std::fs::write(
        tui.home().join("mine.toml"),
        "base = \"dark\"\nground = \"#102030 paint\"\ntext = \"#ffffff\"\n",
    )
    .unwrap();
    write_config(tui.home(), &text);
    tui.wait_for_text("configuration reloaded");
    tui.wait_for("the new ground", |screen| {
        let cell = screen.cell(20, 60);
        cell.is_some_and(|cell| cell.bgcolor() != vt100::Color::Default)
    });
    let written = String::from_utf8_lossy(&tui.output(before)).into_owned();
    assert!(
        written.contains("\x1b[?1006l\x1b[?1002l\x1b[?1000l"),
        "the mouse is the terminal's"
    );
    tui.wait_for_text("M Machine");
    quit(tui);
}

#[test]
fn a_copy_goes_to_the_terminals_clipboard_and_through_tmux() {
    let mut tui = terminal(&config(&["alpha"]), 110, 30)
        .env("TMUX", "/tmp/tmux-1/default,1,0")
        .probetop(&[]);
    tui.wait_for_text("alpha");
    tui.send("y");
    tui.wait_for_text("copied alpha");
    tui.wait_for_outputs("\x1b]52;c;YWxwaGE=\x1b\\", 1);
    tui.wait_for_outputs("\x1bPtmux;\x1b\x1b]52;c;YWxwaGE=\x1b\x1b\\\x1b\\", 1);
    quit(tui);
}

#[test]
fn the_first_keys_are_told_once() {
    let mut tui = start(&config(&["alpha"]), 110, 30);
    tui.wait_for_text(": every action");
    tui.send("4");
    tui.wait_for_text("No alerts");
    tui.send("1");
    tui.wait_for("no hint", |screen| !screen.contents().contains(": every action"));
    quit(tui);
}

#[test]
fn a_target_on_the_command_line_needs_no_file() {
    let mut tui = Terminal::new(100, 30).probetop(&["--no-host", "shop=demo://checkout"]);
    tui.wait_for_text("shop");
    tui.send(key::CTRL_C);
    assert!(tui.wait_exit().success());
}
