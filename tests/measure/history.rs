//! The past is shown as it was: what is brought back equals what was shown then.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    AlertId, Answer, CpuReading, Failure, FailureKind, Gauge, HostReading, Mark, MarkOrigin, Micros, Observation,
    Outcome, Phase, Phases, Sample, TargetId, Window,
};
use probetop_core::snapshot::{Axis, Feed, Matter, Query, Rows, Scope, Snapshot};
use probetop_engine::history::HISTORY_LIMIT_BYTES;
use probetop_engine::judge::level::{Damping, HostThresholds, LatencyThresholds};
use probetop_engine::monitor::{Input, Plan, PlannedTarget};

use crate::support::inputs;
use crate::support::past::{Watch, looks_same};

const HOUR: Duration = Duration::from_secs(3600);

/// Draws numbers that look random, the same ones each time (Knuth's linear congruential generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn plan(targets: u32, critical: Duration) -> Plan {
    let target = |id| PlannedTarget {
        latency: Some(LatencyThresholds {
            target: None,
            warning: Some(Duration::from_millis(300)),
            critical: Some(critical),
            quantile: 0.5,
            window: Window::TenSeconds,
            damping: Damping::default(),
        }),
        ..inputs::planned(inputs::info(id))
    };
    Plan {
        targets: (0..targets).map(target).collect(),
        host: Some(HostThresholds::default()),
        ..Plan::default()
    }
}

/// A run of made-up inputs.
struct Life {
    watch: Watch,
    dice: Dice,
    second: u64,
    targets: u32,
}

impl Life {
    fn new(targets: u32, length: Duration) -> Self {
        Self {
            watch: Watch::new(plan(targets, Duration::from_millis(800)), length),
            dice: Dice(7),
            second: 0,
            targets,
        }
    }

    fn take(&mut self, input: Input) {
        self.watch.take(input);
    }

    fn configure(&mut self, plan: Plan) {
        let now = Timestamp::from_secs(self.second);
        self.take(Input::Plan {
            at: now,
            plan: Box::new(plan),
        });
    }

    /// A second in which every target is probed, some of them fail, and the machine is read.
    fn live(&mut self) {
        for id in 0..self.targets {
            let sample = self.sample(TargetId(id));
            self.take(Input::from(sample));
        }
        if self.dice.roll(9) == 0 {
            let target = TargetId(self.dice.roll(u64::from(self.targets)) as u32);
            let intended = Timestamp::from_secs(self.second);
            self.take(Input::from(Observation::Overrun {
                target,
                intended,
                count: 2,
            }));
        }
        self.second += 1;
        let now = Timestamp::from_secs(self.second);
        let reading = HostReading {
            at: now,
            cpu: CpuReading {
                cores: 2,
                usage_ratio: Some(self.dice.roll(100) as f64 / 100.0),
                ..CpuReading::default()
            },
            ..HostReading::default()
        };
        self.take(Input::from(Observation::Host(Arc::new(reading))));
        self.take(inputs::tick(now));
    }

    fn sample(&mut self, target: TargetId) -> Sample {
        let mut phases = Phases::default();
        let latency = Micros(100_000 + self.dice.roll(900_000) as u32);
        for phase in &Phase::HTTP[..=self.dice.roll(5) as usize] {
            phases.add(*phase, Micros(latency.0 / 5));
        }
        let failure = Failure {
            kind: FailureKind::Timeout,
            phase: Some(Phase::FirstByte),
            message: format!("nothing came, attempt {}", self.dice.roll(3)).into(),
        };
        let outcome = match self.dice.roll(20) {
            0 => Outcome::Failed(Box::new(failure)),
            _ => Outcome::Ok,
        };
        let answer = Answer {
            status: Some(200 + self.dice.roll(2) as u16),
            gauges: vec![Gauge::new("users", self.dice.roll(4) as f64)],
            ..Answer::default()
        };
        Sample {
            target,
            intended: Timestamp::from_millis(self.second * 1000 + u64::from(target.0)),
            lag: Micros(self.dice.roll(900) as u32),
            latency,
            outcome,
            phases,
            answer: (self.dice.roll(7) > 0).then(|| Box::new(answer)),
        }
    }
}

/// Everything there is, over different windows and axes.
fn query(second: u64) -> Query {
    Query {
        window: Window::ALL[second as usize % Window::ALL.len()],
        axis: Axis::ALL[second as usize % Axis::ALL.len()],
        series: Rows::All,
        detail: Rows::All,
        feed: Feed::Live,
        cursor: None,
        comparison: None,
        course: Some(Scope::All),
        evidence: Some(Matter::Alert(AlertId(1 + second % 30))),
    }
}

fn recalled(life: &mut Life, second: u64) -> Option<Snapshot> {
    let state = life.watch.history.recall(Timestamp::from_secs(second))?;
    Some(state.snapshot(&query(second)))
}

#[test]
fn every_second_comes_back_exactly_as_it_was() {
    let mut life = Life::new(5, HOUR);
    let mut shown = vec![life.watch.monitor.snapshot(&query(0))];
    for second in 1..=900 {
        if second == 400 {
            life.configure(plan(4, Duration::from_millis(500)));
        }
        life.live();
        shown.push(life.watch.monitor.snapshot(&query(second)));
    }
    assert!(
        shown.iter().any(|snapshot| snapshot.alerts.firing().count() > 0),
        "some alerts fire"
    );
    // Forward, where states are gone on from, and backward, where they are made anew.
    let forward = (0..=900).step_by(7);
    let backward = (0..=900).rev().step_by(31);
    for second in forward.chain(backward) {
        let past = recalled(&mut life, second).expect("an hour is kept");
        assert!(past == shown[second as usize], "second {second} differs");
    }
}

#[test]
fn a_second_looks_the_same_live_and_by_going_back() {
    let panes = ["", "2", "3", "4", "5", "6", "7"];
    let mut life = Life::new(5, HOUR);
    (0..140).for_each(|_| life.live());
    life.take(Input::Mark(Mark {
        at: Timestamp::from_millis(135_500),
        label: "stage 2".into(),
        origin: MarkOrigin::Script,
    }));
    life.live();
    let second = life.second;
    let shown = panes.map(|keys| life.watch.frame(keys, second));
    (0..73).for_each(|_| life.live());
    life.take(Input::Mark(Mark {
        at: Timestamp::from_millis(200_500),
        label: "later".into(),
        origin: MarkOrigin::Keyboard,
    }));
    for (keys, shown) in panes.into_iter().zip(shown) {
        let back = life.watch.frame(keys, second);
        assert_ne!(shown, back, "the header tells them apart");
        assert!(looks_same(&shown, &back), "pane {keys:?} differs");
    }
}

/// By steps, leaps and jumps, the next one from wherever the last one led to.
#[test]
fn a_walk_to_and_fro_through_the_past_shows_each_second_as_it_was() {
    let mut life = Life::new(2, HOUR);
    let mut shown = vec![life.watch.monitor.snapshot(&query(0))];
    for second in 1..=700 {
        life.live();
        shown.push(life.watch.monitor.snapshot(&query(second)));
    }
    let mut second: u64 = 700;
    for _ in 0..300 {
        second = match life.dice.roll(12) {
            0..=4 => second.saturating_sub(1),
            5..=7 => second.saturating_sub(10),
            8..=9 => second + 1,
            10 => second + 10,
            _ => life.dice.roll(701),
        }
        .min(700);
        let past = recalled(&mut life, second).expect("an hour is kept");
        assert!(past == shown[second as usize], "second {second} differs");
    }
}

/// Where the axis is held still it ends with that second, and the frame is that of then; on a cursor within it only
/// the header and the footer tell that it is the past.
#[test]
fn a_time_axis_that_is_held_looks_the_same_when_time_has_gone_on() {
    for keys in ["9", "0", "9 o", "0 -", "9 - -"] {
        let mut life = Life::new(5, HOUR);
        (0..140).for_each(|_| life.live());
        let (live, mut view) = life.watch.hold(keys);
        (0..73).for_each(|_| life.live());
        let held = life.watch.draw(&mut view);
        assert_ne!(live, held, "the header tells them apart");
        assert!(looks_same(&live, &held), "pane {keys:?} differs");
    }
}

#[test]
fn what_lies_between_ticks_belongs_to_the_tick_before() {
    let mut life = Life::new(2, HOUR);
    (0..10).for_each(|_| life.live());
    let state = life.watch.history.recall(Timestamp::from_millis(7_999)).unwrap();
    assert_eq!(state.now(), Timestamp::from_secs(7));
    let state = life.watch.history.recall(Timestamp::from_secs(99)).unwrap();
    assert_eq!(state.now(), Timestamp::from_secs(10));
}

#[test]
fn what_is_older_than_the_length_is_forgotten_and_the_oldest_stands_for_it() {
    let mut life = Life::new(2, Duration::from_secs(600));
    (0..2_000).for_each(|_| life.live());
    let oldest = life.watch.history.report().oldest.unwrap();
    let reach = life.watch.monitor.now().since(oldest);
    assert!(
        (Duration::from_secs(600)..=Duration::from_secs(900)).contains(&reach),
        "{reach:?}"
    );
    let state = life.watch.history.recall(Timestamp::from_secs(1)).unwrap();
    assert_eq!(state.now(), oldest);
}

#[test]
fn memory_has_a_limit_and_the_oldest_gives_way() {
    let mut life = Life::new(2, 24 * HOUR);
    for _ in 0..900 {
        for number in 0..500 {
            // Nothing that was said before.
            let failure = Failure {
                kind: FailureKind::Status,
                phase: None,
                message: format!("{number} of {}: {:x<240}", life.second, "").into(),
            };
            let sample = Sample {
                outcome: Outcome::Failed(Box::new(failure)),
                ..life.sample(TargetId(0))
            };
            life.take(Input::from(sample));
        }
        life.live();
        if life.second.is_multiple_of(50) {
            // Somebody looks back meanwhile.
            let back = life.second - life.dice.roll(40);
            life.watch.history.recall(Timestamp::from_secs(back)).unwrap();
        }
        assert!(life.watch.history.report().bytes as usize <= HISTORY_LIMIT_BYTES);
    }
    let oldest = life.watch.history.report().oldest.unwrap();
    let reach = life.watch.monitor.now().since(oldest);
    assert!(oldest > Timestamp::ZERO, "something was forgotten");
    assert!(reach > Duration::from_secs(120), "only {reach:?} is kept");
}

#[test]
fn no_history_is_kept_where_none_is_wanted() {
    let mut life = Life::new(2, Duration::ZERO);
    life.live();
    assert!(life.watch.history.recall(Timestamp::from_secs(1)).is_none());
    assert_eq!(life.watch.history.report().bytes, 0);

    let mut life = Life::new(3, HOUR);
    (0..5).for_each(|_| life.live());
    life.watch.history.keep(Duration::ZERO);
    assert!(life.watch.history.recall(Timestamp::from_secs(1)).is_none());
}
