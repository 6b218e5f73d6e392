//! Processes watched by name, number, port and beside another target: real children of the test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::sample::{FailureKind, GaugeName, Phase};
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::{KindSettings, ProbeContext};
use probetop_probe::source::process::Settings;
use probetop_probe::source::tcp;
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::clock;
use crate::support::waiting::{PATIENCE, finished};

/// A child that ends with the test.
struct Running(Child);

impl Running {
    /// The shell is told what to do and waits for a line that never comes.
    fn start(script: &str) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Self(command.spawn().expect("sh starts"))
    }

    /// Starts and returns when the script has printed a line.
    fn ready(script: &str) -> Self {
        let mut running = Self::start(script);
        let output = running.0.stdout.take().expect("it is piped");
        let (line, output) = finished("the script has begun", move || {
            let mut output = std::io::BufReader::new(output);
            let mut line = String::new();
            std::io::BufRead::read_line(&mut output, &mut line).unwrap();
            (line, output.into_inner())
        });
        // Open as long as it runs, as it was.
        running.0.stdout = Some(output);
        assert!(!line.is_empty());
        running
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn make(url: &str, settings: &Settings, clock: &Clock) -> Arc<dyn Probe> {
    let house = SharedDemo::default();
    let context = ProbeContext {
        clock,
        in_flight: 1,
        demo: &house,
    };
    settings.probe(&Url::parse(url).unwrap(), context).unwrap()
}

async fn read(probe: &Arc<dyn Probe>, clock: &Clock) -> Attempt {
    probe.probe(clock.now() + Duration::from_secs(20)).await
}

fn gauge(attempt: &Attempt, name: &str) -> Option<f64> {
    let gauges = &attempt.answer.as_ref()?.gauges;
    let name = GaugeName::from(name);
    gauges.iter().find(|gauge| gauge.name == name).map(|gauge| gauge.value)
}

#[track_caller]
fn check_absent(attempt: &Attempt, message: &str) {
    let failure = attempt.outcome.failure().expect("it is not there");
    assert_eq!(
        (failure.kind, failure.phase, failure.message.as_str()),
        (FailureKind::Refused, Some(Phase::Query), message)
    );
}

fn pid_file(folder: &Path, pid: u32) -> Settings {
    let path = folder.join("pid");
    std::fs::write(&path, format!("{pid}\n")).unwrap();
    Settings {
        pid_file: Some(path),
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_process_tells_what_it_uses_and_its_children_count() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let parent = Running::ready("exec 3<&0; sh -c 'echo up; read line' <&3 & wait");
    let settings = pid_file(folder.path(), parent.pid());
    let both = read(&make("process://shop", &settings, &clock), &clock).await;
    assert!(both.outcome.is_ok(), "{both:?}");
    assert_eq!(gauge(&both, "processes"), Some(2.0));
    assert_eq!(gauge(&both, "threads"), Some(2.0));
    assert!(gauge(&both, "rss_bytes") > Some(10_000.0));
    assert!(gauge(&both, "open_files") >= Some(6.0), "{both:?}");
    assert!(gauge(&both, "open_files_ratio") > Some(0.0));
    assert_eq!(gauge(&both, "restarts"), Some(0.0));
    assert_eq!(gauge(&both, "cpu_ratio"), None);
    let alone = Settings {
        children: false,
        ..settings
    };
    let alone = read(&make("process://shop", &alone, &clock), &clock).await;
    assert_eq!(gauge(&alone, "processes"), Some(1.0));
}

#[tokio::test]
async fn what_a_family_shares_counts_once() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    // Three shells have the text of their parent, and none writes to it.
    let family = Running::ready(
        "exec 3<&0; text=$(head -c 32000000 /dev/zero | tr '\\0' a); \
         for each in 1 2 3; do (read line <&3; :) & done; echo up; wait",
    );
    let settings = pid_file(folder.path(), family.pid());
    let told = read(&make("process://family", &settings, &clock), &clock).await;
    assert_eq!(gauge(&told, "processes"), Some(4.0), "{told:?}");
    let [rss, pss] = ["rss_bytes", "pss_bytes"].map(|name| gauge(&told, name).unwrap());
    assert!(rss > 4.0 * 32e6, "{rss}: resident in each");
    assert!(pss > 32e6, "{pss}");
    assert!(pss < rss / 2.0, "{pss} of {rss}");
}

#[tokio::test]
async fn rates_are_over_the_time_since_the_reading_before() {
    let clock = Clock::manual(std::time::SystemTime::UNIX_EPOCH);
    let folder = tempfile::tempdir().unwrap();
    let own = pid_file(folder.path(), std::process::id());
    let probe = make("process://us", &own, &clock);
    read(&probe, &clock).await;
    clock.advance(Duration::from_millis(500));
    assert_eq!(gauge(&read(&probe, &clock).await, "cpu_ratio"), None);
    clock.advance(Duration::from_millis(500));
    let second = read(&probe, &clock).await;
    for name in ["cpu_ratio", "read_bytes_per_s", "write_bytes_per_s"] {
        assert!(gauge(&second, name) >= Some(0.0), "{name}: {second:?}");
    }
}

#[tokio::test]
async fn an_end_is_a_failure_and_a_restart_is_noticed() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let first = Running::start("read line");
    let settings = pid_file(folder.path(), first.pid());
    let probe = make("process://shop", &settings, &clock);
    assert!(read(&probe, &clock).await.outcome.is_ok());
    let pid = first.pid();
    drop(first);
    let path = folder.path().join("pid");
    let path = path.display();
    check_absent(
        &read(&probe, &clock).await,
        &format!("process {pid} of pid file {path} does not run"),
    );
    let second = Running::start("read line");
    pid_file(folder.path(), second.pid());
    let attempt = read(&probe, &clock).await;
    assert!(attempt.outcome.is_ok());
    assert_eq!(gauge(&attempt, "restarts"), Some(1.0));
}

#[tokio::test]
async fn a_program_is_found_by_its_name_and_missed_when_it_ends() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    for name in ["shopd", "a-name-longer-than-the-kernel-keeps"] {
        let program = folder.path().join(name);
        // A link: a copy is busy while another test starts a process that has it open for writing.
        std::os::unix::fs::symlink("/bin/sleep", &program).unwrap();
        let running = Running(Command::new(&program).arg("1000").spawn().unwrap());
        let probe = make(&format!("process://{name}"), &Settings::default(), &clock);
        // Until the child is the program, it is this test.
        let found = async {
            loop {
                let attempt = read(&probe, &clock).await;
                if attempt.outcome.is_ok() {
                    return attempt;
                }
                tokio::task::yield_now().await;
            }
        };
        let attempt = tokio::time::timeout(PATIENCE, found).await.expect("it runs");
        let facts = &attempt.answer.as_ref().unwrap().facts;
        assert!(
            facts[0].value.as_str().ends_with(&format!("pid {}", running.pid())),
            "{facts:?}"
        );
        drop(running);
        check_absent(&read(&probe, &clock).await, &format!("no process named {name:?} runs"));
    }
}

#[tokio::test]
async fn the_one_that_listens_is_found_by_its_port() {
    let clock = clock();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings {
        port: Some(port),
        ..Settings::default()
    };
    let attempt = read(&make("process://us", &settings, &clock), &clock).await;
    let facts = attempt.answer.unwrap().facts;
    assert!(
        facts[0]
            .value
            .as_str()
            .ends_with(&format!("pid {}", std::process::id())),
        "{facts:?}"
    );
    drop(listener);
    let attempt = read(&make("process://us", &settings, &clock), &clock).await;
    check_absent(&attempt, &format!("nobody listens on port {port}"));
}

#[tokio::test]
async fn a_control_group_that_is_not_there_is_a_failure() {
    let clock = clock();
    for name in ["no-such.service", "/no/such/group", "0123456789abcdef0123"] {
        let settings = Settings {
            cgroup: Some(name.to_owned()),
            ..Settings::default()
        };
        let attempt = read(&make("process://shop", &settings, &clock), &clock).await;
        check_absent(&attempt, &format!("there is no control group {name:?}"));
    }
}

#[tokio::test]
async fn another_probe_tells_of_the_process_behind_it_whether_it_answers_or_not() {
    let clock = clock();
    let house = SharedDemo::default();
    let context = ProbeContext {
        clock: &clock,
        in_flight: 1,
        demo: &house,
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings {
        port: Some(address.port()),
        ..Settings::default()
    };
    let url = Url::parse(&format!("tcp://{address}")).unwrap();
    let beside = || {
        let inner = tcp::Settings::default().probe(&url, context);
        settings.beside(inner.unwrap(), &clock).unwrap()
    };
    let own = format!("pid {}", std::process::id());
    let is_ours = |attempt: &Attempt| {
        let facts = attempt.answer.iter().flat_map(|answer| &answer.facts);
        facts.map(|fact| fact.value.as_str()).any(|said| said.ends_with(&own))
    };
    // A child that another test is about to start has the listener as well until it is another program.
    let found = async {
        loop {
            let probe = beside();
            let attempt = read(&probe, &clock).await;
            if is_ours(&attempt) {
                return (probe, attempt);
            }
            tokio::task::yield_now().await;
        }
    };
    let (probe, attempt) = tokio::time::timeout(PATIENCE, found).await.expect("we are found");
    assert!(attempt.outcome.is_ok());
    assert!(gauge(&attempt, "rss_bytes") > Some(0.0));
    assert_eq!(attempt.phases.get(Phase::Query), None);
    assert_eq!(attempt.answer.as_ref().unwrap().address, Some(address));
    drop(listener);
    let attempt = read(&probe, &clock).await;
    assert_eq!(attempt.outcome.failure().unwrap().kind, FailureKind::Refused);
    assert!(gauge(&attempt, "rss_bytes") > Some(0.0), "we still run: {attempt:?}");
}

/// Descriptors stand still, and so does the number of threads that read.
#[tokio::test]
async fn two_hundred_readings_leave_nothing_open() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let child = Running::start("read line");
    let settings = pid_file(folder.path(), child.pid());
    let probe = make("process://shop", &settings, &clock);
    let own = || {
        std::fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter(|fd| {
                let link = fd.as_ref().ok().and_then(|fd| std::fs::read_link(fd.path()).ok());
                link.is_some_and(|link| link.starts_with(format!("/proc/{}", child.pid())))
            })
            .count()
    };
    for round in 0..200 {
        let reading = read(&probe, &clock);
        if round % 2 == 0 {
            assert!(reading.await.outcome.is_ok());
        } else {
            drop(reading);
        }
    }
    assert_eq!(own(), 0);
}
