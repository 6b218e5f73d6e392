//! Sizes: small ones, none at all, and many of them in a row.

use super::{NAMES, config, quit, start, terminal};
use crate::support::pty::Terminal;

#[test]
fn a_storm_of_sizes_ends_in_the_last_one_drawn_right() {
    let mut tui = start(&config(&NAMES), 80, 24);
    for step in 0..200_u32 {
        // Two strides without a common divisor with their ranges: every corner is visited, in no order.
        let (cols, rows) = (1 + (step * 197) % 500, 1 + (step * 83) % 200);
        tui.resize(cols as u16, rows as u16);
        // Among them what is typed into, chosen from and looked back with.
        tui.send(["\t", "j", "/a\x7f\r", "[", "x", "%", "]", "?"][step as usize % 8]);
    }
    for (cols, rows) in [(1, 1), (500, 200), (1, 200), (500, 1), (1, 1)] {
        tui.resize(cols, rows);
    }
    tui.resize(80, 24);
    tui.send("1");
    tui.wait_for("the last size", |screen| is_whole(&screen.contents(), 24));
    for name in NAMES {
        tui.wait_for_text(name);
    }
    quit(tui);
}

/// The first row is the header, the last the footer.
fn is_whole(screen: &str, rows: usize) -> bool {
    let lines: Vec<_> = screen.lines().collect();
    lines.len() == rows && lines[0].starts_with(" 1Over ") && lines[rows - 1].starts_with(" ? help")
}

#[test]
fn forty_columns_and_ten_rows_still_show_names() {
    let tui = start(&config(&["alpha", "bravo"]), 40, 10);
    assert!(
        tui.text().contains("alpha") && tui.text().contains("bravo"),
        "{}",
        tui.text()
    );
    quit(tui);
}

#[test]
fn too_small_a_terminal_is_told_so_in_one_line() {
    let mut tui = terminal(&config(&NAMES), 25, 5).probetop(&[]);
    tui.wait_for_text("probetop needs 30x6");
    assert_eq!(tui.text().trim_end().lines().count(), 1, "{}", tui.text());
    tui.resize(80, 24);
    tui.wait_for_text("alpha");
    quit(tui);
}

#[test]
fn a_terminal_that_does_not_tell_its_size_is_taken_for_80x24() {
    let tui = terminal(&config(&NAMES), 0, 0).probetop(&[]);
    tui.wait_for("80x24", |screen| is_whole(&screen.contents(), 24));
    quit(tui);
}

#[test]
fn a_terminal_larger_than_any_screen_is_drawn_in_part() {
    let tui = Terminal::new(2000, 1200).probetop(&["--no-host", "alpha=demo://health"]);
    tui.wait_for_text("alpha");
    quit(tui);
}
