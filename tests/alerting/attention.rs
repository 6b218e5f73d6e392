//! Whom alerts tell, as files: a configuration, what its targets answer and what people do, and all that is announced.
//!
//! Each file of `tests/fixtures/attention` is one scene, named by what it shows. `PROBETOP_UPDATE_FIXTURES=1 cargo test
//! --test alerting attention::` writes anew what is told, to be read in the diff.
//!
//! ```text
//! [config]            as in probetop.toml; [config later] is for `reload later` and `restart 10m later`
//! [script]            TIME WHAT, in order; each target is probed every second, and answers `ok` at first
//!   10  checkout refused            or ok, slow, timeout, silent; `all` for every target
//!   15  host busy                 or calm
//!   20  ack checkout/errors         acknowledges the alert called errors of checkout; a second time takes it back
//!   20  silence checkout/errors 5m  or off
//!   20  note checkout/errors TEXT
//!   30  wall +1h                    the wall clock is set; `suspend 1h` is the same to us: the monotonic clock stands
//!   30  stop 1m                     nothing runs for a minute
//!   30  restart 10m                 the program ends, and starts again ten minutes later with its state file
//!   40  reload later
//!   40  look                        tells what the alert board shows
//!   60  end
//! [told]              generated: the announcements, and what was looked at
//! [incidents]         generated: every alert with its timeline
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use probetop_core::sample::{Act, AlertId, Severity};
use probetop_core::snapshot::{AlertSnapshot, Cause};

use crate::support::scene::{Answer, Scene, shown_alert, shown_announcement, shown_time};

/// When scenes begin, unless their config says `# begins …`: a Friday night.
const BEGINS: &str = "2026-11-20T21:00:00Z";

#[test]
fn every_scene_is_told_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/attention");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 25, "the scenes are there");
    let update = std::env::var_os("PROBETOP_UPDATE_FIXTURES").is_some();
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (given, _) = text.split_once("[told]\n").unwrap_or((&text, ""));
        let current = format!("{given}{}", play(given));
        if update {
            fs::write(&file, current).unwrap();
        } else if current != text {
            let difference = text
                .lines()
                .zip(current.lines())
                .find(|(old, new)| old != new)
                .map_or_else(
                    || "one ends early".to_owned(),
                    |(old, new)| format!("- {old}\n  + {new}"),
                );
            wrong.push(format!("{}:\n  {difference}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Plays the scene and gives what is told, and how the incidents went.
fn play(given: &str) -> String {
    let sections = sections(given);
    let config = |name: &str| {
        let title = format!("config {name}");
        sections[title.trim()].as_str()
    };
    let begins = given
        .lines()
        .find_map(|line| line.strip_prefix("# begins "))
        .unwrap_or(BEGINS);
    let mut scene = Scene::new(config(""), humantime::parse_rfc3339(begins).unwrap());
    let mut told = String::from("[told]\n");
    for line in sections["script"].lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<_> = line.split_whitespace().collect();
        scene.run_until(seconds(words[0]));
        tell(&mut told, &mut scene);
        match words[1..] {
            ["all", answer] => scene.answer_all(answer_of(answer)),
            ["ack", alert] => act(&mut scene, alert, Act::Acknowledge),
            ["silence", alert, length] => {
                let length = (length != "off").then(|| Duration::from_secs(seconds(length)));
                act(&mut scene, alert, |id| Act::Silence(id, length));
            }
            ["note", alert, ref text @ ..] => act(&mut scene, alert, |id| Act::Note(id, text.join(" ").into())),
            ["wall", by] => scene.jump(by.starts_with('+'), Duration::from_secs(seconds(&by[1..]))),
            ["suspend", length] => scene.jump(true, Duration::from_secs(seconds(length))),
            ["stop", length] => scene.stop(seconds(length)),
            ["restart", pause] => scene.restart(Duration::from_secs(seconds(pause)), None),
            ["restart", pause, name] => scene.restart(Duration::from_secs(seconds(pause)), Some(config(name))),
            ["reload", name] => scene.reload(config(name)),
            ["host", "busy"] => scene.cpu = 0.99,
            ["host", "calm"] => scene.cpu = 0.1,
            ["look"] => look(&mut told, &scene),
            ["end"] => {}
            [target, answer] => scene.answer(target, answer_of(answer)),
            _ => panic!("not a line of a script: {line}"),
        }
    }
    told + &incidents(&scene)
}

fn sections(given: &str) -> BTreeMap<&str, String> {
    let mut sections: BTreeMap<&str, String> = BTreeMap::new();
    let mut title = "";
    for line in given.lines() {
        let head = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        match head.filter(|head| *head == "script" || head.starts_with("config")) {
            Some(head) => title = head,
            None => drop(writeln!(sections.entry(title).or_default(), "{line}")),
        }
    }
    sections
}

fn seconds(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| {
        humantime::parse_duration(word)
            .unwrap_or_else(|_| panic!("not a time: {word}"))
            .as_secs()
    })
}

fn answer_of(word: &str) -> Answer {
    match word {
        "ok" => Answer::Ok,
        "slow" => Answer::Slow,
        "refused" => Answer::Refused,
        "timeout" => Answer::Timeout,
        "silent" => Answer::Silent,
        other => panic!("not an answer: {other}"),
    }
}

fn act(scene: &mut Scene, alert: &str, act: impl FnOnce(AlertId) -> Act) {
    let (subject, name) = alert.split_once('/').unwrap();
    let id = scene
        .alert(name, subject)
        .unwrap_or_else(|| panic!("no alert {alert} is there"));
    scene.act(act(id));
}

fn tell(told: &mut String, scene: &mut Scene) {
    for (second, announcement) in std::mem::take(&mut scene.told) {
        writeln!(told, "{:>9}  {}", shown_time(second), shown_announcement(&announcement)).unwrap();
    }
}

fn look(told: &mut String, scene: &Scene) {
    let time = shown_time(scene.second());
    let board = scene.board();
    for alert in &board.active {
        writeln!(told, "{time:>9}  | {}", shown_alert(scene, alert)).unwrap();
    }
    for Cause {
        severity,
        headline,
        victims,
        alerts,
        quiet,
        ..
    } in &board.causes
    {
        let victims: Vec<_> = victims.iter().map(ToString::to_string).collect();
        let (severity, victims, count) = (severity.name(), victims.join(" "), alerts.len());
        let quiet = if *quiet { ", quiet" } else { "" };
        writeln!(
            told,
            "{time:>9}  | cause, {severity}{quiet}: {headline} ({count}: {victims})"
        )
        .unwrap();
    }
    for silence in &board.silences {
        let until = shown_time(scene.time_of(silence.until));
        let (name, subject) = (&silence.name, &silence.subject);
        writeln!(told, "{time:>9}  | silence: {name} of {subject} until {until}").unwrap();
    }
}

fn incidents(scene: &Scene) -> String {
    let board = scene.board();
    let mut text = String::from("[incidents]\n");
    let mut alerts: Vec<&AlertSnapshot> = board.history.iter().chain(&board.active).collect();
    alerts.sort_by_key(|alert| alert.id);
    for alert in alerts {
        writeln!(text, "{}", shown_alert(scene, alert)).unwrap();
        for entry in alert.timeline.iter() {
            let time = scene.time_of(entry.at).saturating_sub(entry.carried.as_secs());
            let (time, turn) = (shown_time(time), entry.turn.name());
            writeln!(text, "{:>9}  {turn} {}", time, entry.text).unwrap();
        }
    }
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn five_thousand_victims_of_one_fault_are_one_banner() {
    let mut config = String::from("host = false\n");
    for number in 0..5_000 {
        writeln!(
            config,
            "[[target]]\nname = \"t{number}\"\nurl = \"http://shop.example/{number}\""
        )
        .unwrap();
    }
    let mut scene = Scene::new(&config, humantime::parse_rfc3339(BEGINS).unwrap());
    scene.answer_all(Answer::Refused);
    scene.run_until(5);
    assert_eq!(scene.told.len(), 5_000);
    let [cause] = scene.board().causes.as_slice() else {
        panic!("{} causes", scene.board().causes.len());
    };
    assert_eq!(cause.headline.as_str(), "errors on 5000 targets: refused");
    assert_eq!(
        (cause.severity, cause.alerts.len(), cause.victims.len()),
        (Severity::Critical, 5_000, 5_000)
    );
}
