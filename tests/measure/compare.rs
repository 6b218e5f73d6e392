//! A baseline against the time after it, from inputs to the snapshot's rows.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Micros, Outcome, Sample, TargetId, TargetInfo};
use probetop_core::snapshot::{Query, Rows, Significance, Span};
use probetop_engine::monitor::{Comparing, Input, Monitor, Plan, compare};

use crate::support::inputs;

const MINUTE: Duration = Duration::from_secs(60);

fn plan(targets: u32) -> Plan {
    let target = |id: u32| {
        inputs::planned(TargetInfo {
            url: "http://example.com/".into(),
            interval: Duration::from_millis(100),
            ..inputs::info(id)
        })
    };
    Plan {
        targets: (0..targets).map(target).collect(),
        ..Plan::default()
    }
}

/// A monitor and the second it stands in.
struct Life(Monitor, u64);

impl Life {
    fn new(targets: u32) -> Self {
        Self(Monitor::new(plan(targets), Timestamp::ZERO, SystemTime::UNIX_EPOCH), 0)
    }

    /// Seconds in which each target answers ten times, within a tenth of what is given, and fails as often as given.
    fn live(&mut self, seconds: u64, answers: &[(u32, u64)]) {
        for _ in 0..seconds {
            for (id, (latency_ms, failures)) in answers.iter().enumerate() {
                for turn in 0..10 {
                    let wobble = (self.1 * 7 + turn * 13) % 20;
                    let sample = sample(
                        id as u32,
                        self.1 * 1000 + turn * 100,
                        latency_ms * 1000 * (90 + wobble as u32) / 100,
                        turn < *failures,
                    );
                    self.0.apply(Input::from(sample));
                }
            }
            self.1 += 1;
            self.0.apply(inputs::tick(Timestamp::from_secs(self.1)));
        }
    }
}

fn sample(id: u32, at_ms: u64, micros: u32, fails: bool) -> Sample {
    Sample {
        lag: Micros(0),
        outcome: if fails {
            inputs::failed(FailureKind::Timeout, "nothing came")
        } else {
            Outcome::Ok
        },
        ..inputs::answered(id, Timestamp::from_millis(at_ms), Micros(micros))
    }
}

#[test]
fn what_got_slower_faster_or_fails_more_is_told_and_what_stayed_is_the_same() {
    let mut life = Life::new(4);
    life.live(60, &[(100, 0), (100, 0), (100, 0), (100, 0)]);
    let before = life.0.stretch(MINUTE, &Rows::All);
    life.live(60, &[(150, 0), (100, 0), (60, 0), (100, 2)]);
    let comparison = compare(&before, &life.0.stretch(MINUTE, &Rows::All));
    assert_eq!(comparison.before.length, MINUTE);
    assert_eq!(comparison.before.to(), comparison.after.from);
    let told: Vec<_> = comparison.rows.iter().map(|row| row.significance()).collect();
    assert_eq!(
        told,
        [
            Significance::Worse,
            Significance::Same,
            Significance::Better,
            Significance::Worse
        ]
    );
    let slower = comparison.rows[0].figure("p50").unwrap().change;
    assert!((45_000.0..55_000.0).contains(&slower.shift.unwrap()), "{slower:?}");
    assert_eq!(comparison.rows[0].attempts, Some([600, 600]));
    let failing = comparison.rows[3].figure("errors").unwrap().change;
    assert_eq!((failing.before, failing.after), (Some(0.0), Some(0.2)));
    assert_eq!(failing.significance, Significance::Worse);
}

#[test]
fn what_is_shown_of_a_side_is_what_its_window_shows() {
    let mut life = Life::new(2);
    life.live(120, &[(100, 0), (40, 1)]);
    let stretch = life.0.stretch(MINUTE, &Rows::All);
    let comparison = compare(&stretch, &stretch);
    let snapshot = life.0.snapshot(&Query::default());
    for (row, target) in comparison.rows.iter().zip(&snapshot.targets) {
        let window = &target.stats.latency;
        for (name, figure) in [("p50", window.p50), ("p95", window.p95), ("p99", window.p99)] {
            let shown = row.figure(name).unwrap().change;
            let figure = figure.map(|latency| f64::from(latency.0));
            assert!(figure.is_some(), "{name}");
            assert_eq!(
                (shown.before, shown.after),
                (figure, figure),
                "{name} of {}",
                row.subject
            );
        }
    }
}

#[test]
fn a_few_seconds_say_nothing_yet() {
    let mut life = Life::new(1);
    life.live(60, &[(100, 0)]);
    let before = life.0.stretch(MINUTE, &Rows::All);
    life.live(5, &[(300, 0)]);
    let comparison = compare(&before, &life.0.stretch(Duration::from_secs(5), &Rows::All));
    assert_eq!(comparison.rows[0].significance(), Significance::TooLittle);
    assert_eq!(comparison.rows[0].attempts, Some([600, 50]));
}

#[test]
fn long_stretches_are_compared_by_longer_steps() {
    let mut life = Life::new(1);
    life.live(600, &[(100, 0)]);
    let before = life.0.stretch(10 * MINUTE, &Rows::All);
    life.live(600, &[(130, 0)]);
    let comparison = compare(&before, &life.0.stretch(10 * MINUTE, &Rows::All));
    assert_eq!(comparison.rows[0].attempts, Some([6000, 6000]));
    assert_eq!(comparison.rows[0].significance(), Significance::Worse);
    assert_eq!(comparison.rows[0].figure("rate").unwrap().change.after, Some(10.0));
}

#[test]
fn only_whole_steps_within_the_span_are_counted() {
    let mut life = Life::new(1);
    life.live(605, &[(100, 0)]);
    let stretch = life.0.stretch(5 * MINUTE, &Rows::All);
    // 305 to 605: the steps from 310 to 600.
    assert_eq!(stretch.targets[0].points.len(), 29);
    assert!(stretch.targets[0].points.iter().all(|point| point.attempts == 100));
    assert_eq!(stretch.side.length, 5 * MINUTE);
    assert_eq!(stretch.side.to(), SystemTime::UNIX_EPOCH + Duration::from_secs(605));
}

#[test]
fn a_span_is_found_where_it_ends_and_cut_at_now() {
    let mut life = Life::new(2);
    life.live(60, &[(100, 0), (100, 0)]);
    let span = |from, to| Span {
        from: Timestamp::from_secs(from),
        to: Timestamp::from_secs(to),
    };
    let wanted = Rows::Only(vec![TargetId(1)]);
    let found = life.0.stretch_of(span(50, 90), &wanted).unwrap();
    assert_eq!((found.side.length, found.targets.len()), (Duration::from_secs(10), 1));
    assert!(
        life.0.stretch_of(span(10, 30), &wanted).is_none(),
        "another state has it"
    );
}

#[test]
fn what_a_knows_nothing_of_is_new_and_a_new_name_is_found_by_its_url() {
    let mut life = Life::new(3);
    life.live(60, &[(100, 0), (100, 0), (100, 0)]);
    let mut before = life.0.stretch(MINUTE, &Rows::All);
    before.targets.truncate(2);
    before.targets[1].name = "another".into();
    before.targets[1].url = "http://elsewhere.example/".into();
    life.live(60, &[(100, 0), (100, 0), (100, 0)]);
    let mut after = life.0.stretch(MINUTE, &Rows::All);
    after.targets[1].name = "renamed".into();
    after.targets[2].url = "http://new.example/".into();
    let comparison = compare(&before, &after);
    let is_new: Vec<_> = comparison.rows.iter().map(|row| row.is_new()).collect();
    assert_eq!(is_new, [false, false, true]);
    assert_eq!(comparison.rows[2].significance(), Significance::TooLittle);
}

#[test]
fn a_span_against_itself_is_the_same_in_everything() {
    let mut life = Life::new(3);
    life.live(700, &[(100, 1), (30, 0), (4, 3)]);
    for seconds in [8, 60, 120, 300, 700] {
        let stretch = life.0.stretch(Duration::from_secs(seconds), &Rows::All);
        for row in compare(&stretch, &stretch).rows {
            let changed = [Significance::Worse, Significance::Better, Significance::Different];
            assert!(!changed.contains(&row.significance()), "{seconds}s: {row:?}");
        }
    }
}

#[test]
fn a_comparison_in_parts_is_the_one_made_at_once() {
    let mut life = Life::new(5);
    let answers = [(100, 1), (30, 0), (4, 3), (50, 0), (20, 0)];
    life.live(60, &answers);
    let before = Arc::new(life.0.stretch(MINUTE, &Rows::All));
    life.live(60, &answers.map(|(latency_ms, failures)| (latency_ms * 2, failures)));
    let after = life.0.stretch(MINUTE, &Rows::All);
    for (part, parts) in [(1, 5), (2, 3), (5, 1), (usize::MAX, 1)] {
        let mut comparing = Comparing::new(Arc::clone(&before), after.clone());
        let made: Vec<_> = (0..parts).map(|_| comparing.step(part)).collect();
        assert!(made[..parts - 1].iter().all(Option::is_none), "{part} at a time");
        assert_eq!(
            made[parts - 1].as_ref(),
            Some(&compare(&before, &after)),
            "{part} at a time"
        );
    }
}
