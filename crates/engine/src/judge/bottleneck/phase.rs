//! Where the time of a target's probes goes: the phase that takes most of it, and phases that take more than they should.
//!
//! A phase's share is its time in all over the latency in all, of the probes of a window: shares add up to one, which
//! those of quantiles do not.

use probetop_core::sample::{Micros, Phase, Quantiles, Severity, TargetInfo};
use probetop_core::snapshot::Resource;

use super::target::TargetFacts;
use super::{Basis, Cause, Reading, ShownBy, Sign, percent};

/// A p95 that is worth a remark where nobody said what is slow: three times the 100 ms that feel immediate (Nielsen,
/// Usability Engineering, 1993).
pub(super) const NOTICED: Micros = Micros(300_000);

/// A phase with less than this does not dominate: the time goes to several.
const DOMINANT_RATIO: f64 = 0.4;

/// Less per probe is noise, whatever its share.
const OVERHEAD_FLOOR_US: f64 = 5_000.0;

/// On more of the probes than this, a phase is gone through every time.
const EVERY_TIME_RATIO: f64 = 0.9;

/// Phases that are the way and not the goal, and the share from which they are out of proportion. Resolving a name is
/// the one that a cache nearby makes vanish.
const OVERHEADS: [(Phase, f64); 4] = [
    (Phase::Dns, 0.2),
    (Phase::Connect, 0.3),
    (Phase::Tls, 0.3),
    (Phase::Authenticate, 0.3),
];

const fn cause(resource: Resource, what: &'static str, recommendation: &'static str) -> Cause {
    Cause {
        resource,
        what,
        recommendation,
        basis: Basis::Window,
        shown_by: ShownBy::Latency,
    }
}

const DNS: Cause = cause(
    Resource::NameResolution,
    "name resolution takes long",
    "run a caching resolver on this machine (systemd-resolved, dnsmasq), and take slow servers out of /etc/resolv.conf",
);
const CONNECT: Cause = cause(
    Resource::Network,
    "connecting takes long",
    "where a ping is as slow it is distance: keep connections open; where it is not, raise the listener's backlog and \
     net.core.somaxconn",
);
const TLS_EACH_TIME: Cause = cause(
    Resource::Tls,
    "every probe pays for a TLS handshake",
    "keep connections: connection = \"reuse\" here if real clients do, and a longer keep-alive at the server",
);
const TLS: Cause = cause(
    Resource::Tls,
    "the TLS handshake takes long",
    "use TLS 1.3 with an ECDSA certificate and session resumption, and look at the processor of what ends TLS",
);
const LOGIN: Cause = cause(
    Resource::Database,
    "logging in takes long",
    "keep sessions in a pool; a password costs the server thousands of hash rounds at each login",
);
const FIRST_BYTE: Cause = cause(
    Resource::Service,
    "first byte dominates",
    "the time goes to the service itself: trace one slow request through it and what it calls",
);
const TRANSFER: Cause = cause(
    Resource::Network,
    "the body takes long to arrive",
    "send less: compress it or page it; then compare its size over the time with the bandwidth in between",
);
const QUERY: Cause = cause(
    Resource::Database,
    "the query takes most of the time",
    "read its plan with EXPLAIN (ANALYZE, BUFFERS), and look for locks it waits for in pg_stat_activity",
);
const COMMAND: Cause = cause(
    Resource::Cache,
    "commands take long",
    "look at SLOWLOG GET for commands over many keys, and whether a snapshot forks at that time",
);
const NAME_SERVER: Cause = cause(
    Resource::NameResolution,
    "the name server answers late",
    "ask one that is nearer, or look whether this one forwards names it should hold itself",
);
const CALL: Cause = cause(
    Resource::Service,
    "the answer to the call takes long",
    "the time goes to the service itself: trace one slow call through it and what it calls",
);
const ROUND_TRIP: Cause = cause(
    Resource::Network,
    "round trips take long",
    "follow the way with traceroute to the hop where the time jumps",
);
const MESSAGE: Cause = cause(
    Resource::Service,
    "messages are answered late",
    "look at the service's event loop or queue: connections succeed and answers are late",
);
const RUN: Cause = cause(
    Resource::Service,
    "the program runs long",
    "run it by hand under time(1), and give it less to do or a longer interval",
);
const NO_PHASE: Cause = cause(
    Resource::Service,
    "slow, in no phase above all",
    "compare the phases of a slow probe with those of a usual one on the target's page",
);

pub(super) fn signs(facts: &TargetFacts<'_>, signs: &mut Vec<Sign>) {
    let slowness = facts.slowness();
    let dominant = slowness.map(|severity| slow(facts, severity));
    let blamed = dominant.as_ref().map(|(phase, _)| *phase);
    signs.extend(dominant.map(|(_, sign)| sign));
    for (phase, limit) in OVERHEADS {
        if blamed != Some(Some(phase)) {
            signs.extend(overhead(facts, phase, limit));
        }
    }
}

/// What takes most of the time of a target that is too slow.
fn slow(facts: &TargetFacts<'_>, severity: Severity) -> (Option<Phase>, Sign) {
    let latency = &facts.detail.stats.latency;
    let shares = facts
        .detail
        .phases
        .iter()
        .map(|(phase, figures)| (phase, figures, share(figures, latency)));
    let largest = shares.max_by(|a, b| a.2.total_cmp(&b.2));
    let reason = facts.latency.as_ref().and_then(|verdict| verdict.reason.as_ref());
    let measured = reason.map_or_else(|| figure("p95", latency.p95.or(latency.max)), ToString::to_string);
    let worst = latency.p95.or(latency.max).unwrap_or_default();
    let (phase, cause, share, evidence) = match largest {
        Some((phase, figures, share)) if share >= DOMINANT_RATIO => {
            let evidence = format!("{measured}, {}", words(*phase, share, figures));
            (Some(*phase), cause_of(*phase, figures, facts), share, evidence)
        }
        Some(_) | None => {
            let resource = facts.resource();
            (None, Cause { resource, ..NO_PHASE }, 1.0, measured)
        }
    };
    let reading = Reading {
        extent: f64::from(worst.0),
        ..Reading::of_share(severity, share, evidence)
    };
    (phase, cause.sign(reading))
}

/// A phase on the way that is out of proportion. The last phase gone through is what the target is there for.
fn overhead(facts: &TargetFacts<'_>, phase: Phase, limit: f64) -> Option<Sign> {
    let latency = &facts.detail.stats.latency;
    let phases = &facts.detail.phases;
    let (_, figures) = phases.iter().find(|(each, _)| *each == phase)?;
    let is_goal = phases.last().is_some_and(|(last, _)| *last == phase);
    let share = share(figures, latency);
    let per_probe_us = time_us(figures) / (latency.count as f64).max(1.0);
    if is_goal || share < limit || per_probe_us < OVERHEAD_FLOOR_US {
        return None;
    }
    let reading = Reading {
        extent: per_probe_us,
        ..Reading::of_share(Severity::Info, share, words(phase, share, figures))
    };
    Some(cause_of(phase, figures, facts).sign(reading))
}

fn cause_of(phase: Phase, figures: &Quantiles, facts: &TargetFacts<'_>) -> Cause {
    let probes = facts.detail.stats.latency.count as f64;
    let TargetInfo { kind, .. } = facts.info;
    match phase {
        Phase::Dns => DNS,
        Phase::Connect => CONNECT,
        // A target that is a handshake and nothing else has it every time.
        Phase::Tls if *kind != "tls" && figures.count as f64 > probes * EVERY_TIME_RATIO => TLS_EACH_TIME,
        Phase::Tls => TLS,
        Phase::Authenticate => Cause {
            resource: facts.resource(),
            ..LOGIN
        },
        Phase::FirstByte => FIRST_BYTE,
        Phase::Transfer => TRANSFER,
        Phase::Query => match kind.as_str() {
            "postgres" => QUERY,
            "redis" => COMMAND,
            "dns" => NAME_SERVER,
            _ => CALL,
        },
        Phase::Message if *kind == "icmp" => ROUND_TRIP,
        Phase::Message => MESSAGE,
        Phase::Run => RUN,
    }
}

/// Of the time that all probes took together, 0 to 1.
fn share(phase: &Quantiles, latency: &Quantiles) -> f64 {
    let whole = time_us(latency);
    if whole <= 0.0 {
        return 0.0;
    }
    (time_us(phase) / whole).clamp(0.0, 1.0)
}

fn time_us(figures: &Quantiles) -> f64 {
    f64::from(figures.mean.unwrap_or_default().0) * figures.count as f64
}

/// `first byte 92% of the time, p95 398ms`.
fn words(phase: Phase, share: f64, figures: &Quantiles) -> String {
    let tail = match figures.p95 {
        Some(_) => figure("p95", figures.p95),
        None => figure("max", figures.max),
    };
    format!("{} {} of the time, {tail}", phase.label(), percent(share))
}

fn figure(name: &str, value: Option<Micros>) -> String {
    format!("{name} {}", value.unwrap_or_default())
}
