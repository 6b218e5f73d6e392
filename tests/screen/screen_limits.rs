//! What the screen may cost and what it must stand: bytes a second, figures that nobody should report, any key at any size.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Micros, TargetId, TargetInfo, Text};
use probetop_core::snapshot::{Bucket, Course, Detail, Feed, HostSnapshot, Point, Scope, Snapshot, TargetSnapshot};
use probetop_screen::ui::action::COMMANDS;
use probetop_screen::ui::terminal::encoder::Encoder;
use probetop_screen::ui::theme::{Depth, Glyphs};
use probetop_screen::ui::view::{Pane, Pointer, PointerKind};
use proptest::prelude::*;
use ratatui::buffer::Buffer;

use crate::support::fixture_snapshot;
use crate::support::screen::{SIZES, TICK, ask, press, render, theme, view};

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
    // With the chart of what is chosen.
    check((200, 50), "4", 700);
    check((200, 50), "5", 300);
    check((200, 50), "6", 1200);
    check((200, 50), "7", 700);
    check((200, 50), "0", 3000);
    check((80, 24), "0", 1000);
    // With a strip for each of the twenty targets.
    check((200, 50), "9", 2400);
    check((80, 24), "9", 1000);
    check((200, 50), "?", 100);
}

#[test]
fn a_frozen_screen_costs_only_its_badge() {
    let theme = theme(Depth::Colors256, Glyphs::UNICODE);
    let mut view = view((160, 50));
    let mut snapshot = fixture_snapshot::with_targets(12, TICK);
    snapshot.feed = Feed::At(snapshot.taken);
    view.observe(&snapshot);
    let before = render(&snapshot, &view, &theme);
    let mut encoder = Encoder::default();
    encoder.repaint(&Buffer::empty(before.area), &before);
    snapshot.now = snapshot.now + Duration::from_secs(1);
    let after = render(&snapshot, &view, &theme);
    assert!(encoder.changes(&before, &after).len() < 80);
    assert!(encoder.changes(&after, &after).is_empty());
}

/// Figures no machine should report and no probe should bring.
fn hostile(mut snapshot: Snapshot) -> Snapshot {
    let names = ["", "日本語".repeat(60).as_str(), "e\u{301}\u{301}\u{301}", "👩‍👩‍👧‍👦 family"].map(Text::clean);
    for (index, target) in snapshot.targets.iter_mut().enumerate() {
        hostile_target(target, names[index % names.len()].clone());
    }
    if let Some(host) = &mut snapshot.host {
        hostile_host(host);
    }
    hostile_verdicts(&mut snapshot, &names);
    snapshot.course = Some(Arc::new(hostile_course()));
    snapshot.axis_end = u64::MAX;
    snapshot.taken = Timestamp::ZERO;
    snapshot.monitor.dropped_total = u64::MAX;
    snapshot.monitor.own.cpu_ratio = Some(f64::NAN);
    snapshot
}

fn hostile_target(target: &mut TargetSnapshot, name: Text) {
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
        ..Point::default()
    };
    target.series = vec![point; 500].into();
    let bucket = Bucket {
        low: Micros(u32::MAX),
        high: Micros(0),
        count: u64::MAX,
    };
    let detail = target.detail.as_deref().cloned().unwrap_or_default();
    target.detail = Some(Arc::new(Detail {
        distribution: vec![bucket; 300],
        ..detail
    }));
}

/// Steps that are beyond all bounds, and more of them than the axis has.
fn hostile_course() -> Course {
    let bucket = |low, high| Bucket {
        low: Micros(low),
        high: Micros(high),
        count: u64::MAX,
    };
    let spread = vec![bucket(0, 0), bucket(u32::MAX, 0), bucket(0, u32::MAX), bucket(7, 7)];
    let point = Point {
        attempts: 0,
        failed: u32::MAX,
        p50: Some(Micros(u32::MAX)),
        p99: Some(Micros(0)),
        ..Point::default()
    };
    Course {
        scope: Scope::Target(TargetId(0)),
        points: vec![point; 300],
        spreads: vec![spread; 400],
    }
}

fn hostile_host(host: &mut HostSnapshot) {
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

fn hostile_verdicts(snapshot: &mut Snapshot, names: &[Text]) {
    let name = |index: usize| names[index % names.len()].clone();
    let far = Timestamp::from_secs(u64::MAX / 1_000_000_000);
    let board = Arc::make_mut(&mut snapshot.alerts);
    for (index, alert) in board
        .active
        .iter_mut()
        .chain(Arc::make_mut(&mut board.history))
        .enumerate()
    {
        (alert.subject, alert.name, alert.reason) = (name(index), name(index + 1), name(index + 2));
        (alert.value, alert.worst) = (Some(f64::NAN), Some(f64::INFINITY));
        alert.since = far;
        alert.action = Some(name(index));
    }
    for (index, cause) in board.causes.iter_mut().enumerate() {
        cause.headline = name(index);
        cause.victims = vec![name(index + 1); 300];
        cause.alerts.clear();
    }
    board.silences.iter_mut().for_each(|silence| silence.until = far);
    let mut objectives = snapshot.objectives.to_vec();
    for (index, objective) in objectives.iter_mut().enumerate() {
        (objective.name, objective.promise) = (name(index), name(index + 1));
        (objective.events, objective.bad, objective.goal_ratio) = (u64::MAX, u64::MAX, f64::NAN);
        objective.attained_ratio = Some(f64::NEG_INFINITY);
        objective.budget_left_ratio = Some(-f64::MAX);
        objective.exhausted_in = Some(Duration::MAX);
        (objective.period, objective.covered) = (Duration::ZERO, Duration::MAX);
        objective.course = vec![Some(f32::NAN), None, Some(f32::INFINITY), Some(-1.0)];
        objective.burn.iter_mut().for_each(|burn| burn.factor = 0.0);
    }
    snapshot.objectives = objectives.into();
    if let Some(health) = snapshot.health.as_mut().map(Arc::make_mut) {
        health.score = u8::MAX;
        for group in &mut health.groups {
            (group.weight, group.share_ratio, group.score) = (f64::INFINITY, f64::NAN, Some(f64::NAN));
            group
                .components
                .iter_mut()
                .for_each(|component| component.score = f64::NAN);
        }
    }
    let analysis = Arc::make_mut(&mut snapshot.analysis);
    for anomaly in &mut analysis.anomalies {
        (anomaly.seen, anomaly.usual, anomaly.score) = (f64::NAN, f64::INFINITY, f64::MIN);
    }
    for trend in &mut analysis.trends {
        (trend.per_hour, trend.now, trend.p_value) = (f64::MIN, f64::NAN, f64::NAN);
        (trend.span, trend.reaches_limit_in) = (Duration::MAX, Some(Duration::MAX));
    }
    for correlation in &mut analysis.correlations {
        (correlation.coefficient, correlation.ahead) = (f64::NAN, Duration::MAX);
    }
    for bottleneck in &mut analysis.bottlenecks {
        (bottleneck.impact_ratio, bottleneck.frequency_ratio) = (f64::NAN, f64::INFINITY);
    }
}

#[test]
fn hostile_figures_do_not_panic() {
    for glyphs in [Glyphs::UNICODE, Glyphs::CONSOLE, Glyphs::ASCII] {
        let theme = theme(Depth::TrueColor, glyphs);
        for (size, keys) in SIZES.into_iter().chain([(300, 100), (31, 7)]).flat_map(|size| {
            let panes = [
                "", "0", "0 A", "0 A A", "H", "2 H", "A A E", "2", "2 G", "3", "3 G", "4", "4 G", "5", "5 G l", "6",
                "6 G", "7", "7 G l l", "?",
            ];
            let typed = ["/ 日 enter", "s s s S G", "N 日", "4 z N 日 日 enter"];
            panes.into_iter().chain(typed).map(move |keys| (size, keys))
        }) {
            let mut view = view(size);
            let snapshot = hostile(fixture_snapshot::with_targets(12, TICK));
            view.observe(&snapshot);
            press(&mut view, &snapshot, keys);
            render(&snapshot, &view, &theme);
        }
    }
}

const POINTERS: [PointerKind; 6] = [
    PointerKind::Click,
    PointerKind::Drag,
    PointerKind::Release,
    PointerKind::RightClick,
    PointerKind::WheelUp,
    PointerKind::WheelDown,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_size_key_or_snapshot_panics(
        sizes in prop::collection::vec((0u16..=500, 0u16..120), 1..4),
        inputs in prop::collection::vec((0usize..80, 0u16..=500, 0u16..120), 0..40),
        count in 0usize..40,
        tick in 0u64..5000,
        glyphs in prop::sample::select(vec![Glyphs::UNICODE, Glyphs::CONSOLE, Glyphs::ASCII]),
    ) {
        let theme = theme(Depth::Colors256, glyphs);
        let mut view = view(sizes[0]);
        let mut snapshot = fixture_snapshot::with_targets(count, tick);
        view.observe(&snapshot);
        for (step, (input, x, y)) in inputs.into_iter().enumerate() {
            let typed = ["/", "a", "space", "日", "\u{301}", "enter", "esc", "down", "up", "backspace"];
            match COMMANDS.get(input) {
                Some(command) if !view.is_typing() => {
                    view.update(command.action, &snapshot);
                }
                Some(_) => {
                    if let Ok(chord) = typed[input % typed.len()].parse() {
                        view.edit(probetop_screen::ui::keys::Chord::edit(chord), &snapshot);
                    }
                }
                None => {
                    let kind = POINTERS[input % POINTERS.len()];
                    view.point(Pointer { x, y, kind }, &snapshot);
                }
            }
            if step % 3 == 0 {
                snapshot = fixture_snapshot::answer(count / (1 + step % 4), tick + step as u64, &ask(&view, &snapshot));
                snapshot = fixture_snapshot::with_marks(snapshot, tick);
                view.observe(&snapshot);
            }
            let size = sizes[step % sizes.len()];
            view.resize(size, &snapshot);
            render(&snapshot, &view, &theme);
        }
        prop_assert!(Pane::ALL.contains(&view.pages.shown));
    }
}
