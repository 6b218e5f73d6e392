//! What goes over the wire: as little as possible, and nothing the terminal cannot show.

use super::{NAMES, config, quit, start, terminal};
use crate::support::pty::{Terminal, Tui};
use crate::support::raw_server::{OK, RawServer, keeps_answering};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The parameters of every SGR sequence.
fn styles(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let sequence = |rest: &str| -> Option<String> {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    };
    text.split("\x1b[").skip(1).filter_map(sequence).collect()
}

/// What a style does to colours.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Kind {
    Plain,
    Sixteen,
    Indexed,
    Direct,
}

fn kinds(style: &str) -> Vec<Kind> {
    let mut codes = style.split(';').map(|code| code.parse().unwrap_or(0));
    let mut kinds = Vec::new();
    while let Some(code) = codes.next() {
        let kind = match code {
            38 | 48 if codes.next() == Some(5) => Kind::Indexed,
            38 | 48 => Kind::Direct,
            30..=37 | 40..=47 | 90..=97 | 100..=107 => Kind::Sixteen,
            _ => Kind::Plain,
        };
        kinds.push(kind);
        let rest = match kind {
            Kind::Indexed => 1,
            Kind::Direct => 3,
            Kind::Plain | Kind::Sixteen => 0,
        };
        codes.by_ref().take(rest).for_each(drop);
    }
    kinds
}

/// All panes of the built-in service, as bytes.
fn all_panes(variables: &[(&str, &str)], args: &[&str]) -> Vec<u8> {
    let terminal = Terminal::new(110, 40);
    let terminal = variables
        .iter()
        .fold(terminal, |terminal, (name, value)| terminal.env(name, value));
    let mut tui = terminal.probetop(&[&["demo"], args].concat());
    tui.wait_for_text("checkout");
    tui.wait_for_frames(2);
    for keys in ["2", "3", "4", "?"] {
        tui.send(keys);
        tui.wait_for_frames(1);
    }
    let output = tui.output(0);
    quit(tui);
    output
}

#[test]
fn each_colour_depth_sends_its_own_kind_alone() {
    let check = |variables: &[(&str, &str)], args: &[&str], expected: &[Kind]| {
        let output = all_panes(variables, args);
        let all = styles(&output);
        let kinds: Vec<_> = all.iter().flat_map(|style| kinds(style)).collect();
        assert!(!kinds.is_empty());
        for kind in &kinds {
            assert!(
                expected.contains(kind),
                "{kind:?} with {variables:?} {args:?} in {all:?}"
            );
        }
        assert!(
            expected.iter().all(|kind| kinds.contains(kind)),
            "{expected:?} with {variables:?} in {all:?}"
        );
    };
    check(&[("NO_COLOR", "1")], &[], &[Kind::Plain]);
    check(&[], &["--color", "never"], &[Kind::Plain]);
    check(&[("TERM", "xterm")], &[], &[Kind::Plain, Kind::Sixteen]);
    check(&[], &[], &[Kind::Plain, Kind::Indexed]);
    check(&[("COLORTERM", "truecolor")], &[], &[Kind::Plain, Kind::Direct]);
}

#[test]
fn ascii_terminals_get_ascii() {
    for (variables, args) in [(&[][..], &["--ascii"][..]), (&[("LANG", "C")], &[])] {
        let output = all_panes(variables, args);
        let beyond = output.iter().position(|byte| *byte > 0x7f);
        let near =
            beyond.map(|at| String::from_utf8_lossy(&output[at.saturating_sub(40)..(at + 10).min(output.len())]));
        assert_eq!(near, None, "{variables:?} {args:?}");
    }
}

fn count(output: &[u8], needle: &[u8]) -> usize {
    output.windows(needle.len()).filter(|window| window == &needle).count()
}

#[test]
fn each_frame_is_one_synchronized_update() {
    let mut tui = start(&config(&NAMES), 80, 24);
    tui.send("2");
    tui.wait_for_frames(3);
    let output = tui.output(0);
    let text = String::from_utf8_lossy(&output).into_owned();
    let frames: Vec<_> = text.split("\x1b[?2026h").skip(1).collect();
    assert_eq!(count(&output, BEGIN), frames.len());
    for frame in &frames[..frames.len() - 1] {
        assert!(
            frame.ends_with("\x1b[?2026l"),
            "something stands between two frames: {frame:?}"
        );
    }
    assert!(count(&output, END) >= frames.len() - 1);
    quit(tui);
}

/// Bytes in each of the next `count` frames, between the marks.
fn frame_sizes(tui: &Tui, count: u64) -> Vec<usize> {
    let from = tui.bytes();
    // The first may be under way already.
    tui.wait_for_frames(count + 1);
    let output = tui.output(from);
    let text = String::from_utf8_lossy(&output);
    let frames = text.split("\x1b[?2026h").skip(1);
    frames
        .filter_map(|frame| frame.split_once("\x1b[?2026l"))
        .map(|(frame, _)| frame.len())
        .collect()
}

#[test]
fn a_frozen_screen_sends_its_badge_alone() {
    let mut tui = start(&config(&NAMES), 110, 40);
    tui.wait_for_frames(2);
    tui.send(" ");
    tui.wait_for_text(" -2s ");
    let sizes = frame_sizes(&tui, 4);
    println!("a frozen frame: {sizes:?} bytes");
    assert!(sizes.len() >= 4 && sizes.iter().all(|size| *size <= 128), "{sizes:?}");
    quit(tui);
}

#[test]
fn a_screen_without_anything_to_measure_sends_next_to_nothing() {
    // Wide enough for the time of the run: without it nothing would change at all.
    let tui = Terminal::new(130, 40).probetop(&["--no-host"]);
    tui.wait_for_text("No targets yet");
    tui.wait_for("the hint gone", |screen| screen.contents().contains("? help"));
    let sizes = frame_sizes(&tui, 4);
    println!("an empty frame: {sizes:?} bytes");
    assert!(sizes.len() >= 4 && sizes.iter().all(|size| *size <= 128), "{sizes:?}");
    quit(tui);
}

/// The median of bytes a frame with 20 targets and this machine.
fn bytes_per_second(cols: u16, rows: u16, motion: &str) -> usize {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let server = runtime.block_on(RawServer::start(keeps_answering(OK)));
    let targets: String = (0..20)
        .map(|number| {
            format!(
                "[[target]]\nname = \"service-{number:02}\"\nurl = \"{}\"\n",
                server.url("/")
            )
        })
        .collect();
    // A window that is full soon: until then each second counts what percentiles still lack.
    let config = format!("window = \"10s\"\nmotion = \"{motion}\"\n{targets}");
    let tui = terminal(&config, cols, rows).probetop(&[]);
    tui.wait_for_text("service-00");
    // The columns fill up in the first seconds.
    tui.wait_for_frames(12);
    let mut sizes = frame_sizes(&tui, 13);
    println!("{cols}x{rows}, 20 targets: {sizes:?} bytes a frame");
    quit(tui);
    sizes.sort_unstable();
    sizes[sizes.len() / 2]
}

/// A busy machine adds frames in which much changes at once; half of them are as they should be.
fn check_budget(cols: u16, rows: u16, motion: &str, budget: usize) {
    let median = bytes_per_second(cols, rows, motion);
    assert!(
        median <= budget,
        "{median} bytes a second at {cols}x{rows}, {budget} wanted"
    );
}

#[test]
fn twenty_targets_on_a_small_screen_cost_a_kilobyte_a_second() {
    check_budget(80, 24, "scroll", 1024);
}

#[test]
fn twenty_targets_on_a_large_screen_cost_two_kilobytes_a_second_while_charts_are_swept() {
    check_budget(200, 50, "sweep", 2048);
}

#[test]
fn twenty_targets_on_a_large_screen_cost_six_kilobytes_a_second_while_charts_scroll() {
    check_budget(200, 50, "scroll", 6 * 1024);
}
