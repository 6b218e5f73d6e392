//! What the user sees: every pane at the sizes it is designed for, as text with a layer of styles, and what a second costs.

#[path = "support/fixture_snapshot.rs"]
mod fixture_snapshot;

use std::fmt::Write;
use std::sync::Arc;

use probetop::clock::Timestamp;
use probetop::sample::{FailureKind, Micros, TargetInfo, Text, Window};
use probetop::snapshot::{Bucket, Detail, Feed, Point, Query, Snapshot};
use probetop::ui::action::COMMANDS;
use probetop::ui::keys::KeyMap;
use probetop::ui::pane;
use probetop::ui::terminal::encoder::Encoder;
use probetop::ui::theme::{Depth, Glyphs, Theme};
use probetop::ui::view::{Pane, Pointer, PointerKind, View};
use probetop::ui::widget::timeline::Motion;
use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

const TICK: u64 = 3600;
const SIZES: [(u16, u16); 4] = [(80, 24), (160, 50), (200, 60), (40, 10)];

fn view(size: (u16, u16)) -> View {
    View::new(
        "shop.toml".into(),
        Arc::new(KeyMap::default()),
        Motion::Sweep,
        Window::OneMinute,
        size,
    )
}

fn theme(depth: Depth, glyphs: Glyphs) -> Theme {
    Theme::try_new("dark", depth, glyphs).unwrap()
}

/// Presses keys, written as in the configuration and separated by spaces; typed text goes letter by letter.
fn press(view: &mut View, snapshot: &Snapshot, keys: &str) {
    for key in keys.split_whitespace() {
        let chord = key.parse().unwrap();
        if view.is_typing() {
            view.edit(probetop::ui::keys::Chord::edit(chord), snapshot);
        } else if let Some(action) = view.keys.action(chord) {
            view.update(action, snapshot);
        }
    }
}

fn ask(view: &View, snapshot: &Snapshot) -> Query {
    view.query(None, snapshot).expect("nothing was asked before")
}

/// The screen after `keys`, with the answer to what the view asks for.
fn draw(count: usize, size: (u16, u16), keys: &str, theme: &Theme) -> Buffer {
    let mut view = view(size);
    let before = fixture_snapshot::with_targets(count, TICK);
    view.observe(&before);
    press(&mut view, &before, keys);
    let snapshot = fixture_snapshot::answer(count, TICK, &ask(&view, &before));
    view.observe(&snapshot);
    render(&snapshot, &view, theme)
}

fn render(snapshot: &Snapshot, view: &View, theme: &Theme) -> Buffer {
    let area = Rect::new(0, 0, view.size.0, view.size.1);
    let mut buf = Buffer::empty(area);
    pane::render(area, &mut buf, snapshot, view, theme);
    buf
}

/// The cells as lines, then for each line the stretches that have a style, then what the styles are.
fn picture(buf: &Buffer) -> String {
    let mut text = String::new();
    let mut layer = String::new();
    let mut styles: Vec<String> = Vec::new();
    for y in 0..buf.area.height {
        let cells: Vec<&Cell> = (0..buf.area.width).map(|x| &buf[(x, y)]).collect();
        let mut line = String::new();
        let mut hidden = 0;
        for cell in &cells {
            if hidden == 0 {
                line.push_str(cell.symbol());
                hidden = UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            hidden -= 1;
        }
        writeln!(text, "{}", line.trim_end()).unwrap();
        write!(layer, "{y:02}").unwrap();
        let mut x = 0;
        for run in cells.chunk_by(|a, b| style(a) == style(b)) {
            let style = style(run[0]);
            let blank =
                run.iter().all(|cell| cell.symbol() == " ") && !style.contains("on ") && !style.contains("REVERSED");
            if !style.is_empty() && !blank {
                let number = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
                    styles.push(style.clone());
                    styles.len() - 1
                });
                write!(layer, " {}:{x}+{}", char::from(b'a' + number as u8), run.len()).unwrap();
            }
            x += run.len();
        }
        layer.push('\n');
    }
    for (number, style) in styles.iter().enumerate() {
        writeln!(layer, "{} = {style}", char::from(b'a' + number as u8)).unwrap();
    }
    format!("{text}--- styles\n{layer}")
}

fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg));
    }
    if !cell.modifier.is_empty() {
        words.push(format!("{:?}", cell.modifier));
    }
    words.join(" ")
}

fn check_pane(name: &str, keys: &str) {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    for (width, height) in SIZES {
        let buf = draw(12, (width, height), keys, &theme);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&buf));
    }
}

#[test]
fn the_overview_looks_as_designed() {
    check_pane("overview", "");
}

#[test]
fn the_target_pane_looks_as_designed() {
    check_pane("target", "2");
}

#[test]
fn the_machine_pane_looks_as_designed() {
    check_pane("machine", "3");
}

#[test]
fn the_alerts_pane_looks_as_designed() {
    check_pane("alerts", "4");
}

#[test]
fn the_help_pane_looks_as_designed() {
    check_pane("help", "?");
}

#[test]
fn every_colour_depth_and_ascii_look_as_designed() {
    let check = |name: &str, depth, glyphs| {
        let theme = theme(depth, glyphs);
        for (pane, keys) in [("overview", ""), ("target", "2"), ("machine", "3")] {
            let buf = draw(12, (80, 24), keys, &theme);
            insta::assert_snapshot!(format!("{pane}_80x24_{name}"), picture(&buf));
        }
    };
    check("256", Depth::Colors256, Glyphs::UNICODE);
    check("16", Depth::Colors16, Glyphs::UNICODE);
    check("none", Depth::None, Glyphs::UNICODE);
    check("ascii", Depth::None, Glyphs::ASCII);
}

#[test]
fn what_happens_on_the_way_looks_as_designed() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let check = |name: &str, count, keys: &str| {
        insta::assert_snapshot!(name, picture(&draw(count, (80, 24), keys, &theme)));
    };
    check("frozen", 12, "space");
    check("typing_a_filter", 12, "/ a p i");
    check("filtered", 12, "/ a p i enter");
    check("nothing_matches", 12, "/ z z z enter");
    check("no_targets", 0, "");
    check("scrolled", 200, "G");
    check("sorted_by_name", 12, "s");
    check("target_that_fails", 12, "down enter");
    check("target_scrolled", 12, "enter G");
    check("long_axis", 12, "- - -");
    check("help_searched", 12, "? / z o o m enter");
}

#[test]
fn a_screen_too_small_says_so() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    let buf = draw(12, (29, 10), "", &theme);
    assert!(picture(&buf).starts_with("probetop needs 30x6\n"));
}

#[test]
fn no_screen_without_colour_has_a_colour() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    for keys in ["", "2", "3", "4", "?", "space", "/ a"] {
        let buf = draw(12, (160, 50), keys, &theme);
        let coloured = buf
            .content
            .iter()
            .find(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, None, "after {keys:?}");
    }
}

#[test]
fn an_ascii_screen_is_ascii() {
    let theme = theme(Depth::TrueColor, Glyphs::ASCII);
    for keys in ["", "2", "3", "4", "?", "space", "/ a"] {
        let buf = draw(12, (160, 50), keys, &theme);
        let stray = buf.content.iter().find(|cell| !cell.symbol().is_ascii());
        assert_eq!(stray, None, "after {keys:?}");
    }
}

#[test]
fn the_same_inputs_draw_the_same_cells() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    assert_eq!(draw(12, (160, 50), "2", &theme), draw(12, (160, 50), "2", &theme));
}

#[test]
fn help_shows_every_action_with_its_keys() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    let text = picture(&draw(12, (120, 100), "?", &theme));
    for command in COMMANDS {
        assert!(text.contains(command.help), "{}", command.name);
        assert!(text.contains(&command.keys.join(" ")), "{}", command.name);
    }
}

/// Bytes per frame over a minute of frames, after the first.
fn bytes_per_second(size: (u16, u16), keys: &str) -> usize {
    const FRAMES: u64 = 60;
    let theme = theme(Depth::Colors256, Glyphs::UNICODE);
    let mut view = view(size);
    let mut encoder = Encoder::default();
    let mut shown: Option<Buffer> = None;
    let mut bytes = 0;
    for tick in TICK..=TICK + FRAMES {
        let query = ask(&view, &fixture_snapshot::with_targets(20, tick));
        let snapshot = fixture_snapshot::answer(20, tick, &query);
        view.observe(&snapshot);
        if shown.is_none() {
            press(&mut view, &snapshot, keys);
        }
        let next = render(&snapshot, &view, &theme);
        match &shown {
            None => drop(encoder.repaint(&Buffer::empty(next.area), &next)),
            Some(shown) => bytes += encoder.changes(shown, &next).len(),
        }
        shown = Some(next);
    }
    bytes / FRAMES as usize
}

#[test]
fn a_second_costs_few_bytes() {
    let check = |size, keys, limit| {
        let bytes = bytes_per_second(size, keys);
        println!("{size:?} {keys:?}: {bytes} bytes a second");
        assert!(
            bytes <= limit,
            "{size:?} {keys:?}: {bytes} bytes a second, more than {limit}"
        );
    };
    check((200, 50), "", 1500);
    check((80, 24), "", 600);
    check((200, 50), "2", 1500);
    check((80, 24), "2", 600);
    check((200, 50), "3", 1500);
    check((200, 50), "4", 300);
    check((200, 50), "?", 100);
}

#[test]
fn a_frozen_screen_costs_only_its_badge() {
    let theme = theme(Depth::Colors256, Glyphs::UNICODE);
    let mut view = view((160, 50));
    let mut snapshot = fixture_snapshot::with_targets(12, TICK);
    snapshot.feed = Feed::Frozen;
    view.observe(&snapshot);
    let before = render(&snapshot, &view, &theme);
    let mut encoder = Encoder::default();
    encoder.repaint(&Buffer::empty(before.area), &before);
    snapshot.now = snapshot.now + std::time::Duration::from_secs(1);
    let after = render(&snapshot, &view, &theme);
    assert!(encoder.changes(&before, &after).len() < 80);
    assert!(encoder.changes(&after, &after).is_empty());
}

/// Figures no machine should report and no probe should bring.
fn hostile(mut snapshot: Snapshot) -> Snapshot {
    let names = ["", "日本語".repeat(60).as_str(), "e\u{301}\u{301}\u{301}", "👩‍👩‍👧‍👦 family"].map(Text::clean);
    for (index, target) in snapshot.targets.iter_mut().enumerate() {
        let name = names[index % names.len()].clone();
        target.info = Arc::new(TargetInfo {
            name: name.clone(),
            url: name,
            group: None,
            ..(*target.info).clone()
        });
        target.stats.attempts = u64::MAX;
        target.stats.failed = u64::MAX;
        target.stats.failures = vec![(FailureKind::Tls, u64::MAX); 30];
        let point = Point {
            attempts: u32::MAX,
            failed: u32::MAX,
            p50: Some(Micros(0)),
            p95: Some(Micros(u32::MAX)),
            p99: None,
            max: None,
        };
        target.series = vec![point; 500].into();
        let bucket = Bucket {
            low: Micros(u32::MAX),
            high: Micros(0),
            count: u64::MAX,
        };
        let detail = Detail {
            distribution: vec![bucket; 300],
            ..target.detail.as_deref().cloned().unwrap_or_default()
        };
        target.detail = Some(Arc::new(detail));
    }
    if let Some(host) = &mut snapshot.host {
        let mut reading = (*host.reading).clone();
        reading.cpu.per_core_ratio = [f64::NAN, f64::INFINITY, -1.0, 7.0].repeat(256);
        reading.cpu.load_1m = Some(f64::NAN);
        reading.memory.used_bytes = u64::MAX;
        reading.networks = vec![reading.networks[0].clone(); 100];
        host.reading = Arc::new(reading);
        let mut history = (*host.history).clone();
        history.cpu_ratio = vec![Some(f32::NAN), Some(f32::INFINITY), Some(f32::MIN), None];
        history.disk_read_bytes_per_s = vec![Some(f32::INFINITY); 9];
        host.history = Arc::new(history);
    }
    snapshot.axis_end = u64::MAX;
    snapshot.taken = Timestamp::ZERO;
    snapshot.monitor.dropped_total = u64::MAX;
    snapshot.monitor.own.cpu_ratio = Some(f64::NAN);
    snapshot
}

#[test]
fn hostile_figures_do_not_panic() {
    for glyphs in [Glyphs::UNICODE, Glyphs::ASCII] {
        let theme = theme(Depth::TrueColor, glyphs);
        for (size, keys) in SIZES
            .into_iter()
            .chain([(300, 100), (31, 7)])
            .flat_map(|size| ["", "2", "2 G", "3", "3 G", "4", "?", "/ 日 enter", "s s s S G"].map(|keys| (size, keys)))
        {
            let mut view = view(size);
            let snapshot = hostile(fixture_snapshot::with_targets(12, TICK));
            view.observe(&snapshot);
            press(&mut view, &snapshot, keys);
            render(&snapshot, &view, &theme);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_size_key_or_snapshot_panics(
        sizes in prop::collection::vec((0u16..300, 0u16..100), 1..4),
        inputs in prop::collection::vec((0usize..60, 0u16..300, 0u16..100), 0..40),
        count in 0usize..40,
        tick in 0u64..5000,
        ascii in any::<bool>(),
    ) {
        let glyphs = if ascii { Glyphs::ASCII } else { Glyphs::UNICODE };
        let theme = theme(Depth::Colors256, glyphs);
        let mut view = view(sizes[0]);
        let mut snapshot = fixture_snapshot::with_targets(count, tick);
        view.observe(&snapshot);
        for (step, (input, x, y)) in inputs.into_iter().enumerate() {
            let typed = ['/', 'a', ' ', '日', '\u{301}'];
            match COMMANDS.get(input) {
                Some(command) if !view.is_typing() => {
                    view.update(command.action, &snapshot);
                }
                Some(_) => {
                    let key = typed[input % typed.len()].to_string();
                    if let Ok(chord) = key.parse() {
                        view.edit(probetop::ui::keys::Chord::edit(chord), &snapshot);
                    }
                }
                None => {
                    let kind = [PointerKind::Click, PointerKind::WheelUp, PointerKind::WheelDown][input % 3];
                    view.point(Pointer { x, y, kind }, &snapshot);
                }
            }
            if step % 3 == 0 {
                snapshot = fixture_snapshot::answer(count / (1 + step % 4), tick + step as u64, &ask(&view, &snapshot));
                view.observe(&snapshot);
            }
            let size = sizes[step % sizes.len()];
            view.resize(size, &snapshot);
            render(&snapshot, &view, &theme);
        }
        prop_assert!(Pane::ALL.contains(&view.pane));
    }
}
