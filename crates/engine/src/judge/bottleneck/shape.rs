//! What the shape of a distribution gives away: connections that were tried again, and a tail that the median hides.

use probetop_core::sample::{Micros, Phase, Quantiles, Severity};
use probetop_core::snapshot::Resource;

use super::target::TargetFacts;
use super::{Basis, Cause, Reading, ShownBy, Sign};

/// When Linux sends a SYN again: after 1 s, and each time twice as long (RFC 6298, 2 and 5.5).
const LADDER_US: [u32; 3] = [1_000_000, 3_000_000, 7_000_000];

/// A connection that was tried again takes a rung and a round trip.
const RUNG_US: u32 = 200_000;

/// Slower in half of the cases, it is no loss.
const SOUND_CONNECT: Micros = Micros(500_000);

/// A tail is so many times the median, and p95 is not yet in it.
const TAIL_TIMES: u32 = 10;
const BODY_TIMES: u32 = 3;

/// Nobody notices a shorter one.
const TAIL_FLOOR: Micros = Micros(100_000);

const SYN_LOSS: Cause = Cause {
    resource: Resource::Network,
    what: "connections are tried again after 1s or 3s",
    recommendation: "packets that open connections are lost: look at the listener's backlog (nstat TcpExtListenDrops), \
                     the connection table (nf_conntrack) and the firewall on the way",
    basis: Basis::Window,
    shown_by: ShownBy::Latency,
};

const TAIL: Cause = Cause {
    resource: Resource::Service,
    what: "a few requests are far slower than the rest",
    recommendation: "look for what happens seldom: garbage collection, a lock, a cold cache, a retry behind the service",
    basis: Basis::Window,
    shown_by: ShownBy::Latency,
};

pub(super) fn signs(facts: &TargetFacts<'_>, signs: &mut Vec<Sign>) {
    let connect = facts.detail.phases.iter().find(|(phase, _)| *phase == Phase::Connect);
    signs.extend(
        connect
            .and_then(|(_, connect)| ladder(connect))
            .map(|reading| SYN_LOSS.sign(reading)),
    );
    let resource = facts.resource();
    signs.extend(tail(facts).map(|reading| Cause { resource, ..TAIL }.sign(reading)));
}

/// One in a run may be anything; one in twenty or a hundred is a loss.
fn ladder(connect: &Quantiles) -> Option<Reading> {
    let typical = connect.p50?;
    if typical >= SOUND_CONNECT {
        return None;
    }
    let on_a_rung = |value: &Micros| LADDER_US.iter().any(|rung| (*rung..rung + RUNG_US).contains(&value.0));
    let rungs = [
        ("p95", connect.p95, Severity::Critical, 0.05),
        ("p99", connect.p99, Severity::Warning, 0.01),
        ("max", connect.max, Severity::Info, 1.0 / connect.count.max(1) as f64),
    ];
    rungs.into_iter().find_map(|(name, value, severity, share)| {
        let value = value.filter(on_a_rung)?;
        Some(Reading {
            extent: f64::from(value.0),
            ..Reading::of_share(severity, share, format!("connect p50 {typical}, {name} {value}"))
        })
    })
}

fn tail(facts: &TargetFacts<'_>) -> Option<Reading> {
    let latency = &facts.detail.stats.latency;
    let (p50, p95, p99) = (latency.p50?, latency.p95?, latency.p99?);
    let is_tail =
        p99 >= TAIL_FLOOR && p99.0 >= p50.0.saturating_mul(TAIL_TIMES) && p95.0 <= p50.0.saturating_mul(BODY_TIMES);
    is_tail.then(|| Reading {
        extent: f64::from(p99.0),
        ..Reading::of_share(Severity::Info, 0.01, format!("p50 {p50}, p95 {p95}, p99 {p99}"))
    })
}
