//! One target of the snapshot document.

use std::collections::BTreeMap;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Answer, Outcome, Phase, Phases, Word};
use probetop_core::snapshot::{Apdex, Failing, LastSample, TargetSnapshot, WindowDetail, WindowStats};
use serde::Serialize;

use super::figures::Figures;

#[derive(Serialize)]
pub(super) struct TargetDocument<'a> {
    name: &'a str,
    url: &'a str,
    kind: &'a str,
    group: Option<&'a str>,
    level: &'static str,
    clears_at: Option<String>,
    set_aside: bool,
    reason: Option<&'a str>,
    last: Option<LastDocument<'a>>,
    failing: Option<FailingDocument>,
    apdex: Option<ApdexDocument>,
    windows: BTreeMap<&'static str, WindowDocument>,
    gauges: BTreeMap<&'a str, f64>,
}

impl<'a> TargetDocument<'a> {
    pub(super) fn of(target: &'a TargetSnapshot, time: &impl Fn(Timestamp) -> String) -> Self {
        let gauges = target.last.iter().flat_map(|last| last.gauges());
        let windows = target.detail.iter().flat_map(|detail| &detail.windows);
        Self {
            name: target.info.name.as_str(),
            url: target.info.url.as_str(),
            kind: target.info.kind.as_str(),
            group: target.info.group.as_ref().map(AsRef::as_ref),
            level: target.level.name(),
            clears_at: target.clears.map(time),
            set_aside: target.set_aside,
            reason: target.reason.as_ref().map(AsRef::as_ref),
            last: target
                .last
                .as_deref()
                .map(|last| LastDocument::of(last, &target.info.phases, time)),
            failing: target
                .failing
                .as_deref()
                .map(|failing| FailingDocument::of(failing, time)),
            apdex: target.apdex.map(ApdexDocument::of),
            windows: windows
                .map(|(window, detail)| (window.name(), WindowDocument::of(detail)))
                .collect(),
            gauges: gauges.map(|gauge| (gauge.name.as_str(), gauge.value)).collect(),
        }
    }
}

#[derive(Serialize)]
struct FailingDocument {
    since: String,
    attempts: u64,
    last_ok: Option<String>,
}

impl FailingDocument {
    fn of(failing: &Failing, time: &impl Fn(Timestamp) -> String) -> Self {
        Self {
            since: time(failing.since),
            attempts: failing.attempts,
            last_ok: failing.last_ok.as_deref().map(|last| time(last.at)),
        }
    }
}

#[derive(Serialize)]
struct LastDocument<'a> {
    at: String,
    ok: bool,
    latency_us: u32,
    lag_us: u32,
    status: Option<u16>,
    error: Option<ErrorDocument<'a>>,
    phases_us: BTreeMap<&'static str, u32>,
    reused: Option<bool>,
    address: Option<String>,
    protocol: Option<&'a str>,
    tls: Option<&'a str>,
    redirects: Option<u8>,
    body_bytes: Option<u64>,
    truncated: Option<bool>,
    facts: BTreeMap<&'a str, &'a str>,
}

impl<'a> LastDocument<'a> {
    fn of(last: &'a LastSample, kind_phases: &[Phase], time: &impl Fn(Timestamp) -> String) -> Self {
        let answer = last.answer.as_deref();
        Self {
            at: time(last.at),
            ok: last.outcome.is_ok(),
            latency_us: last.latency.0,
            lag_us: last.lag.0,
            status: answer.and_then(|answer| answer.status),
            error: ErrorDocument::of(&last.outcome),
            phases_us: phases(kind_phases, &last.phases),
            reused: answer.map(|answer| answer.reused),
            address: answer.and_then(|answer| Some(answer.address?.to_string())),
            protocol: answer.and_then(|answer| answer.protocol.as_ref()).map(Word::as_str),
            tls: answer.and_then(|answer| answer.tls.as_ref()).map(Word::as_str),
            redirects: answer.map(|answer| answer.redirects),
            body_bytes: answer.map(|answer| answer.body_bytes),
            truncated: answer.map(|answer| answer.truncated),
            facts: answer.into_iter().flat_map(facts).collect(),
        }
    }
}

fn facts(answer: &Answer) -> impl Iterator<Item = (&str, &str)> {
    answer
        .facts
        .iter()
        .map(|fact| (fact.name.as_str(), fact.value.as_str()))
}

/// Every phase of the kind: one that was not gone through took no time.
fn phases(of_kind: &[Phase], phases: &Phases) -> BTreeMap<&'static str, u32> {
    let took = |phase: &Phase| (phase.name(), phases.get(*phase).unwrap_or_default().0);
    of_kind.iter().map(took).collect()
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    kind: &'static str,
    phase: Option<&'static str>,
    message: &'a str,
}

impl<'a> ErrorDocument<'a> {
    fn of(outcome: &'a Outcome) -> Option<Self> {
        let failure = outcome.failure()?;
        let phase = failure.phase.map(Phase::name);
        Some(Self {
            kind: failure.kind.name(),
            phase,
            message: failure.message.as_str(),
        })
    }
}

/// Over the window that was asked for.
#[derive(Serialize)]
struct ApdexDocument {
    score: f64,
    threshold_us: u32,
}

impl ApdexDocument {
    fn of(apdex: Apdex) -> Self {
        Self {
            score: apdex.score,
            threshold_us: apdex.threshold.0,
        }
    }
}

#[derive(Serialize)]
struct WindowDocument {
    covered_s: f64,
    attempts: u64,
    ok: u64,
    failed: u64,
    success_ratio: Option<f64>,
    rate_per_s: Option<f64>,
    latency_us: Figures,
    cold_latency_us: Figures,
    lag_us: Figures,
    overruns: u64,
    skipped: u64,
    cut_off: u64,
    failures: BTreeMap<&'static str, u64>,
    phases_us: BTreeMap<&'static str, Figures>,
}

impl WindowDocument {
    fn of(detail: &WindowDetail) -> Self {
        let stats: &WindowStats = &detail.stats;
        Self {
            covered_s: stats.covered.as_secs_f64(),
            attempts: stats.attempts,
            ok: stats.ok(),
            failed: stats.failed,
            success_ratio: stats.success_ratio(),
            rate_per_s: stats.rate_per_s(),
            latency_us: Figures::latency(stats.latency),
            cold_latency_us: Figures::phase(detail.cold),
            lag_us: Figures::lag(stats.lag),
            overruns: stats.overruns,
            skipped: stats.skipped,
            cut_off: stats.cut_off,
            failures: stats
                .failures
                .iter()
                .map(|(kind, count)| (kind.name(), *count))
                .collect(),
            phases_us: detail
                .phases
                .iter()
                .map(|(phase, figures)| (phase.name(), Figures::phase(*figures)))
                .collect(),
        }
    }
}
