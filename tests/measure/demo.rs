//! The demo's targets against the demo's schedule: what `assets/demo.toml` promises to show, worked out by hand.
//!
//! Probes are simulated at the configured intervals on the pure schedule; windows and percentiles are counted afresh
//! for every second, so that nothing here leans on the code that the real program counts with.

use std::time::Duration;

use probetop_probe::source::demo::{CYCLE, Endpoint, Reply, behaviour};
use toml::{Table, Value};

const DEMO: &str = include_str!("../../assets/demo.toml");

/// How a simulated probe ended, and when.
struct Probe {
    ended: Duration,
    latency: Duration,
    failure: Option<&'static str>,
}

struct Target {
    name: String,
    settings: Table,
    probes: Vec<Probe>,
}

impl Target {
    fn simulate(settings: Table, timeout: Duration) -> Self {
        let name = settings["name"].as_str().unwrap().to_owned();
        let endpoint = settings["url"].as_str().unwrap().strip_prefix("demo://").unwrap();
        let endpoint = Endpoint::from_name(endpoint).expect("the url names an endpoint of the service");
        let interval = duration(&settings["interval"]);
        let expects_ok = settings.get("expect").is_some();
        let probes = (0..)
            .map(|request| (request, interval * request as u32))
            .take_while(|(_, start)| *start < 2 * CYCLE)
            .map(|(request, start)| probe(endpoint, start, request, timeout, expects_ok))
            .collect();
        Self { name, settings, probes }
    }

    fn in_window(&self, now: Duration, window: Duration) -> impl Iterator<Item = &Probe> {
        let since = now.saturating_sub(window);
        self.probes
            .iter()
            .filter(move |probe| probe.ended > since && probe.ended <= now)
    }

    /// Nearest rank over successful probes; none with fewer samples than the quantile needs.
    fn p95(&self, now: Duration, window: Duration) -> Option<Duration> {
        let mut latencies: Vec<_> = self
            .in_window(now, window)
            .filter(|probe| probe.failure.is_none())
            .map(|probe| probe.latency)
            .collect();
        latencies.sort();
        let rank = (latencies.len() as f64 * 0.95).ceil() as usize;
        (latencies.len() >= 20).then(|| latencies[rank - 1])
    }

    fn error_ratio(&self, now: Duration, window: Duration) -> Option<f64> {
        let attempts = self.in_window(now, window).count();
        let failed = self
            .in_window(now, window)
            .filter(|probe| probe.failure.is_some())
            .count();
        (attempts > 0).then(|| failed as f64 / attempts as f64)
    }

    fn breaks(&self, level: &str, now: Duration) -> bool {
        let slow = self.settings.get("latency").is_some_and(|latency| {
            let p95 = self.p95(now, duration(&latency["window"]));
            p95.is_some_and(|p95| p95 > duration(&latency[level]))
        });
        let failing = self.settings.get("errors").is_some_and(|errors| {
            let ratio = self.error_ratio(now, duration(&errors["window"]));
            ratio.is_some_and(|ratio| ratio > errors[level].as_float().unwrap())
        });
        slow || failing
    }
}

fn probe(endpoint: Endpoint, start: Duration, request: u64, timeout: Duration, expects_ok: bool) -> Probe {
    let behaviour = behaviour(endpoint, start, request);
    let failure = match behaviour.reply {
        _ if behaviour.delay > timeout => Some("timeout"),
        Reply::Ok | Reply::Large => None,
        Reply::Degraded => expects_ok.then_some("expect"),
        Reply::Unavailable => Some("status"),
        Reply::Reset => Some("reset"),
    };
    let latency = behaviour.delay.min(timeout);
    Probe {
        ended: start + latency,
        latency,
        failure,
    }
}

fn duration(value: &Value) -> Duration {
    humantime::parse_duration(value.as_str().unwrap()).unwrap()
}

fn targets() -> Vec<Target> {
    let document: Table = DEMO.parse().unwrap();
    let timeout = duration(&document["timeout"]);
    let targets = document["target"].as_array().unwrap().iter();
    targets
        .map(|target| Target::simulate(target.as_table().unwrap().clone(), timeout))
        .collect()
}

fn seconds(range: std::ops::Range<u64>) -> impl Iterator<Item = Duration> {
    range.map(Duration::from_secs)
}

/// When the alert is raised and cleared, in seconds from the start, in turn.
fn alert_timeline(rule: &Value, target: &Target, condition: impl Fn(Duration) -> bool) -> Vec<u64> {
    assert!(!target.probes.is_empty(), "{} is probed", target.name);
    let mut timeline = Vec::new();
    let mut since = None;
    for now in seconds(1..120) {
        let firing = timeline.len() % 2 == 1;
        if condition(now) == firing {
            since = None;
            continue;
        }
        let needed = duration(&rule[if firing { "clear_for" } else { "for" }]);
        if now - *since.get_or_insert(now) >= needed {
            timeline.push(now.as_secs());
            since = None;
        }
    }
    timeline
}

fn rule(name: &str) -> Value {
    let document: Table = DEMO.parse().unwrap();
    let rules = document["alert"].as_array().unwrap();
    rules
        .iter()
        .find(|rule| rule["name"].as_str() == Some(name))
        .unwrap()
        .clone()
}

#[test]
fn every_endpoint_has_a_target_of_its_name() {
    let names: Vec<_> = targets().into_iter().map(|target| target.name).collect();
    assert_eq!(names, Endpoint::ALL.map(Endpoint::name));
}

#[test]
fn every_percentile_has_its_samples_within_15_seconds() {
    for target in targets()
        .iter()
        .filter(|target| target.settings.contains_key("latency"))
    {
        let window = duration(&target.settings["latency"]["window"]);
        assert!(target.p95(Duration::from_secs(15), window).is_some(), "{}", target.name);
    }
}

#[test]
fn warning_and_critical_levels_show_within_15_seconds() {
    let targets = targets();
    let breaking = |level: &str| -> Vec<&str> {
        let broken = targets
            .iter()
            .filter(|target| seconds(1..15).any(|now| target.breaks(level, now)));
        broken.map(|target| target.name.as_str()).collect()
    };
    assert_eq!(breaking("critical"), ["checkout", "profile"]);
    assert_eq!(
        breaking("warning"),
        ["login", "checkout", "profile", "payment", "report"]
    );
}

#[test]
fn everything_recovers_and_comes_back() {
    for target in targets() {
        let broken: Vec<_> = seconds(1..120).map(|now| target.breaks("warning", now)).collect();
        let breaks = broken.windows(2).filter(|pair| pair == &[false, true]).count();
        let recoveries = broken.windows(2).filter(|pair| pair == &[true, false]).count();
        let steady = ["health", "search", "catalog"].contains(&target.name.as_str());
        assert_eq!(
            (breaks >= 2, recoveries >= 1),
            (!steady, !steady),
            "{}: {broken:?}",
            target.name
        );
    }
}

#[test]
fn probes_fail_in_three_ways_within_15_seconds_and_a_fourth_later() {
    let targets = targets();
    let kinds_before = |until: u64| {
        let probes = targets
            .iter()
            .flat_map(|target| target.in_window(Duration::from_secs(until), 2 * CYCLE));
        let mut kinds: Vec<_> = probes.filter_map(|probe| probe.failure).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds_before(15), ["reset", "status", "timeout"]);
    assert_eq!(kinds_before(60), ["expect", "reset", "status", "timeout"]);
}

/// Checks when a rule fires and clears for each target of its group; the others of the group stay quiet.
fn check_alert(name: &str, group: &str, subject: &str, expected: &[u64], holds: impl Fn(&Target, Duration) -> bool) {
    let rule = rule(name);
    let grouped = |target: &&Target| target.settings["group"].as_str() == Some(group);
    assert_eq!(rule["on"].as_array().unwrap(), &[Value::from(format!("group:{group}"))]);
    for target in targets().iter().filter(grouped) {
        let expected = if target.name == subject { expected } else { &[] };
        assert_eq!(
            alert_timeline(&rule, target, |now| holds(target, now)),
            expected,
            "{name}: {}",
            target.name
        );
    }
}

#[test]
fn alerts_fire_resolve_and_fire_again() {
    let window = Duration::from_secs(10);
    check_alert(
        "shop is slow",
        "shop",
        "checkout",
        &[9, 27, 38, 55, 69, 87, 98, 115],
        |target, now| {
            target
                .p95(now, window)
                .is_some_and(|p95| p95 > Duration::from_millis(250))
        },
    );
    check_alert(
        "accounts fail",
        "account",
        "profile",
        &[12, 25, 48, 60, 72, 85, 108],
        |target, now| target.error_ratio(now, window).is_some_and(|ratio| ratio > 0.1),
    );
}

#[test]
fn the_conditions_above_are_those_of_the_rules() {
    assert_eq!(rule("shop is slow")["when"].as_str(), Some("p95 > duration('250ms')"));
    assert_eq!(rule("accounts fail")["when"].as_str(), Some("error_ratio > 0.1"));
    for name in ["shop is slow", "accounts fail"] {
        assert_eq!(rule(name)["window"].as_str(), Some("10s"));
    }
}
