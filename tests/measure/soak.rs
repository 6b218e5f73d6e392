//! An hour in fast time, with a reload every minute: what is kept does not grow with reloads, alerts, marks and messages.

use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    Answer, Fact, FailureKind, Gauge, Mark, MarkOrigin, Micros, Outcome, Phase, Phases, Purpose, Sample, Severity,
    TargetInfo,
};
use probetop_core::snapshot::{Notice, Query, Rows};
use probetop_engine::history::History;
use probetop_engine::judge::level::HostThresholds;
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;

/// Targets that stay, and those of which each reload brings others, as with the pods of a cluster.
const STAYING: u32 = 12;
const PASSING: u32 = 8;

/// It begins with so many bad minutes, in which many more come and go: what is kept up to a number, such as alerts that
/// have ended, has that number from then on.
const BAD_MINUTES: u32 = 10;
const PASSING_IN_BAD: u32 = 60;

/// How far back can be gone: after ten minutes nothing more is kept.
const PAST: Duration = Duration::from_secs(300);

struct Life {
    monitor: Monitor,
    history: History,
    minute: u32,
}

fn planned(id: u32) -> PlannedTarget {
    let purpose = match id % 4 {
        3 => Purpose::Generator,
        _ => Purpose::default(),
    };
    inputs::planned(TargetInfo {
        purpose,
        ..inputs::info(id)
    })
}

/// Who is watched in that minute. Ids are never given twice.
fn ids(minute: u32) -> impl Iterator<Item = u32> {
    let passing = STAYING + minute * PASSING_IN_BAD;
    let count = if minute < BAD_MINUTES { PASSING_IN_BAD } else { PASSING };
    (0..STAYING).chain(passing..passing + count)
}

fn plan(minute: u32) -> Plan {
    Plan {
        targets: ids(minute).map(planned).collect(),
        host: Some(HostThresholds::default()),
        ..Plan::default()
    }
}

fn sample(id: u32, second: u64) -> Sample {
    let mut phases = Phases::default();
    phases.add(
        Phase::FirstByte,
        Micros(900 + (second * 37 + u64::from(id)) as u32 % 700),
    );
    // Every target is down for half a minute in two, each at another time: alerts come and go all the time.
    let failed = (second + u64::from(id) * 7) % 120 < 30;
    let failure = format!("HTTP 503 at second {second}");
    let answer = Answer {
        facts: vec![Fact {
            name: "version".into(),
            value: format!("1.0.{second}").into(),
        }],
        gauges: vec![Gauge::new("users", (second / 20 % 7) as f64)],
        ..Answer::default()
    };
    let latency = Micros(1_000 + (second * 7 + u64::from(id)) as u32 % 900);
    Sample {
        outcome: match failed {
            true => inputs::failed(FailureKind::Status, &failure),
            false => Outcome::Ok,
        },
        phases,
        answer: (!failed).then(|| Box::new(answer)),
        ..inputs::answered(id, Timestamp::from_secs(second), latency)
    }
}

impl Life {
    fn new() -> Self {
        let monitor = Monitor::new(plan(0), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        Self {
            history: History::new(PAST, &monitor),
            monitor,
            minute: 0,
        }
    }

    fn take(&mut self, input: Input) {
        self.history.input(&input);
        self.monitor.apply(input);
    }

    /// As the engine does it.
    fn live_minute(&mut self) {
        let begin = u64::from(self.minute) * 60;
        let at = Timestamp::from_secs(begin);
        let plan = plan(self.minute);
        self.take(Input::Plan {
            at,
            plan: Box::new(plan),
        });
        self.take(Input::Notice(Notice {
            at,
            severity: Severity::Info,
            text: format!("configuration reloaded, time {}", self.minute).into(),
        }));
        self.take(Input::Mark(Mark {
            at,
            label: format!("minute {}", self.minute).into(),
            origin: MarkOrigin::Script,
        }));
        for second in begin..begin + 60 {
            for id in ids(self.minute) {
                self.take(Input::from(sample(id, second)));
            }
            self.take(inputs::tick(Timestamp::from_secs(second + 1)));
            self.history.advance(&self.monitor);
        }
        let everything = Query {
            detail: Rows::All,
            ..Query::default()
        };
        drop(self.monitor.snapshot(&everything));
        self.minute += 1;
    }
}

#[test]
fn an_hour_with_a_reload_a_minute_takes_no_more_at_its_end_than_after_its_first_quarter() {
    let mut life = None;
    let mut kept = 0;
    let mut minutes = Vec::new();
    for _ in 0..60 {
        let counted = measure(|| life.get_or_insert_with(Life::new).live_minute());
        kept += counted.bytes_current;
        minutes.push(kept);
    }
    // Stretches of the past end at their own times.
    let most = |minutes: &[i64]| minutes.iter().copied().max().unwrap_or_default();
    let (early, late) = (most(&minutes[15..30]), most(&minutes[45..]));
    println!("{early} bytes, then {late}");
    assert!(
        late as f64 <= 1.05 * early as f64,
        "{early} bytes, then {late}: {minutes:?}"
    );
}
