//! A load generator that cannot keep up: then the rate is not the one asked for, and the service looks better than it is.

use probetop_core::sample::Severity;
use probetop_core::snapshot::Resource;

use super::machine::MachineFacts;
use super::target::TargetFacts;
use super::{Basis, Cause, Reading, ShownBy, Sign, over, percent};

/// Share of the offered iterations that did not come to an end. While users ramp up, some are always on their way.
const DROPPED_RATIOS: (f64, f64) = (0.1, 0.3);

/// Programs that make load, by the name the system has for them.
const PROGRAMS: [&str; 13] = [
    "k6",
    "locust",
    "wrk",
    "wrk2",
    "hey",
    "oha",
    "ab",
    "vegeta",
    "bombardier",
    "h2load",
    "fortio",
    "ghz",
    "artillery",
];

/// Python runs on one core however many there are.
const SINGLE_THREADED: &str = "locust";
const WHOLE_CORE_RATIO: f64 = 0.9;

/// A machine so busy, of which the generator has half, measures the generator.
const BUSY_RATIO: f64 = 0.85;
const OWN_PART_RATIO: f64 = 0.5;

const DROPPED: Cause = Cause {
    resource: Resource::LoadGenerator,
    what: "the load generator does not reach the rate it was asked for",
    recommendation: "give it more users (k6: preAllocatedVUs, maxVUs) or machines; until then the load is smaller than \
                     it looks and the latency too good",
    basis: Basis::Window,
    shown_by: ShownBy::Nothing,
};

pub(super) const BUSY: Cause = Cause {
    resource: Resource::LoadGenerator,
    what: "the load generator takes the processors of this machine",
    recommendation: "run it elsewhere, or on more workers: latency now counts its own waiting",
    basis: Basis::Moment,
    shown_by: ShownBy::Machine("cpu"),
};

/// Of a target that is a generator and tells what it offers.
pub(super) fn dropped(facts: &TargetFacts<'_>) -> Option<Sign> {
    let gauge = |name| facts.gauges.iter().find(|gauge| gauge.name.as_str() == name);
    let offered = gauge("rate_offered_per_s")?.value;
    let achieved = gauge("rate_achieved_per_s")?.value;
    if offered <= 0.0 {
        return None;
    }
    let dropped = 1.0 - achieved / offered;
    let severity = over(dropped, DROPPED_RATIOS.0, DROPPED_RATIOS.1)?;
    let evidence = format!(
        "{achieved:.1}/s of {offered:.1}/s offered, {} missing",
        percent(dropped)
    );
    Some(DROPPED.sign(Reading::of_share(severity, dropped, evidence)))
}

/// Of a generator among the processes of this machine.
pub(super) fn busy(facts: &MachineFacts) -> Option<Reading> {
    let host = &facts.reading;
    let is_generator = |name: &str| PROGRAMS.contains(&name);
    let mut processes = host.processes.iter();
    let generator = processes.find(|process| is_generator(process.name.as_str()))?;
    let cores = f64::from(host.cpu.cores.max(1));
    let usage = host.cpu.usage_ratio?;
    let at_its_limit = generator.name.as_str() == SINGLE_THREADED && generator.cpu_ratio >= WHOLE_CORE_RATIO;
    let in_the_way = usage >= BUSY_RATIO && generator.cpu_ratio >= usage * cores * OWN_PART_RATIO;
    if !at_its_limit && !in_the_way {
        return None;
    }
    let evidence = format!(
        "{} uses {:.1} of {cores} cores, the machine is at {}",
        generator.name,
        generator.cpu_ratio,
        percent(usage)
    );
    Some(Reading::of_share(Severity::Critical, 1.0, evidence))
}
