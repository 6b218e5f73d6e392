//! Load generators: servers that play what k6 and locust answer, and a real locust where there is one
//! (`cargo test --test probe generators:: -- --include-ignored`).

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use probetop_core::clock::Clock;
use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::generator::{k6, locust};
use probetop_probe::source::kind::{ProbeContext, TargetKind};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::clock;
use crate::support::nginx::Ports;
use crate::support::raw_server::{RawServer, Step, answer};
use crate::support::waiting::until;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

const STATUS: &str = include_str!("../../fuzz/seeds/k6_status/running");
const METRICS: &str = include_str!("../../fuzz/seeds/k6_metrics/run");
const EVENTS: &str = include_str!("../../fuzz/seeds/k6_dashboard/run");
const LOCUST: &str = include_str!("../../fuzz/seeds/locust/running");

fn probe_of(clock: &Clock, kind: TargetKind, url: &str) -> std::sync::Arc<dyn Probe> {
    let demo = SharedDemo::default();
    let context = ProbeContext {
        clock,
        in_flight: 1,
        demo: &demo,
    };
    kind.probe(&Url::parse(url).unwrap(), context).unwrap()
}

fn page(body: &str) -> Vec<Step> {
    answer(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn gauge(attempt: &Attempt, name: &str) -> Option<f64> {
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    let gauges = &attempt.answer.as_ref().unwrap().gauges;
    gauges
        .iter()
        .find(|gauge| gauge.name.as_str() == name)
        .map(|gauge| gauge.value)
}

fn state(attempt: &Attempt) -> &str {
    let facts = &attempt.answer.as_ref().unwrap().facts;
    facts
        .iter()
        .find(|fact| fact.name == "state")
        .map_or("", |fact| fact.value.as_str())
}

#[tokio::test]
async fn k6_is_asked_for_its_metrics_every_five_seconds_at_most() {
    // Status and metrics are two pages and so two connections: each is played its own script.
    let later = METRICS
        .replace(r#""count":1900"#, r#""count":2000"#)
        .replace(r#""count":12,"#, r#""count":22,"#);
    let status = (0..7).flat_map(|_| page(STATUS)).collect();
    let metrics = [page(METRICS), page(&later)].concat();
    let server = RawServer::start(vec![status, metrics]).await;
    let clock = Clock::manual(SystemTime::UNIX_EPOCH);
    let probe = probe_of(
        &clock,
        TargetKind::new(k6::Settings::default()),
        &format!("k6://{}", server.address),
    );
    let mut attempts = Vec::new();
    for _ in 0..7 {
        attempts.push(probe.probe(clock.now() + PATIENCE).await);
        clock.advance(Duration::from_secs(1));
    }
    let asked = server.seen().requests;
    let asked = |path: &str| {
        asked
            .iter()
            .filter(|request| request.starts_with(&format!("GET {path} ")))
            .count()
    };
    assert_eq!((asked("/v1/status"), asked("/v1/metrics")), (7, 2));
    let first = &attempts[0];
    assert_eq!(state(first), "running");
    assert_eq!(
        (gauge(first, "users"), gauge(first, "users_max")),
        (Some(10.0), Some(50.0))
    );
    assert_eq!(gauge(first, "p95_us"), Some(182_970.0));
    assert_eq!(
        gauge(first, "rate_achieved_per_s"),
        None,
        "there is nothing to compare with"
    );
    assert_eq!(
        gauge(&attempts[4], "p95_us"),
        Some(182_970.0),
        "told between two questions as well"
    );
    assert_eq!(gauge(&attempts[5], "rate_achieved_per_s"), Some(20.0));
    assert_eq!(gauge(&attempts[6], "rate_offered_per_s"), Some(22.0));
}

/// Events as k6 sends them: those that were, then silence on an open connection.
fn stream(events: &str) -> Vec<Step> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let mut steps = answer(format!("{head}{events}"));
    steps.push(Step::Silence);
    steps
}

fn probe_with_dashboard(clock: &Clock, rest: &RawServer, dashboard: &RawServer) -> std::sync::Arc<dyn Probe> {
    let settings = k6::Settings {
        dashboard: Some(dashboard.url("")),
        ..k6::Settings::default()
    };
    probe_of(clock, TargetKind::new(settings), &format!("k6://{}", rest.address))
}

fn rest_pages(count: usize) -> Vec<Vec<Step>> {
    let status = (0..count).flat_map(|_| page(STATUS)).collect();
    let metrics = (0..count).flat_map(|_| page(METRICS)).collect();
    vec![status, metrics]
}

#[tokio::test]
async fn the_dashboard_is_left_after_each_reading_and_asked_for_what_came_since() {
    let rest = RawServer::start(rest_pages(7)).await;
    let later = "id: 8\nevent: snapshot\ndata: [[1,9,2.5,0,3,4,5],[1,1],[1],[1]]\n\n";
    let dashboard = RawServer::start(vec![stream(EVENTS), stream(later)]).await;
    let clock = Clock::manual(SystemTime::UNIX_EPOCH);
    let probe = probe_with_dashboard(&clock, &rest, &dashboard);
    let mut attempts = Vec::new();
    for _ in 0..7 {
        attempts.push(probe.probe(clock.now() + PATIENCE).await);
        clock.advance(Duration::from_secs(1));
    }
    // k6 does not end while somebody listens.
    dashboard.wait_closed(2).await;
    let asked = dashboard.seen().requests;
    assert_eq!(asked.len(), 2);
    assert!(asked[0].starts_with("GET /events "), "{asked:?}");
    assert!(!asked[0].contains("last-event-id"), "{asked:?}");
    assert!(asked[1].contains("last-event-id: 6\r\n"), "{asked:?}");
    assert_eq!(gauge(&attempts[0], "period_p99_us"), Some(130_500.0));
    assert_eq!(gauge(&attempts[4], "period_p50_us"), Some(18_500.0));
    assert_eq!(gauge(&attempts[6], "period_p50_us"), Some(2_500.0));
}

#[tokio::test]
async fn a_run_without_its_dashboard_is_well_and_says_so() {
    for (script, expected) in [
        (page("<html>"), None),
        (
            answer("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
            Some("status: 404 Not Found"),
        ),
        (vec![Step::Read, Step::Reset], Some("reset: ")),
        (
            [answer("HTTP/1.1 200 OK\r\n\r\n"), vec![Step::Flood(vec![b'a'; 65_536])]].concat(),
            Some("more events than are read at a time"),
        ),
    ] {
        let rest = RawServer::start(rest_pages(1)).await;
        let dashboard = RawServer::start(vec![script]).await;
        let clock = clock();
        let attempt = probe_with_dashboard(&clock, &rest, &dashboard)
            .probe(clock.now() + PATIENCE)
            .await;
        assert_eq!(gauge(&attempt, "users"), Some(10.0));
        assert_eq!(gauge(&attempt, "period_p50_us"), None);
        let facts = &attempt.answer.as_ref().unwrap().facts;
        let told = facts
            .iter()
            .find(|fact| fact.name == "dashboard")
            .map(|fact| fact.value.as_str());
        match expected {
            Some(opening) => assert!(told.is_some_and(|told| told.starts_with(opening)), "{told:?}"),
            None => assert_eq!(told, None),
        }
    }
}

#[tokio::test]
async fn what_is_not_k6_or_not_whole_fails() {
    let clock = clock();
    for (script, kind, opening) in [
        (page("<html>"), FailureKind::Protocol, "no status of k6: expected value"),
        (page("{\"data\":"), FailureKind::Protocol, "no status of k6: EOF"),
        (
            answer("HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n"),
            FailureKind::Status,
            "302 instead",
        ),
    ] {
        let server = RawServer::start(vec![script]).await;
        let probe = probe_of(
            &clock,
            TargetKind::new(k6::Settings::default()),
            &format!("k6://{}", server.address),
        );
        let attempt = probe.probe(clock.now() + PATIENCE).await;
        let failure = attempt.outcome.failure().expect("it failed");
        assert_eq!(failure.kind, kind, "{failure:?}");
        assert!(failure.message.as_str().starts_with(opening), "{failure:?}");
    }
}

#[tokio::test]
async fn k6_that_is_silent_about_its_metrics_times_out() {
    let server = RawServer::start(vec![page(STATUS), vec![Step::Read, Step::Silence]]).await;
    let clock = clock();
    let probe = probe_of(
        &clock,
        TargetKind::new(k6::Settings::default()),
        &format!("k6://{}", server.address),
    );
    let attempt = probe.probe(clock.now() + Duration::from_secs(1)).await;
    let failure = attempt.outcome.failure().expect("it failed");
    assert_eq!(
        (failure.kind, failure.phase),
        (FailureKind::Timeout, Some(Phase::FirstByte))
    );
}

#[tokio::test]
async fn locust_tells_its_run() {
    let server = RawServer::start(vec![page(LOCUST)]).await;
    let clock = clock();
    let probe = probe_of(
        &clock,
        TargetKind::new(locust::Settings::default()),
        &format!("locust://{}", server.address),
    );
    let attempt = probe.probe(clock.now() + PATIENCE).await;
    assert_eq!(state(&attempt), "running");
    assert_eq!(gauge(&attempt, "users"), Some(10.0));
    assert_eq!(gauge(&attempt, "rate_achieved_per_s"), Some(12.0));
    assert!(gauge(&attempt, "failure_ratio").is_some_and(|ratio| (ratio - 0.025).abs() < 1e-9));
    assert_eq!(
        (gauge(&attempt, "p50_us"), gauge(&attempt, "p95_us")),
        (Some(45_000.0), Some(120_000.0))
    );
    assert!(server.seen().requests[0].starts_with("GET /stats/requests "));
}

#[tokio::test]
async fn the_end_of_a_generator_is_that_nobody_listens() {
    let clock = clock();
    for (kind, scheme, script) in [
        (
            TargetKind::new(k6::Settings::default()),
            "k6",
            vec![page(STATUS), page(METRICS)],
        ),
        (
            TargetKind::new(locust::Settings::default()),
            "locust",
            vec![page(LOCUST)],
        ),
    ] {
        let server = RawServer::start(script).await;
        let probe = probe_of(&clock, kind, &format!("{scheme}://{}", server.address));
        assert_eq!(state(&probe.probe(clock.now() + PATIENCE).await), "running");
        drop(server);
        let ended = async {
            loop {
                let attempt = probe.probe(clock.now() + PATIENCE).await;
                if attempt
                    .outcome
                    .failure()
                    .is_some_and(|failure| failure.kind == FailureKind::Refused)
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("its end is noticed");
    }
}

/// A real locust that runs against itself, killed when dropped.
struct Locust(Child);

impl Drop for Locust {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[ignore = "needs locust (PyPI), named by the environment variable LOCUST"]
async fn a_real_locust_is_understood() {
    let program = std::env::var_os("LOCUST").expect("LOCUST names a locust, as tests/run has it");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("locustfile.py");
    let user = "from locust import HttpUser, task, constant\nclass U(HttpUser):\n    wait_time = constant(0.1)\n    \
                @task\n    def t(self):\n        self.client.get('/')\n";
    std::fs::write(&file, user).unwrap();
    let ports = Ports::<1>::claim();
    let port = ports.numbers[0];
    let process = Command::new(program)
        .arg("-f")
        .arg(&file)
        .args([
            "--autostart",
            "-u",
            "3",
            "-r",
            "3",
            "--web-host",
            "127.0.0.1",
            "--web-port",
        ])
        .arg(port.to_string())
        .args(["--host", &format!("http://127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("locust starts");
    let mut locust = Locust(process);
    until("locust answers", || {
        assert_eq!(locust.0.try_wait().unwrap(), None, "it runs");
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    let clock = clock();
    let probe = probe_of(
        &clock,
        TargetKind::new(locust::Settings::default()),
        &format!("locust://127.0.0.1:{port}"),
    );
    let running = async {
        loop {
            let attempt = probe.probe(clock.now() + PATIENCE).await;
            if gauge(&attempt, "rate_achieved_per_s").is_some_and(|rate| rate > 0.0) {
                return attempt;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let attempt = tokio::time::timeout(PATIENCE, running).await.expect("it runs");
    assert_eq!(state(&attempt), "running");
    assert_eq!(gauge(&attempt, "users"), Some(3.0));
    assert!(gauge(&attempt, "p95_us").is_some_and(|p95| p95 > 0.0), "{attempt:?}");
}
