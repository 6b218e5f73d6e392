//! Many targets: 10,000 kept-alive HTTP targets at 1 s against a server in a process of its own.
//!
//! `cargo bench --bench scale [-- TARGETS]`; PROBETOP_BENCH_SECONDS sets another time than 30 s. Prints what probetop's
//! process cost, from /proc, and what its final document says about lag, overruns and failures, beside the aims.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

#[path = "support/process.rs"]
mod process;
#[path = "support/server.rs"]
mod server;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use process::Usage;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;

const TARGETS: u64 = 10_000;

/// Connecting 10,000 times is not the steady state that is measured.
const WARM_UP: Duration = Duration::from_secs(5);

/// Descriptors beside one for each target.
const SPARE_DESCRIPTORS: u64 = 256;

/// The argument with which the benchmark starts itself as the server.
const SERVER: &str = "server";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if args.first().is_some_and(|arg| arg == SERVER) {
        server::serve(|address| println!("{address}"))?;
        return Ok(());
    }
    let targets = args
        .first()
        .map_or(Ok(TARGETS), |arg| arg.parse())
        .context("usage: scale [TARGETS]")?;
    raise_descriptor_limit(targets + SPARE_DESCRIPTORS)?;
    let seconds = std::env::var("PROBETOP_BENCH_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(30);
    let directory = tempfile::tempdir()?;
    let (server, address) = Server::start()?;
    std::fs::write(directory.path().join("scale.toml"), config(&address, targets))?;
    let cost = run(directory.path(), Duration::from_secs(seconds))?;
    drop(server);
    let document = serde_json::from_reader(BufReader::new(File::open(directory.path().join("document.json"))?))
        .context("the final document of `probetop run`")?;
    report(&cost, &document);
    Ok(())
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

/// What the run cost after the warm-up.
struct Cost {
    cpu_ratio: f64,
    rss_peak_bytes: u64,
}

fn run(directory: &Path, length: Duration) -> Result<Cost> {
    let seconds = format!("{}s", length.as_secs());
    let mut child = Command::new(env!("CARGO_BIN_EXE_probetop"))
        .args([
            "run",
            "--for",
            &seconds,
            "--output",
            "json",
            "--fail-on",
            "never",
            "-c",
            "scale.toml",
        ])
        .current_dir(directory)
        .stdout(File::create(directory.join("document.json"))?)
        .spawn()
        .context("starting probetop")?;
    let pid = child.id() as i32;
    let started = Instant::now();
    let (mut first, mut last, mut rss_peak_bytes) = (None, None, 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // The seconds at the end, when the document is written, are not part of the steady state.
        if let Some(usage) = Usage::of_tree(pid).filter(|_| started.elapsed() < length) {
            rss_peak_bytes = usage.rss_bytes.max(rss_peak_bytes);
            if started.elapsed() >= WARM_UP {
                first.get_or_insert((Instant::now(), usage.cpu));
                last = Some((Instant::now(), usage.cpu));
            }
        }
        thread::sleep(Duration::from_millis(500));
    };
    ensure!(status.success(), "probetop ended with {status}");
    let ((from, cpu_from), (to, cpu_to)) = first.zip(last).context("the run was shorter than its warm-up of 5 s")?;
    Ok(Cost {
        cpu_ratio: (cpu_to - cpu_from).as_secs_f64() / (to - from).as_secs_f64(),
        rss_peak_bytes,
    })
}

fn report(cost: &Cost, document: &Value) {
    let targets = document["targets"].as_array().map_or(&[][..], Vec::as_slice);
    let total = |key: &str| -> u64 {
        targets
            .iter()
            .filter_map(|target| target["windows"]["run"][key].as_u64())
            .sum()
    };
    let monitor = &document["monitor"];
    let milliseconds = |key: &str| {
        let lag = monitor["lag_us"][key].as_f64();
        lag.map_or("unknown".to_owned(), |lag| format!("{:.2} ms", lag / 1000.0))
    };
    println!("{:<22}{:>14}   aim", format!("{} targets", targets.len()), "measured");
    let line = |name: &str, measured: String, aim: &str| println!("{name:<22}{measured:>14}   {aim}");
    line(
        "CPU",
        format!("{:.1} %", cost.cpu_ratio * 100.0),
        "at most 35 % of a core",
    );
    line(
        "RSS, peak",
        format!("{:.0} MB", cost.rss_peak_bytes as f64 / 1e6),
        "at most 300 MB",
    );
    line("lag p99", milliseconds("p99"), "below 5 ms");
    line("lag max", milliseconds("max"), "");
    line("overruns", total("overruns").to_string(), "none");
    line("failed", total("failed").to_string(), "none");
    line("samples dropped", monitor["dropped_samples_total"].to_string(), "none");
    line("samples", total("attempts").to_string(), "one per target and second");
}
