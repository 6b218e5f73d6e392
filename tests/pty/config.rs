//! The configuration as the screen meets it: keys of one's own, and reloading.

use rustix::process::Signal;

use crate::pty::{Terminal, key};
use crate::{config, quit, start, terminal, write_config};

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
fn a_target_on_the_command_line_needs_no_file() {
    let mut tui = Terminal::new(100, 30).probetop(&["--no-host", "shop=demo://checkout"]);
    tui.wait_for_text("shop");
    tui.send(key::CTRL_C);
    assert!(tui.wait_exit().success());
}
