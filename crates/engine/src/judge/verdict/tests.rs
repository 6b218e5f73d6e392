//! Figures and thresholds in, levels and reasons out.

use probetop_core::sample::Window;

use super::*;
use crate::judge::level::Damping;

fn check(verdict: Verdict, level: Level, reason: &str) {
    assert_eq!(
        (verdict.level, verdict.reason.as_ref().map_or("", Text::as_str)),
        (level, reason)
    );
}

#[test]
fn latency_is_compared_at_its_quantile() {
    let thresholds = LatencyThresholds {
        target: Some(Duration::from_millis(300)),
        warning: Some(Duration::from_millis(500)),
        critical: Some(Duration::from_secs(2)),
        quantile: 0.95,
        window: Window::OneMinute,
        damping: Damping::WINDOW,
    };
    check(latency(&thresholds, Some(Micros(500_000)), Level::Ok), Level::Ok, "");
    check(
        latency(&thresholds, Some(Micros(612_000)), Level::Ok),
        Level::Warning,
        "p95(1m) 612ms > 500ms",
    );
    check(
        latency(&thresholds, Some(Micros(2_500_000)), Level::Ok),
        Level::Critical,
        "p95(1m) 2.5s > 2s",
    );
    check(
        latency(&thresholds, None, Level::Ok),
        Level::Unknown,
        "p95 needs more samples in 1m",
    );
    let tail = LatencyThresholds {
        quantile: 0.999,
        warning: None,
        ..thresholds
    };
    check(
        latency(&tail, Some(Micros(2_000_001)), Level::Ok),
        Level::Critical,
        "p99.9(1m) 2s > 2s",
    );
}

#[test]
fn errors_need_a_few_attempts_or_a_full_window() {
    let thresholds = ErrorThresholds::default();
    let failures = |attempts, failed, window_full| Failures {
        not_made: 0,
        attempts,
        failed,
        commonest: (failed > 0).then_some(FailureKind::Timeout),
        window_full,
    };
    check(
        errors(&thresholds, failures(0, 0, true), Level::Ok),
        Level::Unknown,
        "too few probes yet",
    );
    check(
        errors(&thresholds, failures(2, 2, false), Level::Ok),
        Level::Unknown,
        "too few probes yet",
    );
    check(
        errors(&thresholds, failures(2, 2, true), Level::Ok),
        Level::Critical,
        "errors(1m) 100% (timeout) > 5%",
    );
    check(
        errors(&thresholds, failures(3, 3, false), Level::Ok),
        Level::Critical,
        "errors(1m) 100% (timeout) > 5%",
    );
    check(
        errors(&thresholds, failures(60, 1, true), Level::Ok),
        Level::Warning,
        "errors(1m) 1.7% (timeout) > 1%",
    );
    check(errors(&thresholds, failures(100, 1, true), Level::Ok), Level::Ok, "");
}

#[test]
fn gauges_name_themselves_and_their_unit() {
    let cpu = GaugeThresholds {
        target: None,
        warning: Some(0.8),
        critical: Some(0.95),
        damping: Damping::GAUGE,
    };
    check(
        gauge("cpu", GaugeKind::Share, &cpu, Some(0.97), Level::Ok),
        Level::Critical,
        "cpu 97% > 95%",
    );
    check(
        gauge("cpu", GaugeKind::Share, &cpu, Some(0.8), Level::Ok),
        Level::Ok,
        "",
    );
    check(
        gauge("cpu", GaugeKind::Share, &cpu, None, Level::Ok),
        Level::Unknown,
        "cpu is not known",
    );
    let load = GaugeThresholds {
        target: None,
        warning: Some(1.5),
        critical: None,
        damping: Damping::GAUGE,
    };
    check(
        gauge("load", GaugeKind::LoadPerCore, &load, Some(1.75), Level::Ok),
        Level::Warning,
        "load 1.75 per core > 1.50 per core",
    );
}

#[test]
fn a_figure_the_target_tells_is_judged_in_its_direction() {
    let hits = GaugeLevel {
        name: "hit_ratio".into(),
        target: None,
        warning: Some(0.85),
        critical: Some(0.7),
        worse: Worse::Lower,
        damping: Damping::WINDOW,
    };
    check(told_gauge(&hits, Some(0.9), Level::Ok), Level::Ok, "");
    check(
        told_gauge(&hits, Some(0.8), Level::Ok),
        Level::Warning,
        "hit_ratio 80% < 85%",
    );
    check(
        told_gauge(&hits, Some(0.5), Level::Ok),
        Level::Critical,
        "hit_ratio 50% < 70%",
    );
    check(
        told_gauge(&hits, None, Level::Ok),
        Level::Unknown,
        "hit_ratio is not known",
    );
}

#[test]
fn a_rate_has_floors() {
    let thresholds = RateThresholds {
        gauge: "operations_per_s".into(),
        warning: Some(10.0),
        critical: Some(1.0),
        window: Window::OneMinute,
        damping: Damping {
            hysteresis: 0.1,
            ..Damping::WINDOW
        },
    };
    check(rate(&thresholds, Some(10.0), Level::Ok), Level::Ok, "");
    check(
        rate(&thresholds, Some(8.217), Level::Ok),
        Level::Warning,
        "rate(1m) 8.22/s < 10/s",
    );
    check(
        rate(&thresholds, Some(0.0), Level::Ok),
        Level::Critical,
        "rate(1m) 0/s < 1/s",
    );
    check(
        rate(&thresholds, Some(10.5), Level::Warning),
        Level::Warning,
        "rate(1m) 10.5/s < 11/s (10/s + 10%)",
    );
    check(
        rate(&thresholds, None, Level::Ok),
        Level::Unknown,
        "rate needs 1m of answers that report it",
    );
}

#[test]
fn silence_says_how_long_it_lasts() {
    let limit = Duration::from_secs(10);
    check(absence("finished probe", limit, limit), Level::Ok, "");
    check(
        absence("finished probe", Duration::from_millis(42_900), limit),
        Level::Warning,
        "no finished probe for 42s",
    );
}

#[test]
fn the_worst_verdict_wins_and_unknown_outweighs_ok() {
    let of = |level| Verdict {
        level,
        reason: Some(Text::from(level.name())),
        ..Verdict::default()
    };
    let all = [
        of(Level::Ok),
        of(Level::Unknown),
        of(Level::Critical),
        of(Level::Warning),
    ];
    let [clearing, quiet] = [1, 2].map(|clears| Verdict {
        clears: Some(Timestamp::from_secs(clears)),
        set_aside: clears == 2,
        ..of(Level::Critical)
    });
    let all_critical = [quiet.clone(), clearing.clone(), of(Level::Critical)];
    assert_eq!(worst(&all_critical), all_critical[2]);
    assert_eq!(worst(&all_critical[..2]), clearing);
    assert_eq!(worst([&quiet, &of(Level::Warning)]), of(Level::Warning));
    assert_eq!(worst([&quiet, &of(Level::Unknown)]), quiet);
    assert_eq!(worst(&all).level, Level::Critical);
    assert_eq!(worst(&all[..2]).level, Level::Unknown);
    assert_eq!(worst(&[]).level, Level::Unknown);
}
