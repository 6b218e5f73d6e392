//! A load run in which everything happened, to draw and to write.

use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::profile::{Amount, Model, Profile};
use probetop_core::sample::load::{LoadFailure, LoadPart, LoadSecond};
use probetop_core::sample::slot::SecondCounter;
use probetop_core::sample::{Failure, FailureKind, Micros, Outcome, Phase, Phases, Sample, TargetId};
use probetop_core::snapshot::load::{Completeness, Found, LoadReport, SearchEnd, SearchReport, Trial, TrialOutcome};
use probetop_engine::judge::load::threshold::Threshold;
use probetop_engine::judge::load::{LoadPlan, LoadRun};

/// 20 s at 200/s behind a warm-up, then a ramp to 600/s in which the service slows down and one in fifty times out.
pub fn report() -> LoadReport {
    let mut profile = Profile::steady(Model::Open, rate(200), rate(200), seconds(20));
    profile
        .stages
        .extend(Profile::steady(Model::Open, rate(200), rate(600), seconds(10)).stages);
    let profile = profile.warmed_up(seconds(5));
    let threshold = |text: &str| Threshold::parse(text).expect("a condition");
    let mut run = LoadRun::new(
        LoadPlan {
            request: "GET https://shop.example/api/checkout".into(),
            timeout: seconds(5),
            workers: 2,
            connections: 500,
            thresholds: ["p95 < 500ms", "errors < 1%", "rate > 100"].map(threshold).into(),
            profile: profile.clone(),
        },
        SystemTime::UNIX_EPOCH + seconds(1_795_000_000),
    );
    for number in 0..35 {
        let (stage, _) = profile.stage_at(seconds(number));
        let level = match stage {
            0 | 1 => 200,
            _ => 200 + 40 * (number - 25),
        };
        run.add(&second(number as u32, stage as u16, level));
    }
    run.report(profile.length(), Completeness::Whole)
}

/// A search that ended between 400/s and 420/s.
pub fn search() -> SearchReport {
    let figures = report().stages[2].figures.clone();
    let trial = |per_s: u64, reason: Option<&str>| Trial {
        rate: rate(per_s),
        outcome: if reason.is_some() {
            TrialOutcome::Missed
        } else {
            TrialOutcome::Held
        },
        reason: reason.map(Into::into),
        figures: figures.clone(),
    };
    let slow = Some("p95 < 300ms was broken: 341ms");
    SearchReport {
        request: "GET https://shop.example/api/checkout".into(),
        condition: "p95 < 300ms && errors < 1%".into(),
        completeness: Completeness::Whole,
        found: Found {
            holds: Some(rate(400)),
            does_not: Some(rate(420)),
            end: SearchEnd::Bracketed,
        },
        trials: vec![
            trial(400, None),
            trial(400, None),
            trial(800, slow),
            trial(800, slow),
            trial(420, slow),
            trial(420, None),
            trial(420, slow),
        ],
    }
}

fn rate(per_s: u64) -> Amount {
    Amount::whole(per_s)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn second(number: u32, stage: u16, level: u64) -> LoadSecond {
    let mut counter = SecondCounter::default();
    let slower = if stage == 2 { 4 } else { 1 };
    let failed = if stage == 2 { level / 50 } else { 0 };
    let mut took = Duration::ZERO;
    for request in 0..level - failed {
        let first_byte = Micros(slower * (20_000 + (request as u32 * 7919) % 60_000));
        let mut phases = Phases::default();
        phases.add(Phase::FirstByte, first_byte);
        phases.add(Phase::Transfer, Micros(400));
        if request == 0 {
            phases.add(Phase::Connect, Micros(900));
        }
        let latency = Micros(first_byte.0 + 400 + if request == 0 { 900 } else { 0 });
        let lag = Micros(20 + (request as u32 * 31) % 100);
        counter.record(&sample(latency, lag, phases, Outcome::Ok));
        counter.respond(Micros(latency.0 + lag.0));
        took += latency.as_duration();
    }
    let failure = Failure {
        kind: FailureKind::Timeout,
        phase: Some(Phase::FirstByte),
        message: "no answer within 5s".into(),
    };
    for _ in 0..failed {
        let outcome = Outcome::Failed(Box::new(failure.clone()));
        counter.record(&sample(Micros(5_000_000), Micros(30), Phases::default(), outcome));
        took += seconds(5);
    }
    let failures = (failed > 0).then(|| LoadFailure {
        kind: failure.kind,
        phase: failure.phase,
        count: failed,
        message: failure.message.clone(),
    });
    LoadSecond {
        number,
        users: 0,
        length: seconds(1),
        in_flight: took.mul_f64(1.001),
        busiest: Duration::from_millis(level / 10),
        parts: vec![LoadPart {
            stage,
            offered: level,
            slot: counter.close(),
            took,
            connections: 1,
            received_bytes: (level - failed) * 1800,
            statuses: vec![(200, level - failed)],
            failures: failures.into_iter().collect(),
        }],
    }
}

fn sample(latency: Micros, lag: Micros, phases: Phases, outcome: Outcome) -> Sample {
    Sample {
        target: TargetId(0),
        intended: Timestamp::ZERO,
        lag,
        latency,
        outcome,
        phases,
        answer: None,
    }
}
