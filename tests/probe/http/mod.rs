//! HTTP probes against servers that play a script, and against a real nginx
//! (`cargo test --test probe http:: -- --include-ignored`).

mod connections;
mod faults;
mod nginx;
mod redirects;
mod routes;

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::sample::{Answer, Failure, FailureKind, Phase};
use probetop_probe::source::http::{Http, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

fn http(url: &str, settings: Settings) -> Http {
    http_in_flight(url, settings, 4)
}

fn http_in_flight(url: &str, settings: Settings, in_flight: u16) -> Http {
    Http::try_new(Clock::system(), &Url::parse(url).unwrap(), &settings, in_flight).unwrap()
}

async fn probe(http: &Http) -> Attempt {
    probe_within(http, PATIENCE).await
}

async fn probe_within(http: &Http, limit: Duration) -> Attempt {
    http.probe(Clock::system().now() + limit).await
}

/// The phases a probe went through, in order.
fn phases(attempt: &Attempt) -> Vec<Phase> {
    attempt.phases.iter().map(|(phase, _)| phase).collect()
}

fn answer(attempt: &Attempt) -> &Answer {
    attempt.answer.as_deref().expect("a peer was reached")
}

fn failure(attempt: &Attempt) -> &Failure {
    attempt.outcome.failure().expect("the probe failed")
}

fn assert_ok(attempt: &Attempt) {
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
}

fn assert_failed(attempt: &Attempt, kind: FailureKind, phase: Option<Phase>, message: &str) {
    let failure = failure(attempt);
    assert_eq!((failure.kind, failure.phase), (kind, phase), "{failure:?}");
    assert_eq!(failure.message.as_str(), message);
}

fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

const FRESH: [Phase; 3] = [Phase::Connect, Phase::FirstByte, Phase::Transfer];
const WARM: [Phase; 2] = [Phase::FirstByte, Phase::Transfer];
