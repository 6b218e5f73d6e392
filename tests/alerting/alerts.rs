//! Alert timelines as files: evaluations in, states and turns out.
//!
//! A file's name says what holds, and its first lines why. Then come settings (`for 10s`, `clear_for 10s`,
//! `trigger 3 of 5`, `flapping 4 within 5m`, `flapping off`), which apply from there on as after a reload, and lines of
//!
//! ```text
//! second     evaluation        state  and what happened
//! 12         +                 firing   fired
//! 13..20     -                 inactive resolved
//! ```
//!
//! An evaluation is `+` (a warning), `++` (critical), `-`, `?` (not known) or `gone` (the rule was removed); `13..20` is
//! one each second. What happened are the turns of the incident's timeline.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Severity, Subject, TargetId, Unit, Worse};
use probetop_core::snapshot::Turn;
use probetop_engine::alert::entry::{Entry, Finding};
use probetop_engine::alert::flap::Flapping;
use probetop_engine::alert::policy::Policy;
use probetop_engine::alert::source::{Key, Source};
use probetop_engine::alert::state::{Condition, State};
use probetop_engine::alert::table::{AlertTable, Ended, Fate};
use probetop_engine::alert::trigger::Trigger;

#[test]
fn every_timeline_goes_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerts");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "timeline"))
        .collect();
    files.sort();
    assert!(files.len() >= 25, "the timelines are there");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let mut play = Play::default();
        for line in fs::read_to_string(&file).unwrap().lines() {
            play.line(&name, line);
        }
    }
}

/// One alert in a book.
#[derive(Default)]
struct Play {
    book: AlertTable,
    policy: Arc<Policy>,
    ended: Vec<Ended>,
    ids: BTreeSet<AlertId>,
    fired: usize,
    /// Turns of the active alert that were seen already.
    seen: usize,
}

impl Play {
    fn line(&mut self, name: &str, line: &str) {
        let duration = |text: &str| humantime::parse_duration(text).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [] | ["#", ..] => {}
            ["for", hold] => self.reload(|policy| policy.patience.hold = duration(hold)),
            ["clear_for", clear] => self.reload(|policy| policy.patience.clear = duration(clear)),
            ["trigger", count, "of", of] => {
                let (count, of) = (count.parse().unwrap(), of.parse().unwrap());
                self.reload(|policy| policy.trigger = Some(Trigger { count, of }));
            }
            ["flapping", "off"] => self.book.damp(None),
            ["flapping", turns, "within", within] => self.book.damp(Some(Flapping {
                turns: turns.parse().unwrap(),
                within: duration(within),
            })),
            [times, evaluation, state, ref turns @ ..] => {
                let (first, last) = times.split_once("..").unwrap_or((times, times));
                let mut happened = Vec::new();
                for second in first.parse().unwrap()..=last.parse().unwrap() {
                    happened.extend(self.step(evaluation, Timestamp::from_secs(second)));
                }
                let happened: Vec<_> = happened.into_iter().map(Turn::name).collect();
                assert_eq!((self.state(), happened.as_slice()), (state, turns), "{name}: {line}");
            }
            _ => panic!("{name}: not a line of a timeline: {line}"),
        }
        self.check_books(name, line);
    }

    fn reload(&mut self, change: impl FnOnce(&mut Policy)) {
        let mut policy = (*self.policy).clone();
        change(&mut policy);
        self.policy = Arc::new(policy);
    }

    fn step(&mut self, evaluation: &str, now: Timestamp) -> Vec<Turn> {
        let key = Key {
            subject: Subject::Target(TargetId(1)),
            source: Source::Errors,
        };
        let (condition, severity) = match evaluation {
            "+" => (Condition::True, Severity::Warning),
            "++" => (Condition::True, Severity::Critical),
            "-" => (Condition::False, Severity::Warning),
            "?" => (Condition::Unknown, Severity::Warning),
            "gone" => {
                self.book.retain(|_| Fate::Gone("the rule is gone"), now);
                return self.turns();
            }
            other => panic!("not an evaluation: {other}"),
        };
        self.book.tick(now);
        self.book
            .observe(key, condition, &self.policy, now, || finding(severity));
        self.turns()
    }

    /// What happened since this was last asked. That it became pending says the state.
    fn turns(&mut self) -> Vec<Turn> {
        let mut turns = Vec::new();
        let mut take = |entry: &Entry, seen: usize| {
            let entries = entry.timeline.entries();
            turns.extend(entries[seen..].iter().map(|entry| entry.turn));
            entries.len()
        };
        for ended in self.book.take_ended() {
            take(&ended.entry, self.seen);
            self.seen = 0;
            self.ended.push(ended);
        }
        let active = self.book.entries_mut().next();
        self.seen = active.map_or(0, |(_, entry)| {
            self.ids.insert(entry.id);
            take(entry, self.seen)
        });
        turns.retain(|turn| *turn != Turn::Pending);
        self.fired += turns.iter().filter(|turn| **turn == Turn::Fired).count();
        turns
    }

    fn state(&mut self) -> &'static str {
        match self.book.entries_mut().next().map(|(_, entry)| entry.state) {
            None | Some(State::Inactive) => "inactive",
            Some(State::Pending { .. }) => "pending",
            Some(State::Firing { .. }) => "firing",
        }
    }

    /// Whatever happens, each firing has an id of its own and one end.
    fn check_books(&mut self, name: &str, line: &str) {
        let firing = usize::from(self.state() == "firing");
        assert_eq!(self.fired, self.ended.len() + firing, "{name}: {line}");
        let ids: BTreeSet<_> = self.ended.iter().map(|ended| ended.entry.id).collect();
        assert_eq!(ids.len(), self.ended.len(), "{name}: {line}");
        assert!(ids.is_subset(&self.ids), "{name}: {line}");
    }
}

fn finding(severity: Severity) -> Finding {
    Finding {
        name: "errors".into(),
        subject: "checkout".into(),
        severity,
        value: Some(0.2),
        unit: Unit::Ratio,
        worse: Worse::Higher,
        reason: "errors 20% > 5%".into(),
    }
}

/// A gateway falls over, and everything behind it in the same second.
#[test]
fn two_hundred_incidents_of_one_second_are_all_there_and_all_end() {
    let mut book = AlertTable::default();
    let policy = Arc::default();
    let observe = |book: &mut AlertTable, condition, second| {
        book.tick(Timestamp::from_secs(second));
        for id in 0..200 {
            let key = Key {
                subject: Subject::Target(TargetId(id)),
                source: Source::Errors,
            };
            let found = || finding(Severity::Critical);
            book.observe(key, condition, &policy, Timestamp::from_secs(second), found);
        }
    };
    observe(&mut book, Condition::True, 1);
    let board = book.board();
    let ids: BTreeSet<_> = board.firing().map(|alert| alert.id).collect();
    let targets: BTreeSet<_> = board.firing().filter_map(|alert| alert.target).collect();
    assert_eq!((ids.len(), targets.len()), (200, 200));
    observe(&mut book, Condition::False, 2);
    let ended = book.take_ended();
    assert_eq!(ended.iter().map(|ended| ended.entry.id).collect::<BTreeSet<_>>(), ids);
    for ended in &ended {
        book.file(ended);
    }
    assert_eq!((book.board().active.len(), book.board().history.len()), (0, 200));
}
