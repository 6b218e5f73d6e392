//! Exec probes with programs that every machine has, and with Debian's monitoring plugins
//! (`cargo test --test probe exec:: -- --include-ignored`).

use std::path::Path;
use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::program::STDOUT_LIMIT_BYTES;
use probetop_probe::source::exec::{Exec, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::clock;
use crate::support::silence::with_room;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

const PLUGINS: &str = "/usr/lib/nagios/plugins";

fn exec(program: &str, settings: &Settings) -> Exec {
    let url = Url::parse(&format!("exec://{program}")).unwrap();
    Exec::try_new(clock(), &url, settings).unwrap()
}

fn script(text: &str) -> Settings {
    Settings {
        args: vec!["-c".to_owned(), text.to_owned()],
        ..Settings::default()
    }
}

async fn probe_within(exec: &Exec, limit: Duration) -> Attempt {
    exec.probe(clock().now() + limit).await
}

async fn run(text: &str) -> Attempt {
    probe_within(&exec("/bin/sh", &script(text)), PATIENCE).await
}

fn gauges(attempt: &Attempt) -> Vec<(&str, f64)> {
    let gauges = &attempt.answer.as_ref().expect("it ended").gauges;
    gauges.iter().map(|gauge| (gauge.name.as_str(), gauge.value)).collect()
}

fn output(attempt: &Attempt) -> &str {
    let facts = &attempt.answer.as_ref().expect("it ended").facts;
    facts
        .iter()
        .find(|fact| fact.name == "output")
        .map_or("", |fact| fact.value.as_str())
}

fn failure(attempt: &Attempt) -> (FailureKind, &str) {
    let failure = attempt.outcome.failure().expect("the probe failed");
    assert_eq!(failure.phase, Some(Phase::Run));
    (failure.kind, failure.message.as_str())
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

/// Whether a process runs; one that has ended and was not waited for does not.
fn runs(id: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn a_plugin_tells_text_and_figures() {
    let attempt = run("echo 'OK - fine | time=0.25s;1;2 size=3KB'").await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    assert_eq!(
        attempt.phases.iter().map(|(phase, _)| phase).collect::<Vec<_>>(),
        [Phase::Run]
    );
    assert_eq!(output(&attempt), "OK - fine");
    assert_eq!(
        gauges(&attempt),
        [("plugin_status", 0.0), ("time_us", 250_000.0), ("size_bytes", 3072.0)]
    );
}

#[tokio::test]
async fn a_warning_is_no_failure_and_its_gauge_says_so() {
    let attempt = run("echo 'WARNING - warm'; exit 1").await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    assert_eq!(gauges(&attempt), [("plugin_status", 1.0)]);
}

#[tokio::test]
async fn what_is_critical_or_unknown_fails_and_still_tells_its_figures() {
    let attempt = run("echo 'CRITICAL - hot | temp=99'; exit 2").await;
    assert_eq!(
        failure(&attempt),
        (FailureKind::Status, "exit code 2 (critical): CRITICAL - hot")
    );
    assert_eq!(gauges(&attempt), [("plugin_status", 2.0), ("temp", 99.0)]);
    let attempt = run("echo usage >&2; exit 3").await;
    assert_eq!(failure(&attempt), (FailureKind::Status, "exit code 3 (unknown): usage"));
    let attempt = run("no-such-program-anywhere 2>/dev/null").await;
    assert_eq!(failure(&attempt).0, FailureKind::Protocol);
}

#[tokio::test]
async fn any_other_program_succeeds_with_0_alone() {
    let settings = Settings {
        plugin: false,
        ..script("echo 'half | a=1'; exit 1")
    };
    let attempt = probe_within(&exec("/bin/sh", &settings), PATIENCE).await;
    assert_eq!(failure(&attempt), (FailureKind::Status, "exit code 1: half | a=1"));
    assert!(gauges(&attempt).is_empty());
}

#[tokio::test]
async fn a_program_that_is_killed_has_failed() {
    let attempt = run("kill -SEGV $$").await;
    assert_eq!(failure(&attempt), (FailureKind::Closed, "ended by signal 11"));
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let attempt = probe_within(&exec("/no/such/program", &Settings::default()), PATIENCE).await;
    assert_eq!(failure(&attempt).0, FailureKind::Start);
    assert!(
        failure(&attempt)
            .1
            .starts_with("cannot start /no/such/program: no such file"),
        "{attempt:?}"
    );
    let elsewhere = Settings {
        directory: Some("/no/such/directory".into()),
        ..Settings::default()
    };
    let attempt = probe_within(&exec("/bin/true", &elsewhere), PATIENCE).await;
    assert_eq!(
        failure(&attempt).1,
        "cannot start in /no/such/directory: no such directory"
    );
    assert_eq!(attempt.answer, None);
}

#[tokio::test]
async fn arguments_are_handed_on_as_they_are_and_no_shell_reads_them() {
    let settings = Settings {
        args: ["%s,", "a b", "$HOME", "`id`", "*", "; exit 9"]
            .map(str::to_owned)
            .to_vec(),
        ..Settings::default()
    };
    let attempt = probe_within(&exec("/usr/bin/printf", &settings), PATIENCE).await;
    assert_eq!(output(&attempt), "a b,$HOME,`id`,*,; exit 9,");
}

#[tokio::test]
async fn nothing_of_ours_is_handed_on() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let name = file.path().file_name().unwrap().to_str().unwrap();
    // A program that reads its standard input would wait for ever.
    let variables = "env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= | sort | cut -d= -f1";
    let text = format!("cat; echo $({variables}) $GREETING $(pwd) $(ls -l /proc/self/fd | grep -c -F {name})");
    let settings = Settings {
        env: [("GREETING".to_owned(), "hello".to_owned())].into(),
        directory: Some("/tmp".into()),
        ..script(&text)
    };
    let attempt = probe_within(&exec("/bin/sh", &settings), PATIENCE).await;
    assert_eq!(output(&attempt), "GREETING LC_ALL PATH PROBETOP_RUN hello /tmp 0");
}

#[tokio::test]
async fn a_flood_is_read_to_its_end_and_cut() {
    let attempt = run("head -c 5000000 /dev/zero | tr '\\0' x; head -c 5000000 /dev/zero >&2; exit 2").await;
    assert_eq!(failure(&attempt).0, FailureKind::Status);
    let answer = attempt.answer.unwrap();
    assert_eq!(answer.body_bytes, STDOUT_LIMIT_BYTES as u64);
    assert!(answer.truncated);
}

#[tokio::test]
async fn escape_sequences_do_not_reach_the_screen() {
    let attempt = run("printf '\\033[31mred\\033[0m|a=1'; exit 2").await;
    assert_eq!(output(&attempt), "[31mred[0m");
    assert_eq!(failure(&attempt).1, "exit code 2 (critical): [31mred[0m");
}

#[tokio::test]
async fn the_time_limit_kills_all_that_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let text = format!(
        "sleep 1000 & trap '' TERM; echo $! $$ > {0}.new; mv {0}.new {0}; sleep 1000; sleep 1000",
        file.display()
    );
    let probe = exec("/bin/sh", &script(&text));
    let has_started = |_: &Attempt, _| file.exists();
    let (attempt, limit) = with_room(async |limit| probe_within(&probe, limit).await, has_started).await;
    let message = format!("not ended within {}", humantime::format_duration(limit));
    assert_eq!(failure(&attempt), (FailureKind::Timeout, message.as_str()));
    let ids = std::fs::read_to_string(&file).expect("it wrote before its time was over");
    for id in ids.split_whitespace() {
        eventually("the group is gone", || !runs(id)).await;
    }
}

/// The process ids that this shell script wrote, whose probe was abandoned once it had put `file` in its place.
async fn abandoned(script_text: &str, file: &Path) -> Vec<String> {
    let probe = exec("/bin/sh", &script(script_text));
    {
        let mut running = std::pin::pin!(probe_within(&probe, PATIENCE));
        let started = eventually("it has started", || file.exists());
        tokio::select! {
            attempt = &mut running => panic!("it ended: {attempt:?}"),
            () = started => {}
        }
    }
    let ids = std::fs::read_to_string(file).unwrap();
    ids.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_probe_that_is_abandoned_kills_all_that_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let write = format!("echo $! $$ > {0}.new; mv {0}.new {0}; sleep 1000", file.display());
    for text in [
        format!("sleep 1000 & {write}"),
        format!("setsid sh -c 'sleep 1000 & {write}' & sleep 1000"),
        format!("setsid sh -c 'sleep 1000 & {write}' >/dev/null 2>&1 & sleep 1000"),
    ] {
        let ids = abandoned(&text, &file).await;
        assert_eq!(ids.len(), 2, "{text}");
        for id in ids {
            eventually(&text, || !runs(&id)).await;
        }
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn what_a_program_leaves_running_with_its_output_open_is_ended() {
    for text in ["sleep 1000 & echo $!", "setsid sleep 1000 & echo $!"] {
        let attempt = run(text).await;
        assert!(attempt.outcome.is_ok(), "{attempt:?}");
        let id = output(&attempt).to_owned();
        eventually(text, || !runs(&id)).await;
    }
}

#[tokio::test]
async fn a_daemon_that_has_closed_its_output_stays() {
    let attempt = run("setsid sleep 1000 >/dev/null 2>&1 & echo $!").await;
    let id = output(&attempt).to_owned();
    // One that has to go takes all with it that is found at that time.
    let other = run("setsid sleep 1000 & echo $!").await;
    let other = output(&other).to_owned();
    eventually("what may not stay is gone", || !runs(&other)).await;
    assert!(runs(&id));
    let id = id.parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
}

async fn plugin(name: &str, args: &[&str]) -> Attempt {
    assert!(
        Path::new(PLUGINS).join(name).exists(),
        "monitoring-plugins-basic is installed"
    );
    let args = args.iter().map(ToString::to_string).collect();
    probe_within(
        &exec(
            &format!("{PLUGINS}/{name}"),
            &Settings {
                args,
                ..Settings::default()
            },
        ),
        PATIENCE,
    )
    .await
}

#[tokio::test]
#[ignore = "needs monitoring-plugins-basic"]
async fn real_plugins_are_understood() {
    for (state, text) in [("0", "OK: fine"), ("1", "WARNING: fine")] {
        let attempt = plugin("check_dummy", &[state, "fine"]).await;
        assert!(attempt.outcome.is_ok(), "{attempt:?}");
        assert_eq!(output(&attempt), text);
    }
    let attempt = plugin("check_dummy", &["2", "down"]).await;
    assert_eq!(
        failure(&attempt),
        (FailureKind::Status, "exit code 2 (critical): CRITICAL: down")
    );

    let attempt = plugin("check_load", &["-w", "1000,1000,1000", "-c", "2000,2000,2000"]).await;
    let names: Vec<_> = gauges(&attempt).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["plugin_status", "load1", "load5", "load15"], "{attempt:?}");

    let attempt = plugin("check_disk", &["-w", "0", "-c", "0", "-p", "/"]).await;
    let used = gauges(&attempt)[1];
    assert_eq!(used.0, "root_bytes", "{attempt:?}");
    assert!(used.1 > 1024.0 * 1024.0, "{attempt:?}");
}
