//! Many targets: 10,000 kept-alive HTTP targets at 1 s against a server in a process of its own.
//!
//! `cargo bench --bench scale [-- TARGETS]`; PROBETOP_BENCH_SECONDS sets another time than 30 s. Prints what probetop's
//! process cost, from /proc, and what its final document says about lag, overruns and failures, beside the aims. Before
//! and after it a plain loop sends the same requests: the ratio to that says more than shares of a core, which differ
//! between machines and with what else runs on them.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

#[path = "support/headless.rs"]
mod headless;
#[path = "support/plain_loop.rs"]
mod plain_loop;
#[path = "support/process.rs"]
mod process;
#[path = "support/server.rs"]
mod server;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const TARGETS: u64 = 10_000;

/// Descriptors beside one for each target.
const SPARE_DESCRIPTORS: u64 = 256;

/// The argument with which the benchmark starts itself as the server.
const SERVER: &str = "server";

/// The argument with which it starts itself as the plain loop; the server's address, targets and seconds follow.
const LOOP: &str = "loop";

/// What probetop may cost, as a multiple of the loop.
const RATIO_LIMIT: f64 = 2.0;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if args.first().is_some_and(|arg| arg == SERVER) {
        server::serve(|address| println!("{address}"))?;
        return Ok(());
    }
    if let [LOOP, server, targets, seconds] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return plain_loop::run(server.parse()?, targets.parse()?, Duration::from_secs(seconds.parse()?));
    }
    let targets = args
        .first()
        .map_or(Ok(TARGETS), |arg| arg.parse())
        .context("usage: scale [TARGETS]")?;
    raise_descriptor_limit(targets + SPARE_DESCRIPTORS)?;
    let (_server, address) = Server::start()?;
    let length = Duration::from_secs(30);
    let before = measure_loop(&address, targets, length)?;
    let (cost, document) = headless::run(&config(&address, targets), length)?;
    let after = measure_loop(&address, targets, length)?;
    headless::report(&cost, &document, ["at most 35 % of a core", "at most 300 MB"]);
    report_ratio(cost.cpu_ratio, [before, after]);
    Ok(())
}

/// What the plain loop costs, in half the time that probetop has.
fn measure_loop(server: &str, targets: u64, length: Duration) -> Result<plain_loop::Cost> {
    let seconds = (headless::length(length).as_secs() / 2).max(5);
    let mut command = Command::new(std::env::current_exe()?);
    command.args([LOOP, server, &targets.to_string(), &seconds.to_string()]);
    let output = command.stderr(Stdio::inherit()).output().context("starting the loop")?;
    ensure!(output.status.success(), "the loop ended with {}", output.status);
    String::from_utf8(output.stdout)?.parse()
}

fn report_ratio(probetop: f64, loops: [plain_loop::Cost; 2]) {
    let ratio = probetop / f64::midpoint(loops[0].cpu_ratio, loops[1].cpu_ratio);
    println!(
        "{:<22}{:>14}   at most {RATIO_LIMIT:.1}",
        "CPU, to a plain loop",
        format!("{ratio:.2} x")
    );
    for (when, cost) in ["before", "after"].into_iter().zip(loops) {
        let cpu = cost.cpu_ratio * 100.0;
        println!(
            "the loop {when}: {cpu:.1} % of a core, lag p99 {:.2} ms",
            cost.lag_p99_ms
        );
    }
}

/// Children inherit the limit, so that server and probetop have it too.
fn raise_descriptor_limit(needed: u64) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let maximum = limit.maximum.unwrap_or(u64::MAX);
    ensure!(
        maximum >= needed,
        "needs {needed} descriptors and may have {maximum}; raise the hard limit (ulimit -Hn)"
    );
    let raised = Rlimit {
        current: Some(limit.current.unwrap_or(u64::MAX).max(needed)),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).context("raising the descriptor limit")
}

/// The server's process, ended when dropped.
struct Server(Child);

impl Server {
    fn start() -> Result<(Self, String)> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command
            .arg(SERVER)
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the server")?;
        let stdout = child.stdout.take().context("the server's output")?;
        let server = Self(child);
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        Ok((server, address.trim().to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn config(server: &str, targets: u64) -> Vec<u8> {
    let mut config = Vec::from(b"interval = \"1s\"\n".as_slice());
    for number in 0..targets {
        writeln!(
            config,
            "[[target]]\nname = \"target-{number:05}\"\nurl = \"http://{server}/{number}\""
        )
        .expect("memory takes it");
    }
    config
}
