//! What somebody does about an alert at the terminal, and where it can be read.

use super::{NAMES, config, quit, start, terminal};
use crate::support::pty::key;

/// Fires as soon as anything is measured, and for as long.
const ALIVE: &str = "
[[alert]]
name = \"alive\"
on = [\"alpha\"]
when = \"rate > 0.0\"
";

#[test]
fn an_alert_is_acknowledged_silenced_and_noted_by_key_and_its_timeline_says_so() {
    let mut tui = start(&(config(&NAMES) + ALIVE), 120, 40);
    tui.send("4");
    tui.wait_for_text("1 firing");
    // Nobody is told before somebody looks after it.
    tui.send("z");
    tui.wait_for_text("silenced");
    tui.wait_for_text("hushed");
    tui.wait_for_text("silenced, 5m left, until");
    tui.send("z");
    tui.wait_for_text("silenced, 15m left, until");
    tui.send("a");
    tui.wait_for_text("acknowledged since");
    tui.wait_for_text("acknowledged");
    tui.send("Nlooking at the cache");
    tui.wait_for_text("note on alpha alive: looking at the cache");
    tui.send(key::ENTER);
    tui.wait_for("the note in the timeline", |screen| {
        let text = screen.contents();
        // The chart of the figure stands beside it.
        text.lines()
            .any(|line| line.contains("noted") && line.contains("looking at the cache"))
    });
    tui.send("a");
    tui.wait_for_text("taken back");
    quit(tui);
}

#[test]
#[ignore = "takes 25 s"]
fn an_anomaly_is_an_alert_that_only_informs() {
    let mut tui = terminal("host = false\n", 180, 40).probetop(&["demo"]);
    tui.send("7");
    tui.wait_for_text("up 0:00:1");
    tui.wait_for_text("error burst");
    tui.send("4");
    tui.wait_for("an alert of the severity info", |screen| {
        let text = screen.contents();
        text.lines()
            .any(|line| line.trim_start().starts_with("i ") && line.contains("error burst"))
    });
    quit(tui);
}
