//! The arithmetic of the score, by hand.

use std::time::Duration;

use probetop_core::sample::{TargetId, Window};

use super::*;
use crate::judge::level::Damping;
use crate::judge::verdict::Verdict;

fn check_scores(limits: Limits, expected: &[(f64, f64)]) {
    for (value, score) in expected {
        let found = limits.score(*value);
        assert!((found - score).abs() < 1e-9, "{value} scores {found}, not {score}");
    }
}

/// 300 ms aimed at, 1 s a warning, 2 s critical.
fn latency(target: Option<u64>) -> Limits {
    Limits::from(&LatencyThresholds {
        target: target.map(Duration::from_millis),
        warning: Some(Duration::from_secs(1)),
        critical: Some(Duration::from_secs(2)),
        quantile: 0.95,
        window: Window::OneMinute,
        damping: Damping::default(),
    })
}

#[test]
fn a_figure_scores_by_how_far_it_is_into_its_levels() {
    check_scores(
        latency(Some(200)),
        &[
            (0.0, 100.0),
            (200_000.0, 100.0),
            (600_000.0, 90.0),
            (1_000_000.0, 80.0),
            (1_500_000.0, 65.0),
            (2_000_000.0, 50.0),
            (3_000_000.0, 25.0),
            (4_000_000.0, 0.0),
            (60_000_000.0, 0.0),
        ],
    );
    check_scores(
        latency(None),
        &[(999_999.0, 100.0), (1_000_000.0, 100.0), (1_000_001.0, 79.999_97)],
    );
}

#[test]
fn nothing_is_more_than_a_whole() {
    let disk = Limits::of_machine(
        &GaugeThresholds {
            target: None,
            warning: Some(0.9),
            critical: Some(0.95),
            damping: Damping::default(),
        },
        Unit::Ratio,
    );
    check_scores(
        disk,
        &[(0.9, 100.0), (0.925, 65.0), (0.95, 50.0), (0.975, 25.0), (1.0, 0.0)],
    );
    let errors = Limits::from(&ErrorThresholds::default());
    check_scores(
        errors,
        &[
            (0.0, 100.0),
            (0.03, 65.0),
            (0.05, 50.0),
            (0.075, 25.0),
            (0.1, 0.0),
            (1.0, 0.0),
        ],
    );
    let load = Limits::of_machine(
        &GaugeThresholds {
            target: None,
            warning: Some(1.5),
            critical: Some(2.0),
            damping: Damping::default(),
        },
        Unit::Number,
    );
    check_scores(load, &[(1.75, 65.0), (3.0, 25.0), (4.0, 0.0)]);
}

#[test]
fn where_less_is_worse_zero_is_the_end() {
    let hits = Limits::from(&GaugeLevel {
        name: "hit_ratio".into(),
        target: None,
        warning: Some(0.85),
        critical: Some(0.7),
        worse: Worse::Lower,
        damping: Damping::default(),
    });
    check_scores(
        hits,
        &[
            (1.0, 100.0),
            (0.85, 100.0),
            (0.775, 65.0),
            (0.7, 50.0),
            (0.35, 25.0),
            (0.0, 0.0),
        ],
    );
}

#[test]
fn levels_that_are_missing_or_nothing_divide_nothing_by_zero() {
    let limits = |target, warning, critical| Limits {
        target,
        warning,
        critical,
        ..Limits::default()
    };
    check_scores(limits(None, None, None), &[(1e300, 100.0)]);
    check_scores(limits(Some(1.0), None, None), &[(1.0, 100.0), (1.5, 90.0), (9.0, 80.0)]);
    check_scores(limits(None, Some(1.0), None), &[(1.0, 100.0), (1.5, 65.0), (9.0, 50.0)]);
    check_scores(limits(None, None, Some(0.0)), &[(0.0, 100.0), (0.1, 0.0)]);
    check_scores(limits(None, Some(1.0), Some(1.0)), &[(1.0, 100.0), (1.5, 25.0)]);
    check_scores(
        limits(None, Some(-2.0), Some(-1.0)),
        &[(-1.5, 65.0), (-0.5, 25.0), (0.0, 0.0)],
    );
    check_scores(
        limits(None, None, Some(1.0)),
        &[(f64::INFINITY, 0.0), (f64::NEG_INFINITY, 100.0)],
    );
}

const MACHINE: Of<'static> = Of {
    target: None,
    name: None,
};

fn scored(scores: &[f64]) -> Tally {
    let mut tally = Tally::default();
    for score in scores {
        let level = match *score {
            score if score < CRITICAL => Level::Critical,
            score if score < WARNING => Level::Warning,
            _ => Level::Ok,
        };
        tally.offer(MACHINE, "cpu", *score, level, || format!("cpu at {score}").into());
    }
    tally
}

fn check_total(found: [&[f64]; 4], score: u8, level: Level, shares: [f64; 4], worst: &str) {
    let health = total(&Group::defaults(), &found.map(scored)).unwrap();
    assert_eq!((health.score, health.level), (score, level), "{health:?}");
    let share = |name: &str| {
        health
            .groups
            .iter()
            .find(|group| group.name.as_str() == name)
            .unwrap()
            .share_ratio
    };
    assert_eq!(["database", "machine", "cache", "services"].map(share), shares);
    assert_eq!(health.worst.as_ref().map_or("", Text::as_str), worst);
}

#[test]
fn the_whole_is_the_weighted_mean_of_what_is_known() {
    let alone = [0.4, 0.35, 0.25, 0.0];
    check_total([&[100.0], &[100.0], &[100.0], &[]], 100, Level::Ok, alone, "");
    // 0.4 * 50 + 0.35 * 90 + 0.25 * 100 = 76.5
    check_total(
        [&[50.0], &[90.0], &[100.0], &[]],
        76,
        Level::Warning,
        alone,
        "cpu at 50",
    );
    // With services the three are half: 0.5 * 100 + 0.2 * 50 + 0.175 * 90 + 0.125 * 100 = 88.25
    let half = [0.2, 0.175, 0.125, 0.5];
    check_total(
        [&[50.0], &[90.0], &[100.0], &[100.0]],
        88,
        Level::Warning,
        half,
        "cpu at 50",
    );
    // Without database and cache: 35 / 135 and 100 / 135.
    let rest = [0.0, 35.0 / 135.0, 0.0, 100.0 / 135.0];
    check_total([&[], &[100.0], &[], &[20.0]], 40, Level::Critical, rest, "cpu at 20");
    check_total(
        [&[], &[80.0], &[], &[]],
        80,
        Level::Ok,
        [0.0, 1.0, 0.0, 0.0],
        "cpu at 80",
    );
    check_total(
        [&[], &[49.9], &[], &[]],
        49,
        Level::Critical,
        [0.0, 1.0, 0.0, 0.0],
        "cpu at 49.9",
    );
}

#[test]
fn what_costs_the_most_is_named_not_what_scores_the_least() {
    // A cache at 40 costs 25 * 60, the services at 80 cost 100 * 20.
    check_total(
        [&[], &[], &[40.0], &[80.0]],
        72,
        Level::Critical,
        [0.0, 0.0, 0.2, 0.8],
        "cpu at 80",
    );
}

#[test]
fn nothing_known_is_no_score_and_no_weight_leaves_out() {
    assert_eq!(
        total(&Group::defaults(), &[const { &[] as &[f64] }; 4].map(scored)),
        None
    );
    let mut groups = Group::defaults();
    groups[0].weight = 0.0;
    let health = total(&groups, &[&[0.0][..], &[90.0], &[], &[]].map(scored)).unwrap();
    assert_eq!((health.score, health.groups.len()), (90, 3));
}

#[test]
fn a_subject_is_its_worst_component_and_only_the_worst_are_shown() {
    let many: Vec<f64> = (0..1000).map(|number| f64::from(number * 7919 % 1000) / 10.0).collect();
    let tally = scored(&many);
    let shown: Vec<_> = tally.components().map(|component| component.score).collect();
    assert_eq!(shown, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    assert_eq!((tally.score(), tally.subjects()), (Some(0.0), 1));
}

/// What a group scores of targets that score so, and how many of them are broken.
fn check_group(scores: &[(f64, Level)], expected: f64, level: Level, broken: usize) {
    let mut tally = Tally::default();
    for ((score, level), id) in scores.iter().zip(0..) {
        let of = Of {
            target: Some(TargetId(id)),
            name: None,
        };
        // A second figure that is as it should be changes nothing.
        tally.offer(of, "latency", *score, *level, Text::default);
        tally.offer(of, "errors", 100.0, Level::Ok, Text::default);
    }
    let found = tally.score().unwrap();
    assert!((found - expected).abs() < 1e-9, "{scores:?} scores {found}");
    assert_eq!(
        (tally.level(), tally.broken(), tally.subjects()),
        (level, broken, scores.len())
    );
}

#[test]
fn a_group_falls_with_the_share_that_is_broken_but_stays_within_its_level() {
    let (well, dead) = ((100.0, Level::Ok), (0.0, Level::Critical));
    check_group(&[well, (90.0, Level::Ok)], 95.0, Level::Ok, 0);
    check_group(&[dead], 0.0, Level::Critical, 1);
    check_group(&[dead, well], 25.0, Level::Critical, 1);
    check_group(&[dead, dead, well, well], 25.0, Level::Critical, 2);
    check_group(&[dead, dead, dead, well], 12.5, Level::Critical, 3);
    check_group(&[dead, dead, dead, dead], 0.0, Level::Critical, 4);
    check_group(&[(60.0, Level::Warning), well], 70.0, Level::Warning, 1);
}

#[test]
fn what_somebody_looks_after_costs_nothing() {
    let quiet = Verdict {
        level: Level::Critical,
        value: Some(9e6),
        unit: Unit::Microseconds,
        set_aside: true,
        ..Verdict::default()
    };
    let mut tallies = [const { &[] as &[f64] }; 4].map(scored);
    tallies[3].figure(MACHINE, "latency", Some(&latency(None)), &quiet);
    let health = total(&Group::defaults(), &tallies).unwrap();
    assert_eq!((health.score, health.level), (100, Level::Ok));
    tallies[1].offer(MACHINE, "cpu", 100.0, Level::Ok, Text::default);
    let health = total(&Group::defaults(), &tallies).unwrap();
    assert_eq!((health.score, health.level), (100, Level::Ok));
}

#[test]
fn what_is_clearing_says_so_until_something_is_beyond_its_limit() {
    let was = Verdict {
        level: Level::Critical,
        value: Some(1000.0),
        clears: Some(probetop_core::clock::Timestamp::from_secs(9)),
        ..Verdict::default()
    };
    let mut tallies = [const { &[] as &[f64] }; 4].map(scored);
    tallies[3].figure(MACHINE, "latency", Some(&latency(None)), &was);
    let health = total(&Group::defaults(), &tallies).unwrap();
    assert_eq!(
        (health.level, health.clearing, health.score),
        (Level::Critical, true, 50)
    );
    tallies[3].offer(MACHINE, "load", 70.0, Level::Warning, Text::default);
    let health = total(&Group::defaults(), &tallies).unwrap();
    assert_eq!((health.level, health.clearing), (Level::Critical, true));
    tallies[1].offer(MACHINE, "cpu", 10.0, Level::Critical, Text::default);
    let health = total(&Group::defaults(), &tallies).unwrap();
    assert_eq!((health.level, health.clearing), (Level::Critical, false));
}

#[test]
fn a_component_says_what_it_is_and_the_first_of_equals_stays() {
    let mut tally = Tally::default();
    let name = Text::from("checkout");
    let checkout = Of {
        target: Some(TargetId(1)),
        name: Some(&name),
    };
    let verdict = |value, level, reason: Option<&str>| Verdict {
        level,
        value,
        unit: Unit::Microseconds,
        reason: reason.map(Text::from),
        ..Verdict::default()
    };
    let limits = latency(Some(200));
    tally.figure(checkout, "latency", Some(&limits), &verdict(None, Level::Unknown, None));
    tally.figure(
        checkout,
        "latency",
        Some(&limits),
        &verdict(Some(f64::NAN), Level::Ok, None),
    );
    assert_eq!(tally.score(), None);
    tally.figure(
        checkout,
        "latency",
        Some(&limits),
        &verdict(Some(100_000.0), Level::Ok, None),
    );
    tally.figure(
        checkout,
        "latency",
        Some(&limits),
        &verdict(Some(600_000.0), Level::Ok, None),
    );
    tally.figure(
        checkout,
        "latency",
        Some(&limits),
        &verdict(Some(1.5e6), Level::Warning, Some("p95 1.5s > 1s")),
    );
    let said: Vec<_> = tally
        .components()
        .map(|component| (component.name.as_str(), component.reason.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("checkout latency", "p95 1.5s > 1s"),
            ("checkout latency", "latency 600ms, aimed at 200ms"),
            ("checkout latency", "latency 100ms"),
        ]
    );
    assert_eq!(tally.worst().unwrap().as_str(), "checkout: p95 1.5s > 1s");
}
