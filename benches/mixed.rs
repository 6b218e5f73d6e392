//! Targets of many kinds at once: 200 at 1 s against real servers on this machine.
//!
//! `cargo bench --bench mixed`; PROBETOP_BENCH_SECONDS sets another time than 30 s. Needs the servers that `tests/run`
//! installs. Prints what probetop's process cost, and what its final document says, beside the aims.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

#[path = "support/headless.rs"]
mod headless;
#[path = "support/process.rs"]
mod process;
#[path = "support/server.rs"]
mod server;
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Write as _;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use support::dnsmasq::Dnsmasq;
use support::nginx::Ports;
use support::postgres::Postgres;
use support::redis::Redis;

/// How many targets of each URL there are: 200 in all.
const TARGETS: [(u32, &str); 8] = [
    (80, "http://HTTP/"),
    (30, "redis://127.0.0.1:REDIS"),
    (30, "postgres://probe@127.0.0.1:POSTGRES/postgres?sslmode=disable"),
    (20, "tcp://HTTP"),
    (20, "dns://127.0.0.1:DNS/a.test"),
    (10, "icmp://127.0.0.1"),
    (5, "exec:///bin/true"),
    (5, "process://redis-server"),
];

fn main() -> Result<()> {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || server::serve(|address| sender.send(address).expect("main waits for it")));
    let http = address.recv().context("the server's address")?.to_string();
    let redis = Redis::plain();
    let postgres = Postgres::start(|_| {}, "", "host all all 127.0.0.1/32 trust");
    postgres.run("create role probe login");
    let ports: Ports<1> = Ports::claim();
    let _dns = Dnsmasq::start(ports.numbers[0], &["--host-record=a.test,192.0.2.1"]);
    let places = [
        ("HTTP", http),
        ("REDIS", redis.port.to_string()),
        ("POSTGRES", postgres.port.to_string()),
        ("DNS", ports.numbers[0].to_string()),
    ];
    let (cost, document) = headless::run(&config(&places), Duration::from_secs(30))?;
    headless::report(&cost, &document, ["at most 5 % of a core", "at most 60 MB"]);
    Ok(())
}

fn config(places: &[(&str, String)]) -> Vec<u8> {
    let mut config = Vec::from(b"interval = \"1s\"\n".as_slice());
    for (count, url) in TARGETS {
        let url = places
            .iter()
            .fold(url.to_owned(), |url, (word, place)| url.replace(word, place));
        let kind = url.split(':').next().unwrap_or_default();
        for number in 0..count {
            writeln!(config, "[[target]]\nname = \"{kind}-{number:02}\"\nurl = \"{url}\"").expect("memory takes it");
        }
    }
    config
}
