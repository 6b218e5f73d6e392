//! Many targets: 10,000 kept-alive HTTP targets at 1 s against a server in a process of its own.
//!
//! `cargo bench --bench scale [-- TARGETS]`; PROBETOP_BENCH_SECONDS sets another time than 30 s. Prints what probetop's
//! process cost, from /proc, and what its final document says about lag, overruns and failures, beside the aims.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

#[path = "support/headless.rs"]
mod headless;
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
    let (_server, address) = Server::start()?;
    let (cost, document) = headless::run(&config(&address, targets), Duration::from_secs(30))?;
    headless::report(&cost, &document, ["at most 35 % of a core", "at most 300 MB"]);
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
