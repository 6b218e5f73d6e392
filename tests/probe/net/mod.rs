//! Probes over UDP, of DNS and by ICMP: against scripted peers, the loopback interface and a real dnsmasq
//! (`cargo test --test probe net:: -- --include-ignored`).

mod dns;
mod dnsmasq;
mod icmp;
mod peer;
mod udp;

use std::time::Duration;

use probetop_probe::source::{Attempt, Probe};

use crate::support::attempt::clock;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

async fn run(probe: &impl Probe, limit: Duration) -> Attempt {
    probe.probe(clock().now() + limit).await
}

/// The facts of an answer as one line.
fn facts(attempt: &Attempt) -> String {
    let facts = &attempt.answer.as_ref().expect("a peer was reached").facts;
    let facts: Vec<_> = facts
        .iter()
        .map(|fact| format!("{}={}", fact.name, fact.value))
        .collect();
    facts.join(" ")
}
