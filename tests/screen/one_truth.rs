//! No frame and no document contradicts itself: whatever happens to targets, machine and alerts, levels, counts, banner and
//! score tell one story.

use std::time::{Duration, SystemTime};

use probetop::export::json;
use probetop_core::sample::{Act, AlertId, Level, Severity, TargetId};
use probetop_core::snapshot::{AlertSnapshot, Query, Snapshot, TargetSnapshot};
use probetop_screen::ui::theme::{Depth, Glyphs};
use proptest::prelude::*;

use crate::support::scene::{Answer, Scene};
use crate::support::screen::{press, render, theme, view};

const CONFIG: &str = r#"
[host]
cpu = { warning = 0.8, critical = 0.95, for = "2s", clear_for = "3s" }
[[target]]
name = "gateway"
url = "http://gateway.example"
errors = { window = "10s" }
[[target]]
name = "checkout"
url = "http://checkout.example"
latency = { warning = "100ms", critical = "300ms", quantile = 0.5, window = "10s", clear_for = "4s" }
errors = { window = "10s", for = "2s", hysteresis = 0.2 }
depends_on = ["gateway"]
[[target]]
name = "search"
url = "http://search.example"
latency = { warning = "100ms", quantile = 0.9, window = "10s", for = "3s" }
errors = { window = "1m" }
[[alert]]
name = "slow"
when = "max > duration('200ms')"
window = "10s"
clear_for = "2s"
severity = "critical"
[[maintenance]]
name = "window"
on = ["search"]
daily = "00:01"
duration = "20s"
"#;

const TARGETS: [&str; 3] = ["gateway", "checkout", "search"];

#[derive(Clone, Debug)]
enum Event {
    Answer(usize, Answer),
    Cpu(f64),
    Acknowledge(usize),
    Silence(usize, Option<u64>),
    Stop(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        4 => Just(Answer::Ok),
        3 => Just(Answer::Refused),
        3 => Just(Answer::Slow),
        1 => Just(Answer::Silent),
    ];
    prop_oneof![
        8 => (0..TARGETS.len(), answer).prop_map(|(target, answer)| Event::Answer(target, answer)),
        2 => prop_oneof![Just(0.1), Just(0.85), Just(0.99)].prop_map(Event::Cpu),
        2 => (0..9_usize).prop_map(Event::Acknowledge),
        2 => (0..9_usize, prop::option::of(1..20_u64)).prop_map(|(alert, length)| Event::Silence(alert, length)),
        1 => (1..20_u64).prop_map(Event::Stop),
    ]
}

fn happen(scene: &mut Scene, event: Event) {
    let alert = |scene: &Scene, at: usize| -> Option<AlertId> {
        let active = &scene.board().active;
        active.get(at % active.len().max(1)).map(|alert| alert.id)
    };
    match event {
        Event::Answer(target, answer) => scene.answer(TARGETS[target], answer),
        Event::Cpu(cpu) => scene.cpu = cpu,
        Event::Acknowledge(at) => {
            if let Some(id) = alert(scene, at) {
                scene.act(Act::Acknowledge(id));
            }
        }
        Event::Silence(at, length) => {
            if let Some(id) = alert(scene, at) {
                scene.act(Act::Silence(id, length.map(Duration::from_secs)));
            }
        }
        Event::Stop(seconds) => scene.stop(seconds),
    }
}

fn level_of(alert: &AlertSnapshot) -> Level {
    match alert.severity {
        Severity::Info => Level::Ok,
        Severity::Warning => Level::Warning,
        Severity::Critical => Level::Critical,
    }
}

/// What a subject's alerts say of it: its level, whether all of that is set aside, and whether it is clearing.
fn said(alerts: &[&AlertSnapshot]) -> (Level, bool, bool) {
    let grave = alerts.iter().copied().filter(|alert| alert.severity > Severity::Info);
    let (aside, loud): (Vec<_>, Vec<_>) = grave.partition(|alert| alert.is_set_aside());
    let set_aside = loud.is_empty() && !aside.is_empty();
    let speaking = if loud.is_empty() { aside } else { loud };
    let level = speaking.iter().map(|alert| level_of(alert)).max().unwrap_or(Level::Ok);
    let mut worst = speaking.iter().filter(|alert| level_of(alert) == level);
    let clearing = !speaking.is_empty() && worst.all(|alert| alert.clears.is_some());
    (level, set_aside, clearing)
}

/// As it is told, of one that is fine or of which too little is known.
fn told(level: Level, set_aside: bool, clearing: bool) -> (Level, bool, bool) {
    (
        if level < Level::Warning { Level::Ok } else { level },
        set_aside,
        clearing,
    )
}

fn check_subject(name: &str, told: (Level, bool, bool), reason: Option<&str>, snapshot: &Snapshot) {
    let alerts: Vec<_> = snapshot
        .alerts
        .firing()
        .filter(|alert| alert.subject.as_str() == name)
        .collect();
    assert_eq!(told, said(&alerts), "{name}: {alerts:#?}");
    if told.0 >= Level::Warning {
        let reason = reason.expect("a level that is not ok has a reason");
        let is_said = alerts.iter().any(|alert| reason.ends_with(alert.reason.as_str()));
        assert!(is_said, "{name} says {reason:?}, its alerts {alerts:#?}");
        assert_eq!(told.2, reason.contains("was ") && !reason.contains("now "), "{reason}");
    }
}

fn check_snapshot(snapshot: &Snapshot) {
    let mut levels = vec![(Level::Ok, false)];
    for target in &snapshot.targets {
        let told = told(target.level, target.set_aside, target.clears.is_some());
        let reason = target.reason.as_ref().map(AsRef::as_ref);
        check_subject(target.info.name.as_str(), told, reason, snapshot);
        levels.extend((!target.set_aside).then_some((told.0, told.2)));
    }
    if let Some(host) = &snapshot.host {
        let told = told(host.level, host.set_aside, host.clears.is_some());
        check_subject("host", told, host.reason.as_ref().map(AsRef::as_ref), snapshot);
        levels.extend((!host.set_aside).then_some((told.0, told.2)));
    }
    if let Some(health) = &snapshot.health {
        let level = if health.level < Level::Warning {
            Level::Ok
        } else {
            health.level
        };
        assert_eq!(Some(&level), levels.iter().map(|(level, _)| level).max(), "{health:#?}");
        let mut worst = levels.iter().filter(|(of, _)| *of == level);
        let clearing = level >= Level::Warning && worst.all(|(_, clearing)| *clearing);
        assert_eq!(health.clearing, clearing, "{health:#?}");
        for group in &health.groups {
            let span = match group.level {
                Level::Critical => 0.0..=50.0,
                Level::Warning => 50.0..=80.0,
                Level::Ok | Level::Unknown => 80.0..=100.0,
            };
            assert!(group.score.is_none_or(|score| span.contains(&score)), "{group:#?}");
        }
    }
    check_causes(snapshot);
    check_bottlenecks(snapshot);
}

/// A cause that does not hold any more is no alarm, and none is graver than the one it befalls is now.
fn check_bottlenecks(snapshot: &Snapshot) {
    for bottleneck in &snapshot.analysis.bottlenecks {
        if bottleneck.until.is_some() {
            assert_eq!(bottleneck.priority, Severity::Info, "{bottleneck:#?}");
        }
        if bottleneck.priority == Severity::Critical {
            let target = bottleneck.target.and_then(|id| snapshot.target(id));
            let level = match (target, &snapshot.host) {
                (Some(target), _) => target.level,
                (None, Some(host)) if bottleneck.subject.as_str() == "host" => host.level,
                // probetop itself has no level.
                (None, _) => Level::Critical,
            };
            assert_eq!(level, Level::Critical, "{bottleneck:#?}");
        }
    }
}

/// Each alert that fires is in one cause, what is set aside stands below, and of the rest the worst and newest on top.
fn check_causes(snapshot: &Snapshot) {
    let board = &snapshot.alerts;
    let mut of_causes: Vec<_> = board.causes.iter().flat_map(|cause| &cause.alerts).collect();
    let mut firing: Vec<_> = board.firing().map(|alert| &alert.id).collect();
    of_causes.sort_unstable();
    firing.sort_unstable();
    assert_eq!(of_causes, firing);
    for cause in &board.causes {
        let alerts: Vec<_> = board
            .firing()
            .filter(|alert| cause.alerts.contains(&alert.id))
            .collect();
        assert_eq!(
            cause.set_aside,
            alerts.iter().all(|alert| alert.is_set_aside()),
            "{cause:#?}"
        );
        assert_eq!(
            cause.clears.is_some(),
            alerts.iter().all(|alert| alert.clears.is_some()),
            "{cause:#?}"
        );
        assert_eq!(Some(cause.severity), alerts.iter().map(|alert| alert.severity).max());
    }
    let urgent = board
        .causes
        .iter()
        .map(|cause| (!cause.set_aside, cause.clears.is_none(), cause.severity, cause.since));
    assert!(urgent.is_sorted_by(|a, b| a >= b), "{:#?}", board.causes);
}

/// The sign and the word of a target in the table.
fn shown(target: &TargetSnapshot) -> &'static str {
    match (target.clears.is_some(), target.level) {
        (true, _) => "▽ clearing",
        (false, Level::Ok) => "● ok",
        (false, Level::Unknown) => "○ unknown",
        (false, Level::Warning) => "▲ warning",
        (false, Level::Critical) => "✗ critical",
    }
}

fn check_frame(snapshot: &Snapshot) {
    let mut view = view((160, 50));
    view.observe(snapshot);
    press(&mut view, snapshot, "1");
    let buf = render(snapshot, &view, &theme(Depth::TrueColor, Glyphs::UNICODE));
    let line = |y: u16| (0..160).map(|x| buf[(x, y)].symbol()).collect::<String>();
    let lines: Vec<_> = (0..50).map(line).collect();
    for target in &snapshot.targets {
        let row = format!(" {:<10} {}", shown(target), target.info.name);
        assert!(
            lines.iter().any(|line| line.starts_with(&row)),
            "{row:?}\n{}",
            lines.join("\n")
        );
    }
    let header = &lines[1];
    let is = |target: &&TargetSnapshot, word: &str| !target.set_aside && shown(target).ends_with(word);
    for word in ["critical", "warning", "clearing", "ok"] {
        let count = snapshot.targets.iter().filter(|target| is(target, word)).count();
        let counted = format!("{count} {word}");
        assert_eq!(header.contains(&counted), count > 0, "{counted}: {header}");
    }
    let loud = snapshot.alerts.causes.iter().find(|cause| !cause.set_aside);
    check_analysis(snapshot);
    match loud {
        Some(cause) if cause.clears.is_some() => assert!(lines[2].starts_with(" ▽ clearing"), "{}", lines[2]),
        Some(cause) => assert!(lines[2].contains(&cause.severity.name().to_uppercase()), "{}", lines[2]),
        None => assert!(lines[2].contains("no alert fires"), "{}", lines[2]),
    }
}

/// The page of the analysis has the sign of what is critical before what holds now, and before nothing else.
fn check_analysis(snapshot: &Snapshot) {
    let mut view = view((160, 50));
    view.observe(snapshot);
    press(&mut view, snapshot, "7");
    let buf = render(snapshot, &view, &theme(Depth::TrueColor, Glyphs::UNICODE));
    let signs = (2..49).filter(|y| buf[(1, *y)].symbol() == "✗").count();
    let critical = snapshot.analysis.bottlenecks.iter();
    let critical = critical.filter(|row| row.priority == Severity::Critical && row.until.is_none());
    assert_eq!(signs, critical.count(), "{:#?}", snapshot.analysis.bottlenecks);
}

/// The document says of each target what the snapshot says, and of the whole what the alerts in it say.
fn check_document(snapshot: &Snapshot) {
    let document: serde_json::Value = serde_json::from_slice(&json::line(snapshot)).unwrap();
    let targets = document["targets"].as_array().unwrap();
    for (target, row) in snapshot.targets.iter().zip(targets) {
        assert_eq!(row["level"], target.level.name());
        assert_eq!(row["clears_at"].is_null(), target.clears.is_none());
        assert_eq!(row["set_aside"], target.set_aside);
    }
    if let Some(health) = &snapshot.health {
        assert_eq!(document["health"]["level"], health.level.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn levels_alerts_banner_and_score_never_contradict_each_other(
        events in prop::collection::vec((event(), 1..12_u64), 1..24),
    ) {
        let mut scene = Scene::new(CONFIG, SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
        for (event, seconds) in events {
            happen(&mut scene, event);
            for _ in 0..seconds {
                scene.tick();
                check_snapshot(&scene.monitor.snapshot(&Query::default()));
            }
            let snapshot = scene.monitor.snapshot(&Query::default());
            check_frame(&snapshot);
            check_document(&snapshot);
        }
    }
}

/// What was over its limit a moment ago is told by another sign and another word than what is so now.
#[test]
fn what_is_clearing_says_so_and_for_how_long() {
    let mut scene = Scene::new(CONFIG, SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * 2));
    scene.answer("gateway", Answer::Refused);
    scene.run_until(12);
    let target = |scene: &mut Scene| {
        let snapshot = scene.monitor.snapshot(&Query::default());
        let found = snapshot.target(TargetId(0)).unwrap().clone();
        (
            found.clears.map(|at| at.second()),
            found.reason.map(|reason| reason.to_string()),
            found.level,
        )
    };
    let reason = |words: &str| Some(words.to_owned());
    assert_eq!(
        target(&mut scene),
        (None, reason("errors(10s) 100% (refused) > 5%"), Level::Critical)
    );
    scene.answer("gateway", Answer::Ok);
    scene.run_until(23);
    let (clears, reason_now, level) = target(&mut scene);
    assert_eq!(
        (reason_now, level),
        (reason("was errors(10s) 10% (refused) > 5%"), Level::Critical)
    );
    let clears = clears.unwrap();
    scene.run_until(clears - 1);
    assert_eq!(target(&mut scene).0, Some(clears));
    scene.run_until(clears);
    assert_eq!(target(&mut scene), (None, None, Level::Ok));
}
