//! One target: how it is written, and what it means.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::sample::{Purpose, TargetId, TargetInfo, Text};
use probetop_core::setting::selector::HOST;
use probetop_core::setting::{Finding, Period, Selector};
use probetop_engine::judge::level::{
    ErrorSettings, ErrorThresholds, GaugeLevel, GaugeLevelSettings, LatencySettings, LatencyThresholds, RateSettings,
    RateThresholds,
};
use probetop_probe::source::kind::{Kind, KindGauge, TargetKind};
use probetop_probe::source::registry::KINDS;
use probetop_probe::source::{TIMEOUT_LIMIT, process, tls};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::url::TargetUrl;

/// The schedule's clock is exact to a fraction of this; shorter intervals are load generation, not monitoring.
pub const INTERVAL_MIN: Duration = Duration::from_millis(10);

/// Longer intervals leave every window empty.
pub const INTERVAL_MAX: Duration = Duration::from_secs(60 * 60);

/// Probes of one target that may run at once; each holds a connection and, with a body, its memory.
pub const IN_FLIGHT_LIMIT: u16 = 64;

/// The keys that every target has, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// What the screen and rules call it; from the URL when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is probed; the scheme picks the kind of probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Any tag; alert rules can name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Time from one probe's start to the next, 10ms to 1h; the file's `interval` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Period>,
    /// A probe that takes longer has failed, at most 2m; the file's `timeout` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
    /// Probes that may run at once, 1 to 64; timeout / interval and one more when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub in_flight: Option<u16>,
    /// Latency thresholds; those of the kind when left out, which most have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencySettings>,
    /// Thresholds for the share of failed probes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorSettings>,
    /// Floors under what the service says it does in a second, of kinds that tell it; none when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateSettings>,
    /// Thresholds for figures that the target tells of itself, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub gauges: BTreeMap<String, GaugeLevelSettings>,
    /// The process behind the target: what it uses is told beside the target's own answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<process::Settings>,
    /// What it stands behind: names, `group:NAME`, `kind:NAME`, with `*` and `?`, or `host`. While one of them is down,
    /// nobody is told of this target's alerts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

impl TargetSettings {
    /// The keys above; all others belong to the kind.
    pub const KEYS: [&str; 12] = [
        "name",
        "url",
        "group",
        "interval",
        "timeout",
        "in_flight",
        "latency",
        "errors",
        "rate",
        "gauges",
        "process",
        "depends_on",
    ];

    /// What is wrong with the keys that mean the same for every kind.
    pub fn findings(&self) -> Vec<Finding> {
        let under = |key: &'static str, wrong: Vec<Finding>| wrong.into_iter().map(move |finding| finding.under(key));
        let latency = self.latency.and_then(|latency| latency.resolve().err());
        let errors = self.errors.and_then(|errors| errors.resolve().err());
        let gauges = self.gauges.iter().filter_map(|(name, level)| level.resolve(name).err());
        self.check()
            .chain(under("latency", latency.unwrap_or_default()))
            .chain(under("errors", errors.unwrap_or_default()))
            .chain(under("gauges", gauges.flatten().collect()))
            .collect()
    }

    /// What is wrong with the figures that stand alone.
    fn check(&self) -> impl Iterator<Item = Finding> {
        let in_flight = self
            .in_flight
            .filter(|in_flight| !(1..=IN_FLIGHT_LIMIT).contains(in_flight));
        [
            self.interval.and_then(|interval| check_interval(interval.duration())),
            self.timeout.and_then(|timeout| check_timeout(timeout.duration())),
            in_flight.map(|in_flight| {
                Finding::new(
                    "in_flight",
                    format!("in_flight is {in_flight}; use 1 to {IN_FLIGHT_LIMIT}"),
                )
            }),
        ]
        .into_iter()
        .flatten()
    }
}

/// What a target takes over unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct TargetDefaults {
    pub interval: Duration,
    pub timeout: Duration,
}

/// A target as configured and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetConfig {
    pub name: Text,
    pub url: TargetUrl,
    pub kind: TargetKind,
    pub purpose: Purpose,
    pub group: Option<Text>,
    pub interval: Duration,
    pub timeout: Duration,
    pub in_flight: u16,
    pub latency: Option<LatencyThresholds>,
    pub errors: ErrorThresholds,
    pub rate: Option<RateThresholds>,
    pub gauges: Vec<GaugeLevel>,
    pub process: Option<process::Settings>,
    pub depends_on: Vec<Selector>,
}

impl TargetConfig {
    /// What those who look at it may know.
    pub fn info(&self, id: TargetId) -> TargetInfo {
        TargetInfo {
            id,
            name: self.name.clone(),
            url: Text::clean(self.url.shown()),
            kind: self.kind.kind().name.into(),
            purpose: self.purpose,
            host: self.url.host().map(|host| Text::clean(&host)),
            group: self.group.clone(),
            interval: self.interval,
            timeout: self.timeout,
            in_flight: self.in_flight,
            phases: self.kind.kind().phases.into(),
        }
    }

    /// Checks and completes what was written.
    ///
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(
        settings: &TargetSettings,
        kind: TargetKind,
        url: TargetUrl,
        defaults: TargetDefaults,
    ) -> Result<Self, Vec<Finding>> {
        let mut findings = kind.check(url.real());
        findings.extend(settings.check());
        let interval = settings.interval.map_or(defaults.interval, Period::duration);
        let timeout = settings.timeout.map_or(defaults.timeout, Period::duration);
        let mut under = |key: &str, wrong: Vec<Finding>| {
            findings.extend(wrong.into_iter().map(|finding| finding.under(key)));
        };
        let latency = settings
            .latency
            .or_else(|| kind.kind().latency.map(LatencySettings::of));
        let latency = latency.map(|latency| latency.resolve()).transpose();
        let latency = latency.map_err(|wrong| under("latency", wrong));
        let errors = settings.errors.unwrap_or_default().resolve();
        let errors = errors.map_err(|wrong| under("errors", wrong));
        let rate = settings.rate.map(|rate| resolve_rate(&rate, kind.kind())).transpose();
        let rate = rate.map_err(|wrong| findings.extend(wrong));
        let mut under = |key: &str, wrong: Vec<Finding>| {
            findings.extend(wrong.into_iter().map(|finding| finding.under(key)));
        };
        if let Some(process) = &settings.process {
            under("process", process.check_beside(kind.kind()));
        }
        let gauges = gauge_levels(&settings.gauges, told_gauges(settings, &kind, &url));
        let gauges = gauges.map_err(|wrong| under("gauges", wrong));
        let (Ok(latency), Ok(errors), Ok(rate), Ok(gauges), []) = (latency, errors, rate, gauges, &findings[..]) else {
            return Err(findings);
        };
        let group = settings.group.as_deref().map(Text::clean);
        Ok(Self {
            name: Text::clean(settings.name.as_deref().unwrap_or_default()),
            url,
            purpose: kind.kind().purpose,
            kind,
            group: group.filter(|group| !group.as_str().is_empty()),
            interval,
            timeout,
            in_flight: settings
                .in_flight
                .unwrap_or_else(|| default_in_flight(interval, timeout)),
            latency,
            errors,
            rate,
            gauges,
            process: settings.process.clone(),
            depends_on: settings.depends_on.iter().map(|text| Selector::parse(text)).collect(),
        })
    }
}

/// The floor under what the service says it does. That of our own probes would be a floor under their interval.
fn resolve_rate(settings: &RateSettings, kind: &Kind) -> Result<RateThresholds, Vec<Finding>> {
    let Some(gauge) = kind.rate else {
        let telling = KINDS.iter().filter(|kind| kind.rate.is_some());
        let telling: Vec<_> = telling.map(|kind| kind.name).collect();
        let message = format!(
            "rate would be that of probetop's own probes, since a target of kind {} does not tell how much its service \
             does in a second; leave it out, or write it at one that tells it: {}",
            kind.name,
            telling.join(", ")
        );
        return Err(vec![Finding::new("rate", message)]);
    };
    let resolved = settings.resolve(gauge);
    resolved.map_err(|wrong| wrong.into_iter().map(|finding| finding.under("rate")).collect())
}

/// The gauges that the kind tells of such a target, and the process behind it.
fn told_gauges<'a>(
    settings: &TargetSettings,
    kind: &TargetKind,
    url: &'a TargetUrl,
) -> impl Iterator<Item = &'static KindGauge> + use<'a> {
    let beside = settings.process.as_ref().map_or(&[][..], |_| process::KIND.gauges);
    let told = kind.kind().gauges.iter().chain(beside);
    told.filter(|gauge| is_told(gauge, url))
}

/// What is asked in the clear is shown no certificate.
fn is_told(gauge: &KindGauge, url: &TargetUrl) -> bool {
    gauge.name != tls::EXPIRES.name || url.real().scheme() != "http"
}

/// What the target says, and what its kind and the process behind it say of the gauges that the target does not name.
fn gauge_levels(
    said: &BTreeMap<String, GaugeLevelSettings>,
    told: impl Iterator<Item = &'static KindGauge>,
) -> Result<Vec<GaugeLevel>, Vec<Finding>> {
    let mut levels = Vec::new();
    let mut findings = Vec::new();
    for (name, settings) in said {
        match settings.resolve(name) {
            Ok(level) => levels.push(level),
            Err(wrong) => findings.extend(wrong),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    for gauge in told.filter(|gauge| !said.contains_key(gauge.name)) {
        let Some(by_default) = gauge.levels else {
            continue;
        };
        let settings = GaugeLevelSettings {
            target: by_default.target,
            warning: Some(by_default.warning),
            critical: Some(by_default.critical),
            ..GaugeLevelSettings::default()
        };
        levels.extend(settings.resolve(gauge.name));
    }
    Ok(levels)
}

/// As many as a target that always takes until its timeout needs to be probed on time. A timeout ends a little after its
/// time, so that one more may be due by then.
fn default_in_flight(interval: Duration, timeout: Duration) -> u16 {
    let starts = timeout
        .as_nanos()
        .div_ceil(interval.as_nanos().max(1))
        .saturating_add(1);
    u16::try_from(starts).unwrap_or(u16::MAX).clamp(1, IN_FLIGHT_LIMIT)
}

/// What is wrong with an interval.
pub fn check_interval(interval: Duration) -> Option<Finding> {
    let period = Period::from(interval);
    if interval < INTERVAL_MIN {
        return Some(Finding::new(
            "interval",
            format!("interval is {period}; use at least 10ms"),
        ));
    }
    (interval > INTERVAL_MAX).then(|| Finding::new("interval", format!("interval is {period}; use at most 1h")))
}

/// What is wrong with a timeout.
pub fn check_timeout(timeout: Duration) -> Option<Finding> {
    let period = Period::from(timeout);
    if timeout.is_zero() {
        return Some(Finding::new("timeout", "timeout is 0s; use more, such as 5s"));
    }
    (timeout > TIMEOUT_LIMIT).then(|| {
        let limit = Period::from(TIMEOUT_LIMIT);
        Finding::new("timeout", format!("timeout is {period}; use at most {limit}"))
    })
}

/// What is wrong with a name that was given, apart from being taken.
pub fn check_name(name: &str) -> Option<String> {
    let clean = Text::clean(name);
    match name {
        _ if clean.as_str().is_empty() => Some("name is empty; leave it out to take it from the URL".to_owned()),
        HOST => Some(format!("name {HOST:?} means this machine; choose another")),
        name if name.starts_with("group:") || name.starts_with("kind:") => Some(format!(
            "name {:?} reads as a selector; choose one without the colon",
            clean.as_str()
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_in_flight(interval_ms: u64, timeout_ms: u64, expected: u16) {
        let count = default_in_flight(Duration::from_millis(interval_ms), Duration::from_millis(timeout_ms));
        assert_eq!(count, expected, "{interval_ms} ms, {timeout_ms} ms");
    }

    #[test]
    fn as_many_probes_run_at_once_as_fit_into_a_timeout() {
        check_in_flight(1000, 5000, 6);
        check_in_flight(1000, 5001, 7);
        check_in_flight(5000, 1000, 2);
        check_in_flight(10, 120_000, 64);
    }
}
