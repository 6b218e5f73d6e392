//! What exec probes leave behind: nothing. Descriptors and children are the process's.

use std::time::Duration;

use probetop_probe::source::exec::{Exec, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::clock;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

fn exec(program: &str, settings: &Settings) -> Exec {
    let url = Url::parse(&format!("exec://{program}")).unwrap();
    Exec::try_new(clock(), &url, settings).unwrap()
}

async fn probe_within(exec: &Exec, limit: Duration) -> Attempt {
    exec.probe(clock().now() + limit).await
}

/// Returns once `holds` does; panics when it never does.
async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "{what}");
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Children of this process, ended or not.
fn children() -> usize {
    let own = std::process::id();
    let is_ours = |entry: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(entry.unwrap().path().join("stat")).unwrap_or_default();
        let after = stat.rsplit(") ").next().unwrap_or_default();
        after.split(' ').nth(1) == Some(&own.to_string())
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .filter(|entry| entry.is_ok())
        .map(is_ours)
        .filter(|ours| *ours)
        .count()
}

#[test]
fn two_hundred_runs_leave_no_descriptor_and_no_zombie() {
    let _turn = crate::turn();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run_two_hundred_times());
}

async fn run_two_hundred_times() {
    let fine = exec("/bin/true", &Settings::default());
    let endless = exec(
        "/bin/sleep",
        &Settings {
            args: vec!["1000".to_owned()],
            ..Settings::default()
        },
    );
    probe_within(&fine, PATIENCE).await;
    probe_within(&endless, Duration::from_millis(1)).await;
    eventually("the first ones are gone", || children() == 0).await;
    let before = descriptors();
    for _ in 0..200 {
        assert!(probe_within(&fine, PATIENCE).await.outcome.is_ok());
        assert!(!probe_within(&endless, Duration::from_millis(1)).await.outcome.is_ok());
    }
    eventually("no child is left", || children() == 0).await;
    // Leftovers are looked for in /proc beside the probes.
    eventually("no descriptor is left", || descriptors() == before).await;
}
