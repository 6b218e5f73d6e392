//! Alert timelines as files: evaluations in, states and changes out.

use std::fs;
use std::path::Path;
use std::time::Duration;

use probetop::alert::state::{Change, Condition, Patience, State};
use probetop::clock::Timestamp;

#[test]
fn every_timeline_goes_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerts");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 5, "the timelines are there");
    for file in files {
        check(&file.display().to_string(), &fs::read_to_string(&file).unwrap());
    }
}

fn check(name: &str, timeline: &str) {
    let mut patience = Patience::default();
    let mut state = State::default();
    for line in timeline.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            ["hold", duration] => patience.hold = humantime::parse_duration(duration).unwrap(),
            ["clear", duration] => patience.clear = humantime::parse_duration(duration).unwrap(),
            [second, condition, expected, ref change @ ..] => {
                let now = Timestamp::ZERO + Duration::from_secs(second.parse().unwrap());
                let happened = state.step(parse_condition(condition), patience, now);
                let found = (state_name(state), happened.map(change_name));
                assert_eq!(found, (expected, change.first().copied()), "{name}: {line}");
            }
            _ => panic!("{name}: not a timeline line: {line}"),
        }
    }
}

fn parse_condition(word: &str) -> Condition {
    match word {
        "+" => Condition::True,
        "-" => Condition::False,
        "?" => Condition::Unknown,
        other => panic!("not a condition: {other}"),
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Inactive => "inactive",
        State::Pending { .. } => "pending",
        State::Firing { .. } => "firing",
    }
}

fn change_name(change: Change) -> &'static str {
    match change {
        Change::Fired => "fired",
        Change::Resolved => "resolved",
    }
}
