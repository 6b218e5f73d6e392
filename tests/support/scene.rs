//! A monitor that is told, second by second, what its targets answer, and what it announces of it.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop::config::{Config, Overrides};
use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    Act, AlertId, CpuReading, Failure, FailureKind, HostReading, Micros, Observation, Outcome, OwnUsage, Phase, Phases,
    Sample, TargetId, Tick,
};
use probetop_core::snapshot::{AlertBoard, AlertSnapshot, Announcement, AnnouncementReason, Stability, Suppression};
use probetop_engine::monitor::{Input, Monitor, Plan};

/// What a target answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Ok,
    Slow,
    Refused,
    Timeout,
    /// Nothing is heard of it.
    Silent,
}

/// The monitor, and the time it stands at.
pub struct Scene {
    pub monitor: Monitor,
    config: Config,
    answers: BTreeMap<String, Answer>,
    ids: BTreeMap<String, TargetId>,
    /// Seconds since the scene began; the clock of the run began `origin` after it.
    second: u64,
    origin: u64,
    /// How busy the machine is, 0 to 1.
    pub cpu: f64,
    wall: SystemTime,
    runs: u32,
    /// What is told with the next tick.
    announced: Vec<Announcement>,
    pub told: Vec<(u64, Announcement)>,
}

impl Scene {
    pub fn new(config: &str, wall: SystemTime) -> Self {
        let config = load(config);
        let mut scene = Self {
            monitor: Monitor::new(Plan::default(), Timestamp::ZERO, wall),
            config,
            answers: BTreeMap::new(),
            ids: BTreeMap::new(),
            second: 0,
            origin: 0,
            cpu: 0.1,
            wall,
            runs: 0,
            announced: Vec::new(),
            told: Vec::new(),
        };
        scene.start();
        scene
    }

    fn start(&mut self) {
        self.ids.clear();
        self.announced.clear();
        self.monitor = Monitor::new(self.plan(), Timestamp::ZERO, self.wall);
    }

    fn plan(&mut self) -> Plan {
        for target in self.config.targets.rows() {
            let name = target.name.to_string();
            // Ids of another run are other ids.
            let next = TargetId(1000 * self.runs + self.ids.len() as u32);
            self.ids.entry(name.clone()).or_insert(next);
            self.answers.entry(name).or_insert(Answer::Ok);
        }
        let targets: Vec<_> = self
            .config
            .targets
            .rows()
            .iter()
            .map(|target| (self.ids[target.name.as_str()], target))
            .collect();
        probetop::run::plan(&self.config, &targets)
    }

    pub fn second(&self) -> u64 {
        self.second
    }

    pub fn board(&self) -> &AlertBoard {
        self.monitor.alerts()
    }

    /// When `at`, of the run's clock, is in the scene.
    pub fn time_of(&self, at: Timestamp) -> u64 {
        self.origin + at.second()
    }

    pub fn answer(&mut self, target: &str, answer: Answer) {
        let known = self.answers.insert(target.to_owned(), answer);
        assert!(known.is_some(), "no target is called {target}");
    }

    pub fn answer_all(&mut self, answer: Answer) {
        self.answers.values_mut().for_each(|of| *of = answer);
    }

    /// Probes every target once, and ends the second with a tick.
    pub fn tick(&mut self) {
        self.second += 1;
        self.wall += Duration::from_secs(1);
        let now = Timestamp::from_secs(self.second - self.origin);
        let rows = self.config.targets.rows().iter();
        let probed = rows.filter_map(|target| {
            let name = target.name.as_str();
            sample(self.ids[name], now, self.answers[name])
        });
        for sample in probed.collect::<Vec<_>>() {
            self.apply(Input::from(sample));
        }
        self.apply(Input::from(Observation::Host(Arc::new(HostReading {
            cpu: CpuReading {
                cores: 2,
                usage_ratio: Some(self.cpu),
                ..CpuReading::default()
            },
            ..HostReading::default()
        }))));
        self.apply(Input::Tick(Tick {
            now,
            wall: self.wall,
            dropped: 0,
            own: OwnUsage::default(),
        }));
        let told = std::mem::take(&mut self.announced);
        self.told.extend(told.into_iter().map(|told| (self.second, told)));
    }

    pub fn run_until(&mut self, second: u64) {
        while self.second < second {
            self.tick();
        }
    }

    /// The wall clock is set.
    pub fn jump(&mut self, forward: bool, by: Duration) {
        if forward {
            self.wall += by;
        } else {
            self.wall -= by;
        }
    }

    /// The process stands still while both clocks go on.
    pub fn stop(&mut self, seconds: u64) {
        self.second += seconds;
        self.wall += Duration::from_secs(seconds);
    }

    /// Ends the run, and begins another one after `pause` with what was written down.
    pub fn restart(&mut self, pause: Duration, config: Option<&str>) {
        let written = serde_json::to_vec(&self.monitor.saved_alerts(&[])).unwrap();
        if let Some(config) = config {
            self.config = load(config);
        }
        self.runs += 1;
        self.second += pause.as_secs();
        self.origin = self.second;
        self.wall += pause;
        self.start();
        self.apply(Input::Restored(serde_json::from_slice(&written).unwrap()));
    }

    pub fn reload(&mut self, config: &str) {
        self.config = load(config);
        let plan = self.plan();
        self.apply(Input::Plan {
            at: Timestamp::from_secs(self.second - self.origin),
            plan: Box::new(plan),
        });
    }

    fn apply(&mut self, input: Input) {
        let announced = self.monitor.apply(input);
        self.announced.extend(announced);
    }

    pub fn act(&mut self, act: Act) {
        self.apply(Input::Act(act));
    }

    /// The alert that is called `name`, of `subject`; the newest, be it over.
    pub fn alert(&self, name: &str, subject: &str) -> Option<AlertId> {
        let board = self.board();
        let mut alerts = board.active.iter().chain(&*board.history);
        let found = alerts.find(|alert| alert.name.as_str() == name && alert.subject.as_str() == subject);
        found.map(|alert| alert.id)
    }
}

pub fn load(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    let channels = ["ops", "pager", "boss", "chat"]
        .map(|name| format!("\n[[notify]]\nname = \"{name}\"\nkind = \"command\"\ncommand = [\"true\"]\n"));
    std::fs::write(
        &path,
        text.to_owned() + &channels.concat() + "\n[analysis]\nanomalies = false\n",
    )
    .unwrap();
    let overrides = Overrides {
        file: Some(path),
        ..Overrides::default()
    };
    Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A probe in the middle of the second that ends at `now`.
fn sample(target: TargetId, now: Timestamp, answer: Answer) -> Option<Sample> {
    let failed = |kind| {
        Outcome::Failed(Box::new(Failure {
            kind,
            phase: Some(Phase::Connect),
            message: "because".into(),
        }))
    };
    let (outcome, latency_ms) = match answer {
        Answer::Ok => (Outcome::Ok, 20),
        Answer::Slow => (Outcome::Ok, 400),
        Answer::Refused => (failed(FailureKind::Refused), 1),
        Answer::Timeout => (failed(FailureKind::Timeout), 400),
        Answer::Silent => return None,
    };
    Some(Sample {
        target,
        intended: now - Duration::from_millis(500),
        lag: Micros(50),
        latency: Micros(latency_ms * 1000),
        outcome,
        phases: Phases::default(),
        answer: None,
    })
}

/// `1m 5s`.
pub fn shown_time(second: u64) -> String {
    humantime::format_duration(Duration::from_secs(second)).to_string()
}

/// `firing errors of checkout (critical) to ops [errors: refused]`.
pub fn shown_announcement(announcement: &Announcement) -> String {
    let Announcement {
        occasion,
        route,
        alert,
        group,
        ..
    } = announcement;
    let number = match occasion {
        AnnouncementReason::Reminder(count) | AnnouncementReason::Escalation(count) => format!(" {count}"),
        AnnouncementReason::Worsened { before } => format!(" from {}", before.name()),
        AnnouncementReason::Firing | AnnouncementReason::Flapping | AnnouncementReason::Resolved => String::new(),
    };
    let (name, subject, severity) = (&alert.name, &alert.subject, alert.severity.name());
    format!(
        "{}{number}: {name} of {subject}, {severity}, to {route} [{group}]",
        occasion.name()
    )
}

/// How an alert stands in a line.
pub fn shown_alert(scene: &Scene, alert: &AlertSnapshot) -> String {
    let mut line = format!(
        "{} of {}: {} {}",
        alert.name,
        alert.subject,
        alert.severity.name(),
        alert.state.name()
    );
    if !alert.carried.is_zero() {
        line += &format!(", for {} by then", shown_time(alert.carried.as_secs()));
    }
    line += &match &alert.suppression {
        None => String::new(),
        Some(Suppression::Behind { parent }) => format!(", behind {parent}"),
        Some(Suppression::Silenced { until }) => format!(", silenced until {}", shown_time(scene.time_of(*until))),
        Some(Suppression::Maintenance { name, until }) => {
            format!(", maintenance {name} until {}", shown_time(scene.time_of(*until)))
        }
    };
    if alert.acknowledged.is_some() {
        line += ", acknowledged";
    }
    match alert.steadiness {
        Stability::Steady => line,
        Stability::Flapping { .. } => line + ", flapping",
    }
}
