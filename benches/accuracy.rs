//! Can the numbers be trusted? Measured latency against the server's own time, and a server that stalls.
//!
//! `cargo bench --bench accuracy`. First, single probes of a server that knows how long it took for each answer. Then
//! two runs of the program: a steady target alone, and beside one whose server holds every request for the first
//! second of every four.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

#[path = "support/timed_server.rs"]
mod timed_server;

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use probetop_core::clock::Clock;
use probetop_core::sample::Phase;
use probetop_probe::source::http::{Http, Settings};
use probetop_probe::source::idle::Connection;
use probetop_probe::source::{Attempt, Probe, tls::Roots};
use serde_json::Value;
use timed_server::{Protocol, Server};
use url::Url;

const PROBES: usize = 100;

/// Long enough for six turns of the stalling server.
const RUN: Duration = Duration::from_secs(24);

fn main() -> Result<()> {
    println!("{:<26}{:>10}{:>12}{:>12}", "probe", "median", "p95", "first byte");
    for (name, protocol, connection) in [
        ("http/1.1 reused", Protocol::Plain, Connection::Reuse),
        ("http/1.1 fresh", Protocol::Plain, Connection::Fresh),
        ("https http/1.1 reused", Protocol::Tls1, Connection::Reuse),
        ("https http/1.1 fresh", Protocol::Tls1, Connection::Fresh),
        ("https http/2 reused", Protocol::Tls2, Connection::Reuse),
        ("https http/2 fresh", Protocol::Tls2, Connection::Fresh),
    ] {
        single_probes(name, protocol, connection)?;
    }
    println!("(measured minus the server's own time, without connecting; first byte: its share of that)\n");
    stalling_server()
}

/// Compares each probe with what the server says of the same request.
fn single_probes(name: &str, protocol: Protocol, connection: Connection) -> Result<()> {
    let server = Server::start(protocol)?;
    let url = Url::parse(&server.url("/timed"))?;
    let settings = Settings {
        connection,
        ..Settings::default()
    };
    let clock = Clock::system();
    let mut http = Http::try_new(clock.clone(), &url, &settings, 1).map_err(anyhow::Error::msg)?;
    if let Some(root) = server.root() {
        http = http.trusting(Roots::only([root]));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut beyond = Vec::new();
    let mut first_byte = Vec::new();
    for _ in 0..PROBES {
        let attempt = runtime.block_on(http.probe(clock.now() + Duration::from_secs(5)));
        ensure!(attempt.outcome.is_ok(), "{name}: {:?}", attempt.outcome);
        let own = server.last_took().context("the server answered")?;
        beyond.push(micros(&attempt, |_| true) - connecting(&attempt) - own.whole.as_micros() as i64);
        first_byte.push(micros(&attempt, |phase| phase == Phase::FirstByte) - own.head.as_micros() as i64);
    }
    beyond.sort_unstable();
    first_byte.sort_unstable();
    println!(
        "{name:<26}{:>7} us{:>9} us{:>9} us",
        beyond[PROBES / 2],
        beyond[PROBES * 95 / 100],
        first_byte[PROBES / 2]
    );
    Ok(())
}

fn connecting(attempt: &Attempt) -> i64 {
    micros(attempt, |phase| {
        matches!(phase, Phase::Dns | Phase::Connect | Phase::Tls)
    })
}

/// The phases that `wanted` picks, together; all of them are the whole latency.
fn micros(attempt: &Attempt, wanted: impl Fn(Phase) -> bool) -> i64 {
    attempt
        .phases
        .iter()
        .filter(|(phase, _)| wanted(*phase))
        .map(|(_, took)| i64::from(took.0))
        .sum()
}

/// A neighbour must not notice, and callers of the stalling server wait up to a second in a quarter of the time: of
/// 1,000 requests spread over four seconds the slowest tenth waits at least 600 ms.
fn stalling_server() -> Result<()> {
    let server = Server::start(Protocol::Plain)?;
    let steady = format!("steady={}", server.url("/steady"));
    let stalling = format!("stalling={}", server.url("/stalling"));
    let alone = run(&[&steady])?;
    let both = run(&[&steady, &stalling])?;
    let figure = |document: &Value, target: usize, name: &str| {
        let figure = &document["targets"][target]["windows"]["run"]["latency_us"][name];
        figure
            .as_f64()
            .map_or("-".to_owned(), |us| format!("{:.2} ms", us / 1000.0))
    };
    println!(
        "stalling server, 20 ms interval: p90 {}   aim: near 600 ms",
        figure(&both, 1, "p90")
    );
    println!(
        "its neighbour: p99 {} beside it, {} alone",
        figure(&both, 0, "p99"),
        figure(&alone, 0, "p99")
    );
    println!(
        "overruns of the stalling target: {}",
        both["targets"][1]["windows"]["run"]["overruns"]
    );
    Ok(())
}

fn run(targets: &[&str]) -> Result<Value> {
    let length = format!("{}s", RUN.as_secs());
    let output = Command::new(env!("CARGO_BIN_EXE_probetop"))
        .args([
            "run",
            "--no-host",
            "--interval",
            "20ms",
            "--output",
            "json",
            "--fail-on",
            "never",
            "--for",
            &length,
        ])
        .args(targets)
        .current_dir(std::env::temp_dir())
        .output()
        .context("starting probetop")?;
    ensure!(
        output.status.success(),
        "probetop: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).context("the final document")
}
