//! Pages of metrics from servers that play a script, and from a real node exporter
//! (`cargo test --test probe prometheus:: -- --include-ignored`).

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::time::SystemTime;

use probetop_core::clock::Clock;
use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::ProbeContext;
use probetop_probe::source::prometheus::{Prometheus, SeriesSettings, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::clock;
use crate::support::nginx::Ports;
use crate::support::raw_server::{RawServer, Step, answer};
use crate::support::silence::assert_times_out;
use crate::support::waiting::until;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

fn prometheus(clock: &Clock, url: &str, settings: &Settings) -> Prometheus {
    let demo = SharedDemo::default();
    let context = ProbeContext {
        clock,
        in_flight: 1,
        demo: &demo,
    };
    Prometheus::try_new(&Url::parse(url).unwrap(), settings, context).unwrap()
}

fn series(names: &[&str]) -> Settings {
    let named = |name: &&str| SeriesSettings {
        name: name.to_string(),
        ..SeriesSettings::default()
    };
    Settings {
        series: names.iter().map(named).collect(),
        ..Settings::default()
    }
}

fn page(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Reads each page once, two seconds apart.
async fn read(settings: &Settings, pages: &[&str]) -> Vec<Attempt> {
    let script: Vec<Step> = pages.iter().flat_map(|body| answer(page(body))).collect();
    let server = RawServer::start(vec![script]).await;
    let clock = Clock::manual(SystemTime::UNIX_EPOCH);
    let probe = prometheus(&clock, &format!("prometheus://{}", server.address), settings);
    let mut attempts = Vec::new();
    for _ in pages {
        clock.advance(Duration::from_secs(2));
        attempts.push(probe.probe(clock.now() + PATIENCE).await);
    }
    assert!(server.seen().requests[0].starts_with("GET /metrics HTTP/1.1\r\n"));
    assert!(server.seen().requests[0].contains("accept: text/plain;version=0.0.4"));
    attempts
}

fn gauges(attempt: &Attempt) -> Vec<(&str, f64)> {
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    let gauges = &attempt.answer.as_ref().unwrap().gauges;
    let gauges = gauges.iter().map(|gauge| (gauge.name.as_str(), gauge.value));
    gauges.filter(|(name, _)| *name != "page_samples").collect()
}

async fn check_failure(script: Vec<Step>, settings: &Settings, kind: FailureKind, phase: Option<Phase>, message: &str) {
    let server = RawServer::start(vec![script]).await;
    let clock = clock();
    let probe = prometheus(&clock, &format!("prometheus://{}", server.address), settings);
    let attempt = probe.probe(clock.now() + PATIENCE).await;
    let failure = attempt.outcome.failure().expect("it failed");
    assert_eq!(
        (failure.kind, failure.phase, failure.message.as_str()),
        (kind, phase, message)
    );
}

#[tokio::test]
async fn counters_become_rates_and_gauges_stay_as_they_are() {
    let settings = series(&["requests_total", "in_flight"]);
    let first =
        "# TYPE requests_total counter\nrequests_total{code=\"200\"} 10\nrequests_total{code=\"500\"} 1\nin_flight 3\n";
    let second =
        "# TYPE requests_total counter\nrequests_total{code=\"200\"} 30\nrequests_total{code=\"500\"} 5\nin_flight 4\n";
    let attempts = read(&settings, &[first, second, first]).await;
    assert_eq!(gauges(&attempts[0]), [("in_flight", 3.0)]);
    assert_eq!(gauges(&attempts[1]), [("requests_per_s", 12.0), ("in_flight", 4.0)]);
    // Both series began anew: what they count is what they grew by.
    assert_eq!(gauges(&attempts[2]), [("requests_per_s", 5.5), ("in_flight", 3.0)]);
}

#[tokio::test]
async fn the_restart_of_one_of_two_servers_leaves_the_rate_of_the_other() {
    let settings = series(&["requests_total"]);
    let at = |a: u32, b: u32| format!("requests_total{{server=\"a\"}} {a}\nrequests_total{{server=\"b\"}} {b}\n");
    let attempts = read(&settings, &[&at(1000, 400), &at(2000, 0), &at(3000, 10)]).await;
    assert_eq!(gauges(&attempts[1]), [("requests_per_s", 500.0)]);
    assert_eq!(gauges(&attempts[2]), [("requests_per_s", 505.0)]);
    let (one, two) = ("requests_total{server=\"a\"} 10\n", at(30, 70_000));
    let attempts = read(&settings, &[one, &two, one]).await;
    assert_eq!(gauges(&attempts[1]), [("requests_per_s", 10.0)], "b appears");
    assert_eq!(
        gauges(&attempts[2]),
        [("requests_per_s", 5.0)],
        "a began anew, b is gone"
    );
}

#[tokio::test]
async fn the_restart_of_one_of_two_servers_leaves_the_quantiles_of_the_other() {
    let settings = series(&["latency_seconds"]);
    let buckets = |server: &str, counts: [u32; 4]| {
        let bounds = ["0.1", "0.5", "0.6", "+Inf"].into_iter().zip(counts);
        bounds.fold("# TYPE latency_seconds histogram\n".to_owned(), |page, (le, count)| {
            format!("{page}latency_seconds_bucket{{server=\"{server}\",le=\"{le}\"}} {count}\n")
        })
    };
    let before = buckets("a", [0, 0, 1000, 1000]) + &buckets("b", [900, 900, 900, 900]);
    let after = buckets("a", [0, 0, 1100, 1100]) + &buckets("b", [0, 0, 0, 0]);
    let attempts = read(&settings, &[&before, &after]).await;
    let told = gauges(&attempts[1]);
    let rounded: Vec<_> = told.iter().map(|(name, value)| (*name, value.round())).collect();
    let expected = [
        ("latency_p50_us", 550_000.0),
        ("latency_p95_us", 595_000.0),
        ("latency_p99_us", 599_000.0),
        ("latency_per_s", 50.0),
    ];
    assert_eq!(rounded, expected);
}

#[tokio::test]
async fn names_of_prometheus_3_are_read_and_a_line_that_nobody_asked_for_refuses_nothing() {
    let facts = |attempt: &Attempt| {
        let facts = &attempt.answer.as_ref().unwrap().facts;
        facts
            .iter()
            .map(|fact| (fact.name.to_string(), fact.value.to_string()))
            .collect::<Vec<_>>()
    };
    let settings = series(&["up", "http.server.duration"]);
    let quoted =
        "# TYPE \"http.server.duration\" gauge\n{\"http.server.duration\",\"service.name\"=\"shop\"} 3\nup 1\n";
    let attempts = read(&settings, &[quoted]).await;
    assert_eq!(gauges(&attempts[0]), [("up", 1.0), ("http_server_duration", 3.0)]);
    assert_eq!(facts(&attempts[0]), []);

    let odd = "\u{feff}# TYPE up gauge\n<what>\nup{a=\"1\"} 1\nup{a=\"1\"} 1\n%\n";
    let attempts = read(&series(&["up"]), &[odd]).await;
    assert_eq!(gauges(&attempts[0]), [("up", 1.0)]);
    let expected = [
        ("repeated_series".to_owned(), "up".to_owned()),
        (
            "unreadable_lines".to_owned(),
            "2, the first is line 2, which has no name of a metric".to_owned(),
        ),
    ];
    assert_eq!(facts(&attempts[0]), expected);
}

#[tokio::test]
async fn labels_choose_and_a_name_can_be_given() {
    let mut settings = series(&["requests_total"]);
    settings.series[0].labels.insert("code".to_owned(), "500".to_owned());
    settings.series[0].called = Some("errors_per_s".to_owned());
    let first = "requests_total{code=\"200\"} 10\nrequests_total{code=\"500\",path=\"/\"} 1\n";
    let second = "requests_total{code=\"200\"} 30\nrequests_total{code=\"500\",path=\"/\"} 5\n";
    let attempts = read(&settings, &[first, second]).await;
    assert_eq!(gauges(&attempts[1]), [("errors_per_s", 2.0)]);
}

#[tokio::test]
async fn a_histogram_has_the_quantiles_of_what_was_observed_in_between() {
    let settings = series(&["latency_seconds"]);
    let at = |low: u32, mid: u32, all: u32| {
        format!(
            "# TYPE latency_seconds histogram\nlatency_seconds_bucket{{le=\"0.1\"}} {low}\nlatency_seconds_bucket{{le=\"0.2\"}} {mid}\n\
             latency_seconds_bucket{{le=\"+Inf\"}} {all}\nlatency_seconds_sum 1\nlatency_seconds_count {all}\n"
        )
    };
    let attempts = read(&settings, &[&at(1000, 1000, 1000), &at(1050, 1100, 1100)]).await;
    assert_eq!(gauges(&attempts[0]), []);
    let told = gauges(&attempts[1]);
    let names: Vec<_> = told.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        ["latency_p50_us", "latency_p95_us", "latency_p99_us", "latency_per_s"]
    );
    let values: Vec<_> = told.iter().map(|(_, value)| value.round()).collect();
    assert_eq!(values, [100_000.0, 190_000.0, 198_000.0, 50.0]);
}

#[tokio::test]
async fn of_few_observations_only_those_quantiles_are_told_that_one_of_them_lies_beyond() {
    let settings = series(&["latency_seconds"]);
    let at = |count: u32| {
        format!(
            "# TYPE latency_seconds histogram\nlatency_seconds_bucket{{le=\"0.1\"}} {count}\n\
             latency_seconds_bucket{{le=\"+Inf\"}} {count}\n"
        )
    };
    for (observed, expected) in [
        (1, vec![]),
        (2, vec!["p50"]),
        (19, vec!["p50"]),
        (20, vec!["p50", "p95"]),
    ] {
        let attempts = read(&settings, &[&at(1000), &at(1000 + observed)]).await;
        let names: Vec<_> = gauges(&attempts[1]).into_iter().map(|(name, _)| name).collect();
        let expected = expected.iter().map(|word| format!("latency_{word}_us"));
        let expected: Vec<_> = expected.chain(["latency_per_s".to_owned()]).collect();
        assert_eq!(names, expected, "{observed} observed");
    }
}

#[tokio::test]
async fn a_summary_tells_its_own_quantiles() {
    let settings = series(&["rpc_seconds"]);
    let body = "# TYPE rpc_seconds summary\nrpc_seconds{quantile=\"0.5\"} 0.25\nrpc_seconds{quantile=\"0.999\"} NaN\nrpc_seconds_count 4\n";
    let attempts = read(&settings, &[body, body]).await;
    assert_eq!(gauges(&attempts[1]), [("rpc_p50_us", 250_000.0), ("rpc_per_s", 0.0)]);
}

#[tokio::test]
async fn what_openmetrics_declares_without_total_is_a_counter() {
    let settings = series(&["a", "b_total"]);
    let body = |n: u32| format!("# TYPE a counter\na_total {n}\na_created 1\n# TYPE b counter\nb_total {n}\n# EOF\n");
    let attempts = read(&settings, &[&body(1), &body(5)]).await;
    assert_eq!(gauges(&attempts[1]), [("a_per_s", 2.0), ("b_per_s", 2.0)]);
}

#[tokio::test]
async fn a_series_that_is_not_there_is_named() {
    let attempts = read(&series(&["here", "gone"]), &["here 1\n"]).await;
    let answer = attempts[0].answer.as_ref().unwrap();
    assert_eq!(answer.facts[0].name, "absent_series");
    assert_eq!(answer.facts[0].value.as_str(), "gone");
    assert_eq!(gauges(&attempts[0]), [("here", 1.0)]);
}

#[tokio::test]
async fn without_a_choice_the_process_is_told_of() {
    let body = "process_cpu_seconds_total 1\nprocess_resident_memory_bytes 4096\nprocess_open_fds 7\n";
    let attempts = read(&Settings::default(), &[body, body]).await;
    let expected = [
        ("process_cpu_seconds_per_s", 0.0),
        ("process_resident_memory_bytes", 4096.0),
        ("process_open_fds", 7.0),
    ];
    assert_eq!(gauges(&attempts[1]), expected);
}

#[tokio::test]
async fn what_is_no_page_of_metrics_fails_as_what_it_is() {
    let settings = Settings {
        body_limit_bytes: 100,
        ..series(&["a"])
    };
    let protocol = FailureKind::Protocol;
    let html = answer(page("\n<html>\x1b[31m</html>"));
    check_failure(
        html,
        &settings,
        protocol,
        None,
        "no page of metrics: line 2 has no name of a metric",
    )
    .await;
    let odd = answer(page("a{b=c} 1"));
    check_failure(
        odd,
        &settings,
        protocol,
        None,
        "no page of metrics: line 1 has a label without quotes",
    )
    .await;
    let bytes = answer(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe");
    check_failure(
        bytes,
        &settings,
        protocol,
        None,
        "no page of metrics: line 1 has no name of a metric",
    )
    .await;
    let long = answer(page(&"a 1\n".repeat(100)));
    check_failure(
        long,
        &settings,
        protocol,
        None,
        "the page is longer than 100 bytes (body_limit_bytes)",
    )
    .await;
    let endless = vec![
        Step::Read,
        Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        Step::Flood(b"a 1\n".repeat(1000)),
    ];
    check_failure(
        endless,
        &settings,
        protocol,
        None,
        "the page is longer than 100 bytes (body_limit_bytes)",
    )
    .await;
    let down = answer("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    check_failure(down, &settings, FailureKind::Status, None, "503 Service Unavailable").await;
    let server = RawServer::start(vec![vec![Step::Read, Step::Silence]]).await;
    let clock = clock();
    let silent = prometheus(&clock, &format!("prometheus://{}", server.address), &settings);
    let within = async |limit| silent.probe(clock.now() + limit).await;
    assert_times_out(Phase::FirstByte, "no answer within LIMIT", within).await;
}

#[tokio::test]
async fn a_page_may_come_byte_by_byte() {
    let server = RawServer::start(vec![vec![
        Step::Read,
        Step::Drip(page("a{b=\"\\\"\"} 1\n").into_bytes()),
    ]])
    .await;
    let clock = clock();
    let probe = prometheus(
        &clock,
        &format!("prometheus://{}/other?x=1", server.address),
        &series(&["a"]),
    );
    assert_eq!(gauges(&probe.probe(clock.now() + PATIENCE).await), [("a", 1.0)]);
    assert!(server.seen().requests[0].starts_with("GET /other?x=1 "));
}

/// A real node exporter, killed when dropped.
struct NodeExporter(Child);

impl NodeExporter {
    fn start(port: u16) -> Self {
        let process = Command::new("prometheus-node-exporter")
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus-node-exporter is installed");
        let mut exporter = Self(process);
        until("the exporter answers", || {
            assert_eq!(exporter.0.try_wait().unwrap(), None, "it runs");
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        exporter
    }
}

impl Drop for NodeExporter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[ignore = "needs prometheus-node-exporter"]
async fn a_real_page_is_understood_and_its_end_and_return_are_noticed_at_once() {
    let ports = Ports::<1>::claim();
    let port = ports.numbers[0];
    let exporter = NodeExporter::start(port);
    let clock = clock();
    let settings = series(&[
        "node_cpu_seconds_total",
        "node_memory_MemTotal_bytes",
        "go_gc_duration_seconds",
        "promhttp_metric_handler_requests_total",
    ]);
    let probe = prometheus(&clock, &format!("prometheus://127.0.0.1:{port}"), &settings);
    probe.probe(clock.now() + PATIENCE).await;
    let attempt = probe.probe(clock.now() + PATIENCE).await;
    let told = gauges(&attempt);
    let named = |wanted: &str| told.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    assert!(named("node_cpu_seconds_per_s").is_some(), "{told:?}");
    assert!(
        named("node_memory_MemTotal_bytes").is_some_and(|bytes| bytes > 1e6),
        "{told:?}"
    );
    assert!(
        named("promhttp_metric_handler_requests_per_s").is_some_and(|rate| rate > 0.0),
        "{told:?}"
    );
    assert!(named("go_gc_duration_per_s").is_some(), "{told:?}");
    assert_eq!(
        attempt.answer.as_ref().map(|answer| answer.facts.len()),
        Some(0),
        "{attempt:?}"
    );
    assert!(attempt.answer.is_some_and(|answer| answer.reused));

    drop(exporter);
    assert!(!probe.probe(clock.now() + PATIENCE).await.outcome.is_ok());
    let _exporter = NodeExporter::start(port);
    assert!(probe.probe(clock.now() + PATIENCE).await.outcome.is_ok());
}
