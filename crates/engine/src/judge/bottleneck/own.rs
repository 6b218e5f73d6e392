//! probetop itself: where it is late or overwhelmed, every figure is in doubt.

use probetop_core::sample::{Micros, OwnUsage, Quantiles, Severity};
use probetop_core::snapshot::Resource;

use super::{Basis, Cause, Reading, Rule, ShownBy, over, percent};

/// What is known of probetop.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnFacts {
    /// Start lag of all probes over the last minute.
    pub lag: Quantiles,
    pub usage: OwnUsage,
    /// Inputs lost since the last list.
    pub dropped: u64,
}

/// p99 of the start lag. On a healthy machine it is a fraction of a millisecond.
const LAG_US: (f64, f64) = (10_000.0, 100_000.0);

/// Processor time over wall time; 1.0 is one core, and the thread of the probes has but one.
const USAGE_RATIOS: (f64, f64) = (0.7, 0.95);

pub(super) const RULES: &[Rule<OwnFacts>] = &[
    Rule {
        cause: Cause {
            resource: Resource::Monitor,
            what: "probes start late",
            recommendation: "doubt every latency: run probetop where a core is idle (or under chrt), or probe less often",
            basis: Basis::Window,
            shown_by: ShownBy::Nothing,
        },
        read: lag,
    },
    Rule {
        cause: Cause {
            resource: Resource::Monitor,
            what: "probetop itself uses much of a core",
            recommendation: "probe fewer targets or less often, or share them between two machines",
            basis: Basis::Moment,
            shown_by: ShownBy::Nothing,
        },
        read: usage,
    },
    Rule {
        cause: Cause {
            resource: Resource::Monitor,
            what: "readings were lost",
            recommendation: "doubt every count: probe fewer targets or less often, until nothing is dropped",
            basis: Basis::Window,
            shown_by: ShownBy::Nothing,
        },
        read: dropped,
    },
];

fn lag(facts: &OwnFacts) -> Option<Reading> {
    let p99 = facts.lag.p99?;
    let severity = over(f64::from(p99.0), LAG_US.0, LAG_US.1)?;
    let p50 = facts.lag.p50.unwrap_or_default();
    let limit = Micros(LAG_US.0 as u32);
    let evidence = format!("start lag p50 {p50}, p99 {p99} > {limit}");
    Some(Reading::of_share(severity, 1.0, evidence))
}

fn usage(facts: &OwnFacts) -> Option<Reading> {
    let ratio = facts.usage.cpu_ratio?;
    let severity = over(ratio, USAGE_RATIOS.0, USAGE_RATIOS.1)?;
    Some(Reading::of_share(
        severity,
        1.0,
        format!("{} of a core", percent(ratio)),
    ))
}

fn dropped(facts: &OwnFacts) -> Option<Reading> {
    (facts.dropped > 0).then(|| {
        let evidence = format!("{} inputs found a full queue", facts.dropped);
        Reading::of_share(Severity::Critical, 1.0, evidence)
    })
}
