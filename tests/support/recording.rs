//! Inputs in a file, as a run of the built-in service gave them: a line each, in the order in which they came.
//!
//! ```text
//! sample NAME INTENDED_US LAG_US LATENCY_US ok STATUS PHASE=US…
//! sample NAME INTENDED_US LAG_US LATENCY_US KIND PHASE MESSAGE
//! host CPU_RATIO MEMORY_TOTAL_BYTES MEMORY_AVAILABLE_BYTES
//! tick NOW_US
//! ```

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop::config::target::TargetConfig;
use probetop::config::{Config, Overrides};
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{
    Answer, CpuReading, Failure, FailureKind, HostReading, MemoryReading, Micros, Observation, Outcome, OwnUsage,
    Phase, Phases, Sample, TargetId, Tick,
};
use probetop_engine::monitor::Input;
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::host::{Host, Processes};
use probetop_probe::source::kind::ProbeContext;
use probetop_probe::source::runner::{self, Change, Job};
use probetop_probe::source::sink::{self, QUEUE_CAPACITY};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// When a recording began, whenever it was read.
pub const WALL_ORIGIN: SystemTime = SystemTime::UNIX_EPOCH;

/// What the demo watches.
pub fn config() -> Config {
    let overrides = Overrides {
        targets: vec!["demo://".into()],
        ..Overrides::default()
    };
    Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Its targets, numbered as they come.
pub fn targets(config: &Config) -> Vec<(TargetId, &TargetConfig)> {
    (0..).map(TargetId).zip(config.targets.rows()).collect()
}

/// The inputs of a recording.
pub fn read(text: &str, config: &Config) -> Vec<Input> {
    text.lines().map(|line| input(line, config)).collect()
}

fn input(line: &str, config: &Config) -> Input {
    let (kind, rest) = line.split_once(' ').expect("a word and what it is about");
    match kind {
        "sample" => Input::from(sample(rest, config)),
        "host" => Input::from(Observation::Host(Arc::new(reading(rest)))),
        "tick" => {
            let now = Timestamp::ZERO + Duration::from_micros(rest.parse().unwrap());
            Input::Tick(Tick {
                now,
                wall: WALL_ORIGIN + now.since_origin(),
                dropped: 0,
                own: OwnUsage::default(),
            })
        }
        other => panic!("{other:?} is no input"),
    }
}

fn sample(text: &str, config: &Config) -> Sample {
    let [name, intended, lag, latency, outcome, rest]: [&str; 6] =
        text.splitn(6, ' ').collect::<Vec<_>>().try_into().expect("six fields");
    let micros = |text: &str| Micros(text.parse().unwrap());
    let mut words = rest.split(' ');
    let first = words.next().unwrap();
    let mut phases = Phases::default();
    let (outcome, answer) = if outcome == "ok" {
        for (name, took) in words.filter_map(|word| word.split_once('=')) {
            phases.add(phase(name).expect("a phase"), micros(took));
        }
        let answer = Answer {
            status: Some(first.parse().unwrap()),
            ..Answer::default()
        };
        (Outcome::Ok, Some(Box::new(answer)))
    } else {
        let failure = Failure {
            kind: FailureKind::ALL
                .into_iter()
                .find(|kind| kind.name() == outcome)
                .expect("a kind"),
            phase: phase(first),
            message: words.collect::<Vec<_>>().join(" ").as_str().into(),
        };
        (Outcome::Failed(Box::new(failure)), None)
    };
    let (target, _) = targets(config)
        .into_iter()
        .find(|(_, target)| target.name.as_str() == name)
        .expect("a target");
    Sample {
        target,
        intended: Timestamp::ZERO + Duration::from_micros(intended.parse().unwrap()),
        lag: micros(lag),
        latency: micros(latency),
        outcome,
        phases,
        answer,
    }
}

fn phase(name: &str) -> Option<Phase> {
    Phase::ALL.into_iter().find(|phase| phase.name() == name)
}

fn reading(text: &str) -> HostReading {
    let mut words = text.split(' ');
    let mut next = || words.next().expect("three figures");
    HostReading {
        cpu: CpuReading {
            cores: 2,
            usage_ratio: Some(next().parse().unwrap()),
            ..CpuReading::default()
        },
        memory: MemoryReading {
            total_bytes: next().parse().unwrap(),
            available_bytes: next().parse().unwrap(),
            ..MemoryReading::default()
        },
        ..HostReading::default()
    }
}

/// Watches the demo for so many seconds and writes down what comes in.
pub fn record(seconds: u64) -> String {
    let config = config();
    let clock = Clock::system();
    let house = SharedDemo::default();
    let (sink, mut inbox) = sink::queue(QUEUE_CAPACITY);
    let (changes, receiver) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let probes = runner::spawn(clock.clone(), sink, 1000, receiver, cancel.clone()).unwrap();
    for probed in config.targets.probed() {
        let (target, id) = (probed.target, targets(&config)[probed.at].0);
        let context = ProbeContext {
            clock: &clock,
            in_flight: target.in_flight,
            demo: &house,
        };
        let job = Job {
            probe: probed.probe(context).unwrap(),
            interval: target.interval,
            timeout: target.timeout,
            in_flight: target.in_flight,
            steps: Arc::default(),
        };
        changes.send(Change::Put(id, job)).unwrap();
    }
    let mut host = Host::new();
    let mut out = String::new();
    for second in 1..=seconds {
        let end = Timestamp::from_secs(second);
        while clock.now() < end {
            std::thread::sleep(end.since(clock.now()));
        }
        while let Some(observation) = inbox.take() {
            if let Observation::Sample(sample) = observation {
                write_sample(&mut out, &sample, &config);
            }
        }
        let reading = host.read(clock.now(), Processes::Keep);
        let cpu = reading.cpu.usage_ratio.unwrap_or_default();
        let memory = &reading.memory;
        writeln!(out, "host {cpu:.3} {} {}", memory.total_bytes, memory.available_bytes).unwrap();
        writeln!(out, "tick {}", clock.now().since_origin().as_micros()).unwrap();
    }
    cancel.cancel();
    probes.join().unwrap().unwrap();
    out
}

fn write_sample(out: &mut String, sample: &Sample, config: &Config) {
    let name = &config.targets.rows()[sample.target.0 as usize].name;
    let intended = sample.intended.since_origin().as_micros();
    write!(out, "sample {name} {intended} {} {} ", sample.lag.0, sample.latency.0).unwrap();
    match sample.outcome.failure() {
        None => {
            let status = sample
                .answer
                .as_ref()
                .and_then(|answer| answer.status)
                .unwrap_or_default();
            write!(out, "ok {status}").unwrap();
            for (phase, took) in sample.phases.iter() {
                write!(out, " {}={}", phase.name(), took.0).unwrap();
            }
        }
        Some(failure) => {
            let phase = failure.phase.map_or("-", Phase::name);
            write!(out, "{} {phase} {}", failure.kind.name(), failure.message).unwrap();
        }
    }
    out.push('\n');
}
