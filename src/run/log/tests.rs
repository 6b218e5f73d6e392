//! What the log's lines say.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::{
    Answer, Failure, FailureKind, Micros, Outcome, OwnUsage, Phase, Phases, Purpose, Severity, TargetInfo, Tick, Window,
};
use probetop_core::snapshot::{Notice, Query};
use probetop_engine::judge::level::ErrorThresholds;
use probetop_engine::monitor::{Input, Plan, PlannedTarget};

use super::*;

/// Far beyond what it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn info(id: u32, name: &str) -> TargetInfo {
    TargetInfo {
        id: TargetId(id),
        name: name.into(),
        url: "https://***@shop.example/".into(),
        kind: "http".into(),
        purpose: Purpose::default(),
        host: None,
        group: None,
        interval: Duration::from_millis(500),
        timeout: Duration::from_secs(5),
        in_flight: 10,
        phases: probetop_core::sample::Phase::HTTP.into(),
    }
}

fn sample(id: u32, at: Timestamp, outcome: Outcome, status: Option<u16>) -> Sample {
    let answer = status.map(|status| {
        Box::new(Answer {
            status: Some(status),
            ..Answer::default()
        })
    });
    Sample {
        target: TargetId(id),
        intended: at,
        lag: Micros(0),
        latency: Micros(12_300),
        outcome,
        phases: Phases::default(),
        answer,
    }
}

fn refused() -> Outcome {
    Outcome::Failed(Box::new(Failure {
        kind: FailureKind::Refused,
        phase: Some(Phase::Connect),
        message: "connection refused\r\nby 127.0.0.1:1\x1b[2J".into(),
    }))
}

fn plan(targets: &[(u32, &str)]) -> Plan {
    let planned = |(id, name): &(u32, &str)| PlannedTarget {
        info: Arc::new(info(*id, name)),
        latency: None,
        errors: ErrorThresholds {
            window: Window::TenSeconds,
            ..ErrorThresholds::default()
        },
        rate: None,
        gauges: Vec::new(),
    };
    Plan {
        targets: targets.iter().map(planned).collect(),
        rules: vec![],
        host: None,
        ..Plan::default()
    }
}

/// A monitor and its log, and what the log says in the end.
struct Bench {
    folder: tempfile::TempDir,
    monitor: Monitor,
    log: Log,
    second: u64,
}

impl Bench {
    fn new(detail: LogDetail) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let monitor = Monitor::new(plan(&[(1, "checkout")]), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let settings = LogSettings {
            path: folder.path().join("log"),
            detail,
        };
        let mut log = Log::open(&settings, SystemTime::UNIX_EPOCH).unwrap();
        log.start(Some(Path::new("a\nb.toml")), &monitor);
        Self {
            folder,
            monitor,
            log,
            second: 0,
        }
    }

    /// Ten probes with that outcome, then a tick.
    fn second(&mut self, outcome: &Outcome, status: Option<u16>) {
        for turn in 0..10 {
            let at = Timestamp::from_millis(self.second * 1000 + turn * 100);
            let input = Input::from(sample(1, at, outcome.clone(), status));
            self.log.input(&input);
            self.monitor.apply(input);
        }
        self.second += 1;
        let now = Timestamp::from_secs(self.second);
        let wall = SystemTime::UNIX_EPOCH + now.since_origin();
        self.monitor.apply(Input::Tick(Tick {
            now,
            wall,
            dropped: 0,
            own: OwnUsage::default(),
        }));
        self.log.tick(&self.monitor);
    }

    fn lines(mut self) -> Vec<String> {
        assert_eq!(self.log.close(PATIENCE), None);
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_run_is_told_from_its_start_to_its_end() {
    let mut bench = Bench::new(LogDetail::Events);
    bench.second(&Outcome::Ok, Some(200));
    bench.second(&refused(), None);
    for _ in 0..30 {
        bench.second(&Outcome::Ok, Some(200));
    }
    bench.monitor.apply(Input::Plan {
        at: Timestamp::from_secs(32),
        plan: Box::new(plan(&[(2, "cart")])),
    });
    bench.log.follow(Timestamp::from_secs(32), &bench.monitor);
    bench.log.input(&Input::Notice(Notice {
        at: Timestamp::from_secs(32),
        severity: Severity::Info,
        text: "configuration reloaded: targets 1 added, 1 removed".into(),
    }));
    let last = bench.monitor.snapshot(&Query::default());
    bench.log.end(&last);
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "1970-01-01T00:00:00.000Z start    probetop {version}, configuration a b.toml, targets 1\n\
         1970-01-01T00:00:00.000Z target   checkout: https://***@shop.example/ every 500ms, timeout 5s\n\
         1970-01-01T00:00:01.000Z level    checkout: unknown -> ok\n\
         1970-01-01T00:00:02.000Z alert    fired: critical errors on checkout: errors(10s) 50% (refused) > 5% (value 0.5)\n\
         1970-01-01T00:00:02.000Z level    checkout: ok -> critical: errors(10s) 50% (refused) > 5%\n\
         1970-01-01T00:00:22.000Z alert    resolved: critical errors on checkout: errors(10s) 10% (refused) > 5% (value 0.1)\n\
         1970-01-01T00:00:22.000Z level    checkout: critical -> ok\n\
         1970-01-01T00:00:32.000Z target   cart: https://***@shop.example/ every 500ms, timeout 5s\n\
         1970-01-01T00:00:32.000Z removed  checkout\n\
         1970-01-01T00:00:32.000Z notice   info: configuration reloaded: targets 1 added, 1 removed\n\
         1970-01-01T00:00:32.000Z end      probes 320, failed 10, overruns 0, lost 0, cut off 0"
    );
    assert_eq!(bench.lines().join("\n"), expected);
}

#[test]
fn how_much_is_logged_follows_the_detail() {
    let check = |verbose, probes, failures| {
        let mut bench = Bench::new(LogDetail::of_verbosity(verbose));
        bench.second(&Outcome::Ok, Some(200));
        bench.second(&refused(), None);
        let lines = bench.lines();
        let count = |word: &str| lines.iter().filter(|line| line[25..].starts_with(word)).count();
        assert_eq!((count("probe "), count("failed ")), (probes, failures), "{verbose}");
    };
    check(0, 0, 0);
    check(1, 0, 10);
    check(2, 10, 10);
    check(9, 10, 10);
}

#[test]
fn a_probe_is_one_line_whatever_the_peer_said() {
    let check = |outcome, status, expected: &str| {
        assert_eq!(
            words::probe(&"a".into(), &sample(1, Timestamp::ZERO, outcome, status)),
            expected
        );
    };
    check(Outcome::Ok, Some(204), "probe    a: 12.3ms, status 204");
    check(Outcome::Ok, None, "probe    a: 12.3ms");
    check(
        refused(),
        None,
        "failed   a: refused in connect after 12.3ms: connection refused by 127.0.0.1:1[2J",
    );
}

#[test]
fn a_log_is_continued_and_a_path_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let settings = |name: &str| LogSettings {
        path: folder.path().join(name),
        detail: LogDetail::Events,
    };
    std::fs::write(folder.path().join("log"), "before\n").unwrap();
    let mut log = Log::open(&settings("log"), SystemTime::UNIX_EPOCH).unwrap();
    log.line(Timestamp::ZERO, "after");
    assert_eq!(log.close(PATIENCE), None);
    let text = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(text, "before\n1970-01-01T00:00:00.000Z after\n");

    let error = Log::open(&settings("no/log"), SystemTime::UNIX_EPOCH)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no/log: ") && error.ends_with("name a file you may write to"),
        "{error}"
    );
}

#[test]
fn a_full_disk_is_told_once_and_what_it_cost_at_the_end() {
    let settings = LogSettings {
        path: "/dev/full".into(),
        detail: LogDetail::Events,
    };
    if !settings.path.exists() {
        return;
    }
    let mut log = Log::open(&settings, SystemTime::UNIX_EPOCH).unwrap();
    log.line(Timestamp::ZERO, "lost");
    let told = std::iter::from_fn(|| Some(log.flush(Timestamp::from_secs(9))))
        .flatten()
        .next()
        .unwrap();
    assert!(
        told.starts_with("log file /dev/full: No space left on device"),
        "{told}"
    );
    assert!(told.ends_with("it is tried again, measuring goes on"), "{told}");
    assert_eq!(log.flush(Timestamp::from_secs(10)), None, "it is told once");
    let end = log.close(PATIENCE).unwrap();
    assert!(end.contains("the last 1 lines are not written: No space left"), "{end}");
}

#[test]
fn lines_stand_in_the_order_of_time_however_late_they_become_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let settings = LogSettings {
        path: path.clone(),
        detail: LogDetail::Events,
    };
    let mut log = Log::open(&settings, SystemTime::UNIX_EPOCH).unwrap();
    for second in 1..=20 {
        log.line(Timestamp::from_millis(second * 1000), "tick");
        // Known after the tick, as a probe is that ended just before it.
        log.line(Timestamp::from_millis(second * 1000 - 400), "probe");
        log.flush(Timestamp::from_millis(second * 1000 + 1));
    }
    log.mark(Timestamp::from_secs(20), Timestamp::from_secs(3), &"then".into());
    assert_eq!(log.close(PATIENCE), None);
    let text = std::fs::read_to_string(path).unwrap();
    let times: Vec<_> = text.lines().map(|line| &line[..24]).collect();
    assert_eq!(times.len(), 41);
    assert!(times.is_sorted(), "{text}");
    assert!(text.contains("mark     then (at 1970-01-01T00:00:03.000Z)"), "{text}");
}
