//! Clicks on rows, tabs and headings, and the wheel.

use super::{NAMES, config, position, quit, start};
use crate::support::pty::{Tui, key};

#[track_caller]
fn click(tui: &mut Tui, text: &str) {
    let (x, y) = position(tui, text);
    tui.send(&key::click(x, y));
}

#[test]
fn a_click_selects_a_row_and_a_second_one_opens_it() {
    let mut tui = start(&config(&NAMES), 110, 40);
    click(&mut tui, "charlie");
    tui.wait_for_text(" charlie latency over");
    click(&mut tui, "charlie");
    tui.wait_for_text("last probe");
    quit(tui);
}

#[test]
fn a_click_on_a_tab_shows_its_pane() {
    let mut tui = start(&config(&NAMES), 110, 40);
    click(&mut tui, "Alerts");
    tui.wait_for_text("No alerts");
    click(&mut tui, "2 Target");
    tui.wait_for_text("last probe");
    click(&mut tui, "1 Over");
    tui.wait_for_text("p95 over");
    quit(tui);
}

#[test]
fn a_click_on_a_heading_sorts_by_it_and_a_second_one_reverses() {
    let mut tui = start(&config(&NAMES), 110, 40);
    for (heading, sorted) in [("target ", "target▴"), ("target▴", "target▾"), ("p99 ", "p99▾")] {
        let (x, y) = position(&tui, "level");
        let line = tui.text().lines().nth(usize::from(y)).expect("the headings").to_owned();
        let at = line.find(heading).map(|at| line[..at].chars().count() as u16);
        tui.send(&key::click(
            at.unwrap_or_else(|| panic!("{heading:?} after {x} in {line:?}")),
            y,
        ));
        tui.wait_for_text(sorted);
    }
    quit(tui);
}

#[test]
fn the_wheel_moves_the_selection() {
    let mut tui = start(&config(&NAMES), 110, 40);
    tui.send("s");
    tui.wait_for_text("target▴");
    tui.send(key::HOME);
    tui.wait_for_text(" alpha latency over");
    tui.send(&key::wheel_down(5, 5));
    tui.wait_for_text(" delta latency over");
    tui.send(&key::wheel_up(5, 5));
    tui.wait_for_text(" alpha latency over");
    quit(tui);
}
