//! Runs that are made up, second by second, and what they come to.

use probetop_core::clock::Timestamp;
use probetop_core::profile::{Amount, Model, Pause};
use probetop_core::sample::load::{LoadFailure, LoadPart};
use probetop_core::sample::slot::SecondCounter;
use probetop_core::sample::{Failure, FailureKind, Micros, Outcome, Phase, Phases, Sample, TargetId};
use probetop_core::snapshot::load::Reading;

use super::*;

const TIMEOUT: Duration = Duration::from_secs(5);

fn plan(profile: Profile, thresholds: &[&str]) -> LoadPlan {
    LoadPlan {
        request: "GET http://a/".into(),
        profile,
        timeout: TIMEOUT,
        workers: 1,
        connections: 100,
        thresholds: thresholds.iter().map(|text| Threshold::parse(text).unwrap()).collect(),
    }
}

fn rate(per_s: u64, seconds: u64) -> Profile {
    let rate = Amount::whole(per_s);
    Profile::steady(Model::Open, rate, rate, Duration::from_secs(seconds))
}

/// A part in which each of `services` succeeded after `lag`, and `failed` more timed out.
fn part(stage: u16, services: &[u32], lag: u32, failed: u64) -> LoadPart {
    let mut counter = SecondCounter::default();
    let sample = |service, outcome| Sample {
        target: TargetId(0),
        intended: Timestamp::ZERO,
        lag: Micros(lag),
        latency: Micros(service),
        outcome,
        phases: Phases::default(),
        answer: None,
    };
    for service in services {
        counter.record(&sample(*service, Outcome::Ok));
        counter.respond(Micros(service + lag));
    }
    let failure = Failure {
        kind: FailureKind::Timeout,
        phase: Some(Phase::FirstByte),
        message: "no answer within 5s".into(),
    };
    for _ in 0..failed {
        counter.record(&sample(5_000_000, Outcome::Failed(Box::new(failure.clone()))));
    }
    let took: u64 = services.iter().map(|service| u64::from(*service)).sum();
    LoadPart {
        stage,
        offered: services.len() as u64 + failed,
        slot: counter.close(),
        took: Duration::from_micros(took) + TIMEOUT * failed as u32,
        failures: (failed > 0)
            .then(|| LoadFailure {
                kind: FailureKind::Timeout,
                phase: Some(Phase::FirstByte),
                count: failed,
                message: "no answer within 5s".into(),
            })
            .into_iter()
            .collect(),
        ..LoadPart::default()
    }
}

fn second(number: u32, parts: Vec<LoadPart>) -> LoadSecond {
    LoadSecond {
        number,
        length: Duration::from_secs(1),
        in_flight: parts.iter().map(|part| part.took).sum(),
        busiest: Duration::from_millis(100),
        parts,
        ..LoadSecond::default()
    }
}

fn run(plan: LoadPlan, seconds: impl IntoIterator<Item = LoadSecond>) -> LoadRun {
    let mut run = LoadRun::new(plan, SystemTime::UNIX_EPOCH);
    seconds.into_iter().for_each(|second| run.add(&second));
    run
}

#[test]
fn a_failure_is_no_latency_and_a_quantile_it_reaches_into_is_no_number() {
    // Of a hundred six failed: p90 is a number, p95 is not.
    let plan = plan(rate(100, 1), &[]);
    let report =
        run(plan, [second(0, vec![part(0, &[200; 94], 10, 6)])]).report(Duration::from_secs(1), Completeness::Whole);
    let whole = &report.whole;
    assert_eq!((whole.requests, whole.failed, whole.ok()), (100, 6, 94));
    for spread in [&whole.response, &whole.service] {
        assert_eq!(spread.p95, Reading::AtLeast(TIMEOUT));
        assert_eq!(spread.p99, Reading::AtLeast(TIMEOUT));
        assert_eq!(spread.p99_9, Reading::TooFew);
    }
    assert_eq!(whole.service.p90, Reading::At(Micros(200)));
    assert_eq!(whole.response.p90, Reading::At(Micros(210)));
    assert_eq!(whole.response.max, Some(Micros(210)));
}

#[test]
fn where_nothing_succeeded_every_quantile_says_so() {
    let report = run(
        plan(rate(100, 1), &["p50 < 1h"]),
        [second(0, vec![part(0, &[], 10, 100)])],
    );
    let report = report.report(Duration::from_secs(1), Completeness::Whole);
    assert_eq!(report.whole.response.p50, Reading::AtLeast(TIMEOUT));
    assert_eq!((report.whole.response.mean, report.whole.response.max), (None, None));
    assert_eq!(report.verdict, Verdict::Broken);
}

#[test]
fn the_warm_up_is_told_apart_and_is_part_of_no_total() {
    let profile = rate(100, 2).warmed_up(Duration::from_secs(1));
    let seconds = [
        second(0, vec![part(0, &[9000; 100], 0, 0)]),
        // The last of the warm-up ends when the next stage has begun.
        second(1, vec![part(0, &[9000; 1], 0, 0), part(1, &[200; 100], 0, 0)]),
        second(2, vec![part(1, &[200; 100], 0, 0)]),
    ];
    let report = run(plan(profile, &[]), seconds).report(Duration::from_secs(3), Completeness::Whole);
    assert_eq!(report.whole.requests, 200);
    assert_eq!(report.whole.length, Duration::from_secs(2));
    assert_eq!(report.whole.response.max, Some(Micros(200)));
    assert_eq!(report.whole.achieved_per_s(), Some(100.0));
    assert_eq!(report.stages[0].purpose, StagePurpose::WarmUp);
    assert_eq!(report.stages[0].figures.requests, 101);
}

#[test]
fn a_ramp_is_not_averaged_away_stages_have_their_own_figures() {
    let mut profile = rate(100, 1);
    profile.stages.extend(rate(300, 1).stages);
    let seconds = [
        second(0, vec![part(0, &[200; 100], 0, 0)]),
        second(1, vec![part(1, &[400; 300], 0, 0)]),
    ];
    let report = run(plan(profile, &[]), seconds).report(Duration::from_secs(2), Completeness::Whole);
    let rates: Vec<_> = report
        .stages
        .iter()
        .map(|stage| stage.figures.achieved_per_s())
        .collect();
    assert_eq!(rates, [Some(100.0), Some(300.0)]);
    assert_eq!(report.whole.achieved_per_s(), Some(200.0));
}

#[test]
fn a_run_that_was_cut_short_decides_nothing() {
    let run = run(
        plan(rate(100, 10), &["p50 < 1us"]),
        [second(0, vec![part(0, &[200; 100], 0, 0)])],
    );
    let report = run.report(Duration::from_secs(1), Completeness::Partial);
    assert_eq!(report.thresholds[0].outcome, ThresholdOutcome::Broken);
    assert_eq!(report.verdict, Verdict::Undecided);
    assert_eq!(report.stages[0].figures.length, Duration::from_secs(1));
}

#[test]
fn a_run_passes_or_breaks_by_its_thresholds() {
    let check = |thresholds: &[&str], expected| {
        let run = run(
            plan(rate(100, 1), thresholds),
            [second(0, vec![part(0, &[200; 100], 0, 0)])],
        );
        assert_eq!(
            run.report(Duration::from_secs(1), Completeness::Whole).verdict,
            expected,
            "{thresholds:?}"
        );
    };
    check(&[], Verdict::None);
    check(&["p95 < 1ms", "errors < 1%"], Verdict::Passed);
    check(&["p95 < 1ms", "p95 < 1us"], Verdict::Broken);
    check(&["p99.9 < 1s"], Verdict::Inconclusive);
    check(&["p99.9 < 1s", "p95 < 1us"], Verdict::Broken);
}

/// A run that keeps its threshold, but for what probetop did.
fn limited(change: impl Fn(&mut LoadSecond)) -> LoadReport {
    let seconds = (0..10).map(|number| {
        let mut second = second(number, vec![part(0, &[200_000; 100], 50, 0)]);
        change(&mut second);
        second
    });
    run(plan(rate(100, 10), &["p50 < 1s"]), seconds).report(Duration::from_secs(10), Completeness::Whole)
}

#[test]
fn where_probetop_was_the_limit_nothing_is_concluded() {
    let check = |change: fn(&mut LoadSecond), expected: &str| {
        let report = limited(change);
        let limits: Vec<_> = report
            .generator
            .limits
            .iter()
            .map(|limit| limit.words.as_str())
            .collect();
        if expected.is_empty() {
            assert_eq!((limits, report.verdict), (Vec::new(), Verdict::Passed));
        } else {
            assert!(limits.len() == 1 && limits[0].starts_with(expected), "{limits:?}");
            assert_eq!(report.verdict, Verdict::Inconclusive);
        }
    };
    check(|_| {}, "");
    check(
        |second| second.busiest = Duration::from_millis(950),
        "a worker used its core up in 10 of 10 seconds, first at 100/s",
    );
    // The limit is a tenth of the service time where that is long.
    check(|second| second.parts = vec![part(0, &[200_000; 100], 15_000, 0)], "");
    check(
        |second| second.parts = vec![part(0, &[200_000; 100], 25_000, 0)],
        "requests were sent late: lag p99 2",
    );
    check(
        |second| second.in_flight = second.in_flight.mul_f64(1.5),
        "rate times service time differs by -33%",
    );
    let one_busy = |second: &mut LoadSecond| {
        second.busiest = Duration::from_millis(if second.number == 4 { 990 } else { 100 });
    };
    check(one_busy, "a worker used its core up in 1 of 10 seconds");
}

/// With thirty requests a second that found no connection.
fn block(second: &mut LoadSecond) {
    let part = &mut second.parts[0];
    part.offered += 30;
    let mut counter = SecondCounter::default();
    counter.merge(&part.slot);
    counter.overrun(30);
    part.slot = counter.close();
}

#[test]
fn what_found_no_connection_is_counted_and_forbids_that_a_run_passes() {
    let report = limited(block);
    let whole = &report.whole;
    assert_eq!((whole.offered, whole.blocked, whole.requests), (1300, 300, 1000));
    let limit = &report.generator.limits[0];
    assert!(limit.words.as_str().starts_with("300 of 1300 requests were due"));
    assert_eq!(report.verdict, Verdict::Inconclusive);
}

#[test]
fn what_is_broken_although_probetop_made_it_look_better_is_broken() {
    let seconds = (0..10).map(|number| {
        let mut second = second(number, vec![part(0, &[200_000; 100], 50, 0)]);
        block(&mut second);
        second
    });
    let report = run(plan(rate(100, 10), &["p50 < 1ms"]), seconds);
    let report = report.report(Duration::from_secs(10), Completeness::Whole);
    assert_eq!(report.verdict, Verdict::Broken);
}

#[test]
fn users_have_no_timetable_that_could_block() {
    let users = Amount::whole(10);
    let profile = Profile::steady(Model::Closed(Pause::None), users, users, Duration::from_secs(1));
    let report = run(
        plan(profile, &["errors < 1%"]),
        [second(0, vec![part(0, &[200; 100], 0, 0)])],
    );
    assert_eq!(
        report.report(Duration::from_secs(1), Completeness::Whole).verdict,
        Verdict::Passed
    );
}

#[test]
fn rates_and_what_was_on_its_way_are_over_the_time_to_the_last_answer() {
    // Ten users for a second, of whom each waits four for the answer.
    let users = Amount::whole(10);
    let profile = Profile::steady(Model::Closed(Pause::None), users, users, Duration::from_secs(1));
    let seconds = (0..4).map(|number| LoadSecond {
        in_flight: Duration::from_secs(10),
        ..second(
            number,
            (number == 3)
                .then(|| part(0, &[4_000_000; 10], 0, 0))
                .into_iter()
                .collect(),
        )
    });
    let report = run(plan(profile, &["rate > 9"]), seconds).report(Duration::from_secs(1), Completeness::Whole);
    assert_eq!(report.whole.length, Duration::from_secs(1));
    assert_eq!(report.whole.lasted, Duration::from_secs(4));
    assert_eq!(report.whole.achieved_per_s(), Some(2.5));
    assert_eq!(report.generator.in_flight, Some(10.0));
    assert_eq!(report.generator.little_deviation_ratio, Some(0.0));
    assert_eq!(report.verdict, Verdict::Broken);
}

#[test]
fn what_is_on_its_way_is_no_fault_of_the_bookkeeping_while_it_runs() {
    let seconds = || {
        let in_flight = Duration::from_secs(100);
        [LoadSecond {
            in_flight,
            ..second(0, vec![part(0, &[200; 100], 0, 0)])
        }]
    };
    let report = |completeness| run(plan(rate(100, 10), &[]), seconds()).report(Duration::from_secs(1), completeness);
    assert_eq!(report(Completeness::Partial).generator.limits, []);
    assert_eq!(report(Completeness::Whole).generator.limits.len(), 1);
}

#[test]
fn where_probetop_was_the_limit_the_verdict_says_so_without_a_threshold_too() {
    let mut first = second(0, vec![part(0, &[200; 100], 0, 0)]);
    block(&mut first);
    let run = run(plan(rate(130, 1), &[]), [first]);
    let verdict = |completeness| run.report(Duration::from_secs(1), completeness).verdict;
    assert_eq!(verdict(Completeness::Whole), Verdict::Inconclusive);
    assert_eq!(verdict(Completeness::Partial), Verdict::None);
}
