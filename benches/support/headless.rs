//! Runs the program without a screen and measures what it costs.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::process::Usage;

/// Connecting is not the steady state that is measured.
const WARM_UP: Duration = Duration::from_secs(5);

/// What the run cost after the warm-up.
pub struct Cost {
    pub cpu_ratio: f64,
    pub rss_peak_bytes: u64,
}

/// Runs probetop by `config` for the time that PROBETOP_BENCH_SECONDS sets, else `usual`, and gives what it cost beside
/// its final document.
pub fn run(config: &[u8], usual: Duration) -> Result<(Cost, Value)> {
    let length = length(usual);
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("bench.toml"), config)?;
    let cost = measure(directory.path(), length)?;
    let document = File::open(directory.path().join("document.json"))?;
    let document = serde_json::from_reader(BufReader::new(document)).context("the final document of `probetop run`")?;
    Ok((cost, document))
}

/// The time that PROBETOP_BENCH_SECONDS sets, else `usual`.
pub fn length(usual: Duration) -> Duration {
    let set = std::env::var("PROBETOP_BENCH_SECONDS").ok();
    set.and_then(|seconds| seconds.parse().ok())
        .map_or(usual, Duration::from_secs)
}

fn measure(directory: &Path, length: Duration) -> Result<Cost> {
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
            // Its lag is told of the window: of these seconds, and not of those in which all connections were made at once.
            "--window",
            "10s",
            "-c",
            "bench.toml",
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

/// Prints both beside the aims: shares of a core and megabytes.
pub fn report(cost: &Cost, document: &Value, aims: [&str; 2]) {
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
    line("CPU", format!("{:.1} %", cost.cpu_ratio * 100.0), aims[0]);
    line(
        "RSS, peak",
        format!("{:.0} MB", cost.rss_peak_bytes as f64 / 1e6),
        aims[1],
    );
    line("lag p99", milliseconds("p99"), "below 5 ms");
    line("lag max", milliseconds("max"), "");
    line("overruns", total("overruns").to_string(), "none");
    line("failed", total("failed").to_string(), "none");
    line("samples dropped", monitor["dropped_samples_total"].to_string(), "none");
    line("samples", total("attempts").to_string(), "one per target and second");
}
