//! What a configuration makes of what is measured: rules and thresholds as files, probes in, alerts and levels out.
//!
//! A file's name says what holds. It holds a configuration, a line `---`, and lines of
//!
//! ```text
//! 20s   10x 20ms queue=3    slow firing, errors pending
//!       > critical: errors 10% (refused) > 5%
//! ```
//!
//! that is twenty seconds of ten probes each, which take 20 ms and tell of a queue, and the alerts that are active after
//! them, or `quiet`. Probes may also `fail`, or
//! `lack` something on this machine, and there may be `nothing`; `cpu=0.9` is a reading of the machine. A line with
//! `>` is the target's level and its reason, one with `*` a turn in the timeline of the newest alert that ended.
//! `sleep 1h` lets time pass in which nobody looks. After another `---` comes a configuration that replaces the first.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop::config::{Config, Overrides};
use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    Answer, CpuReading, Failure, FailureKind, Gauge, HostReading, Micros, Observation, Outcome, OwnUsage, Phase,
    Phases, Sample, TargetId, Tick,
};
use probetop_core::snapshot::{AlertBoard, AlertSnapshot};
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

#[test]
fn every_configuration_judges_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/verdicts");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 15, "the files are there");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let mut play: Option<Play> = None;
        for (part, text) in text.split("\n---\n").enumerate() {
            match (part % 2, &mut play) {
                (0, None) => play = Some(Play::new(&name, plan(&name, text))),
                (0, Some(play)) => {
                    let (at, plan) = (play.now(), Box::new(plan(&name, text)));
                    play.monitor.apply(Input::Plan { at, plan });
                }
                (_, Some(play)) => text.lines().for_each(|line| play.line(line)),
                (_, None) => unreachable!("a file begins with its configuration"),
            }
        }
    }
}

/// The plan of a configuration, as the engine makes it.
fn plan(name: &str, toml: &str) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    fs::write(&path, toml).unwrap();
    let overrides = Overrides {
        file: Some(path),
        ..Overrides::default()
    };
    let config = Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    let planned = config
        .targets
        .rows()
        .iter()
        .enumerate()
        .map(|(id, target)| PlannedTarget {
            info: Arc::new(target.info(TargetId(id as u32))),
            latency: target.latency,
            errors: target.errors,
            rate: target.rate.clone(),
            gauges: target.gauges.clone(),
        });
    Plan {
        targets: planned.collect(),
        rules: config.rules.clone(),
        host: config.host,
        // What is odd is neither a threshold nor a rule.
        analysis: AnalysisSettings {
            anomalies: false,
            ..AnalysisSettings::default()
        },
        ..Plan::default()
    }
}

/// What happens in each of some seconds.
struct Happening {
    probes: u32,
    /// `None`: they fail.
    latency: Option<Duration>,
    failure: FailureKind,
    gauges: Vec<Gauge>,
    cpu: Option<f64>,
}

impl Happening {
    fn parse(words: &[&str]) -> Self {
        let mut happening = Self {
            probes: 10,
            latency: None,
            failure: FailureKind::Refused,
            gauges: Vec::new(),
            cpu: None,
        };
        for word in words {
            let times = word.strip_suffix('x').and_then(|times| times.parse().ok());
            match (*word, times, word.split_once('=')) {
                ("fail", ..) => happening.latency = None,
                ("lack", ..) => happening.failure = FailureKind::Local,
                ("nothing", ..) => happening.probes = 0,
                (_, Some(times), _) => happening.probes = times,
                (_, _, Some(("cpu", share))) => happening.cpu = Some(share.parse().unwrap()),
                (_, _, Some((name, value))) => happening.gauges.push(Gauge::new(name, value.parse::<f64>().unwrap())),
                (time, ..) => happening.latency = Some(humantime::parse_duration(time).unwrap()),
            }
        }
        happening
    }
}

struct Play {
    name: String,
    monitor: Monitor,
    second: u64,
}

impl Play {
    fn new(name: &str, plan: Plan) -> Self {
        Self {
            name: name.to_owned(),
            monitor: Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH),
            second: 0,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.second)
    }

    fn line(&mut self, line: &str) {
        let said = line.trim();
        let context = format!("{}: at {} s: {line}", self.name, self.second);
        if let Some(expected) = said.strip_prefix("> ") {
            let (_, standing) = self.monitor.targets().next().unwrap();
            let reason = standing
                .reason
                .as_ref()
                .map_or_else(String::new, |reason| format!(": {reason}"));
            assert_eq!(format!("{}{reason}", standing.level.name()), expected, "{context}");
        } else if let Some(expected) = said.strip_prefix("* ") {
            let ended = &self.monitor.alerts().history[0];
            let is_there = turns(ended).iter().any(|turn| turn.trim_end() == expected);
            assert!(is_there, "{context}: {:?}", turns(ended));
        } else if let Some(length) = said.strip_prefix("sleep ") {
            self.second += humantime::parse_duration(length).unwrap().as_secs();
        } else if !said.is_empty() && !said.starts_with('#') {
            let (what, expected) = said.split_once('|').unwrap_or_else(|| panic!("{context}: no |"));
            let words: Vec<_> = what.split_whitespace().collect();
            let length = humantime::parse_duration(words[0]).unwrap().as_secs();
            let happening = Happening::parse(&words[1..]);
            for _ in 0..length {
                self.pass(&happening);
            }
            // Their order is that of the board, and told elsewhere.
            let sorted = |alerts: &str| {
                let mut each: Vec<_> = alerts.split(',').map(|alert| alert.trim().to_owned()).collect();
                each.sort_unstable();
                each
            };
            assert_eq!(sorted(&active(self.monitor.alerts())), sorted(expected), "{context}");
        }
    }

    fn pass(&mut self, happening: &Happening) {
        for turn in 0..happening.probes {
            let at = self.second * 1000 + u64::from(turn * 900 / happening.probes);
            self.monitor.apply(Input::from(sample(at, happening)));
        }
        if happening.cpu.is_some() {
            let cpu = CpuReading {
                cores: 2,
                usage_ratio: happening.cpu,
                ..CpuReading::default()
            };
            let reading = HostReading {
                cpu,
                ..HostReading::default()
            };
            self.monitor.apply(Input::from(Observation::Host(Arc::new(reading))));
        }
        self.second += 1;
        self.monitor.apply(Input::Tick(Tick {
            now: self.now(),
            wall: SystemTime::UNIX_EPOCH + self.now().since_origin(),
            dropped: 0,
            own: OwnUsage::default(),
        }));
    }
}

fn sample(at_ms: u64, happening: &Happening) -> Sample {
    let refused = || Failure {
        kind: happening.failure,
        phase: Some(Phase::Connect),
        message: "because".into(),
    };
    let latency = happening.latency.unwrap_or(Duration::from_millis(1));
    Sample {
        target: TargetId(0),
        intended: Timestamp::from_millis(at_ms),
        lag: Micros(50),
        latency: Micros::from(latency),
        outcome: match happening.latency {
            Some(_) => Outcome::Ok,
            None => Outcome::Failed(Box::new(refused())),
        },
        phases: Phases::default(),
        answer: (!happening.gauges.is_empty()).then(|| {
            Box::new(Answer {
                gauges: happening.gauges.clone(),
                ..Answer::default()
            })
        }),
    }
}

/// `slow firing, errors pending`, in the order of the board.
fn active(board: &AlertBoard) -> String {
    let said: Vec<_> = board
        .active
        .iter()
        .map(|alert| match alert.severity.name() {
            "critical" => format!("{} {} critical", alert.name, alert.state.name()),
            _ => format!("{} {}", alert.name, alert.state.name()),
        })
        .collect();
    if said.is_empty() {
        "quiet".to_owned()
    } else {
        said.join(", ")
    }
}

/// `resolved: the rule is gone`.
fn turns(alert: &AlertSnapshot) -> Vec<String> {
    let said = |entry: &probetop_core::snapshot::TimelineEntry| format!("{}: {}", entry.turn.name(), entry.text);
    alert.timeline.iter().map(said).collect()
}
