//! HTTP probes against servers that play a script, and against a real nginx
//! (`cargo test --test probe http:: -- --include-ignored`).

mod connections;
mod faults;
mod nginx;
mod redirects;
mod routes;

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::sample::{Answer, Phase};
use probetop_probe::source::http::{Http, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::{answer, assert_failed, assert_ok, clock, failure, phases};

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

fn http(url: &str, settings: Settings) -> Http {
    http_in_flight(url, settings, 4)
}

fn http_in_flight(url: &str, settings: Settings, in_flight: u16) -> Http {
    Http::try_new(clock(), &Url::parse(url).unwrap(), &settings, in_flight).unwrap()
}

async fn probe(http: &Http) -> Attempt {
    probe_within(http, PATIENCE).await
}

async fn probe_within(http: &Http, limit: Duration) -> Attempt {
    http.probe(clock().now() + limit).await
}

fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

const FRESH: [Phase; 3] = [Phase::Connect, Phase::FirstByte, Phase::Transfer];
const WARM: [Phase; 2] = [Phase::FirstByte, Phase::Transfer];
