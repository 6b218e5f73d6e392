//! What is known of one target, and all the rules that look at it.

use probetop_core::sample::{Failure, Gauge, Purpose, Severity, TargetInfo, Text, WindowDetail, WindowStats};
use probetop_core::snapshot::Resource;

use super::{Basis, Cause, Reading, ShownBy, Sign, failure, gauge, generator, over, percent, phase, shape};
use crate::judge::verdict::Verdict;

/// One target as it was read last.
#[derive(Clone, Debug)]
pub struct TargetFacts<'a> {
    pub info: &'a TargetInfo,
    /// Over the last minute, phases included.
    pub detail: &'a WindowDetail,
    /// `None`: it has no thresholds for latency.
    pub latency: Option<Verdict>,
    pub errors: Verdict,
    /// The newest failure of all.
    pub failure: Option<&'a Failure>,
    /// What it told last of itself.
    pub gauges: &'a [Gauge],
    /// How that stands against its levels, by name.
    pub gauge_verdicts: Vec<(Text, Verdict)>,
}

/// Share of due probes that were not started, from which the figures have holes.
const OVERRUN_RATIOS: (f64, f64) = (0.01, 0.2);

const OVERRUN: Cause = Cause {
    resource: Resource::Monitor,
    what: "due probes are not started",
    recommendation: "raise in_flight or interval, or lower timeout: all places are taken by probes that still wait",
    basis: Basis::Window,
    shown_by: ShownBy::Nothing,
};

pub(super) fn signs(facts: &TargetFacts<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    signs.extend(failure::sign(facts));
    let stats = &facts.detail.stats;
    signs.extend(missing(stats, stats.overruns).map(|reading| OVERRUN.sign(reading)));
    signs.extend(missing(stats, stats.not_made()).map(|reading| failure::LOCAL.sign(reading)));
    if facts.info.purpose.measures_service() {
        phase::signs(facts, &mut signs);
        shape::signs(facts, &mut signs);
    }
    gauge::signs(facts, &mut signs);
    signs.extend(generator::dropped(facts));
    signs
}

/// So many of the due probes asked nobody.
fn missing(stats: &WindowStats, count: u64) -> Option<Reading> {
    let due = stats.attempts + stats.overruns + stats.not_made();
    if count == 0 {
        return None;
    }
    let ratio = count as f64 / due as f64;
    let severity = over(ratio, OVERRUN_RATIOS.0, OVERRUN_RATIOS.1)?;
    let evidence = format!("{count} of {due} due in the last minute, {}", percent(ratio));
    Some(Reading::of_share(severity, ratio, evidence))
}

impl TargetFacts<'_> {
    /// How gravely it is too slow; `None`: it is not. A target without thresholds is so from a time on that people
    /// notice, and worth a remark.
    pub(super) fn slowness(&self) -> Option<Severity> {
        if let Some(verdict) = &self.latency {
            return verdict.severity();
        }
        let latency = &self.detail.stats.latency;
        let noticed = latency.p95.or(latency.mean)? >= phase::NOTICED;
        noticed.then_some(Severity::Info)
    }

    /// Where the service behind it belongs.
    pub(super) fn resource(&self) -> Resource {
        if self.info.purpose == Purpose::Generator {
            return Resource::LoadGenerator;
        }
        match self.info.kind.as_str() {
            "postgres" => Resource::Database,
            "redis" => Resource::Cache,
            "dns" => Resource::NameResolution,
            "icmp" => Resource::Network,
            "tls" => Resource::Tls,
            _ => Resource::Service,
        }
    }
}
