//! What moves with the targets that are slow: every few seconds some of them are held against the machine's figures and
//! those that targets tell.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Level, TargetId, Text, Unit};
use probetop_core::setting::selector::HOST;
use probetop_core::snapshot::Correlation;

use super::host::Machine;
use super::target::Watched;
use crate::judge::correlation::{self, Lagged, Movement};
use crate::metric::{GaugeHistory, Scratch, Step};

/// Seconds from one round to the next, and targets in each: what moves together does so for minutes.
const ROUND_EVERY_S: u64 = 10;
const TARGETS_A_ROUND: usize = 4;

/// Figures that a round's targets are held against, 20 us each: the machine's, then those of the targets themselves,
/// then others'.
const CANDIDATE_LIMIT: usize = 64;

/// Steps by which a figure may be ahead.
const MAX_LAG: usize = 30;

/// A weaker correlation explains too little to be told, however sure it is.
const COEFFICIENT_NEEDED: f64 = 0.5;

/// Of what is told, at most this share is chance.
const FALSE_DISCOVERY_RATE: f64 = 0.01;

/// Correlations told of one target: who reads more?
const TOLD_LIMIT: usize = 3;

/// Slow targets whose correlations are remembered: where more are slow, it is not one figure that slows each.
const CORRELATED_LIMIT: usize = 100;

/// Probes farther apart leave most seconds empty.
const SECONDS_UP_TO: Duration = Duration::from_secs(2);

/// Remembers what was found, for as long as its target is slow.
#[derive(Clone, Debug, Default)]
pub(super) struct Correlations {
    found: HashMap<TargetId, Vec<Correlation>>,
    /// The target after which the next round begins.
    turn: usize,
    shown: Vec<Correlation>,
}

struct Candidate {
    /// `None`: of the machine.
    target: Option<TargetId>,
    name: Text,
    unit: Unit,
    movement: Movement,
}

impl Correlations {
    /// Looks at some of the targets that are slow, odd or `selected`, when it is time.
    pub(super) fn step(
        &mut self,
        targets: &[Watched],
        machine: Option<&Machine>,
        selected: Option<TargetId>,
        now: Timestamp,
        scratch: &mut Scratch,
    ) {
        if !now.second().is_multiple_of(ROUND_EVERY_S) {
            return;
        }
        let asks = |watched: &Watched| {
            let slow = matches!(watched.standing.level, Level::Warning | Level::Critical);
            // How long it takes to read figures moves with nothing that matters.
            let measures = watched.planned.info.purpose.measures_service();
            measures && (slow || watched.is_odd || selected == Some(watched.id()))
        };
        let asking: Vec<usize> = (0..targets.len()).filter(|at| asks(&targets[*at])).collect();
        let begin = asking.partition_point(|at| *at <= self.turn);
        let in_turn = asking[begin..].iter().chain(&asking[..begin]);
        let round: Vec<&Watched> = in_turn.clone().take(TARGETS_A_ROUND).map(|at| &targets[*at]).collect();
        self.turn = in_turn.copied().take(TARGETS_A_ROUND).last().unwrap_or_default();
        let still: HashSet<TargetId> = asking.iter().map(|at| targets[*at].id()).collect();
        self.found.retain(|id, _| still.contains(id));
        for step in [Step::Second, Step::TenSeconds] {
            let followers: Vec<&Watched> = round
                .iter()
                .copied()
                .filter(|watched| step_of(watched) == step)
                .collect();
            if !followers.is_empty() {
                let candidates = candidates(targets, &followers, machine, step);
                self.correlate(&followers, &candidates, step, scratch);
            }
        }
        self.refresh();
    }

    fn correlate(&mut self, followers: &[&Watched], candidates: &[Candidate], step: Step, scratch: &mut Scratch) {
        for watched in followers {
            let id = watched.id();
            if self.found.len() < CORRELATED_LIMIT || self.found.contains_key(&id) {
                self.found.insert(id, correlations(watched, candidates, step, scratch));
            }
        }
    }

    pub(super) fn retain(&mut self, is_about: impl Fn(TargetId) -> bool) {
        self.found.retain(|id, _| is_about(*id));
        self.refresh();
    }

    /// By target, closest first.
    pub(super) fn shown(&self) -> &[Correlation] {
        &self.shown
    }

    fn refresh(&mut self) {
        self.shown = self.found.values().flatten().cloned().collect();
        self.shown.sort_by(|a, b| {
            let order = b.coefficient.abs().total_cmp(&a.coefficient.abs());
            a.target.cmp(&b.target).then(order).then_with(|| a.with.cmp(&b.with))
        });
    }
}

fn step_of(watched: &Watched) -> Step {
    if watched.planned.info.interval <= SECONDS_UP_TO {
        Step::Second
    } else {
        Step::TenSeconds
    }
}

fn candidates(targets: &[Watched], followers: &[&Watched], machine: Option<&Machine>, step: Step) -> Vec<Candidate> {
    let of_machine = machine.into_iter().flat_map(Machine::histories);
    let of_machine = of_machine.map(|(name, history)| (None, HOST, name, history));
    let others = targets
        .iter()
        .filter(|other| !followers.iter().any(|own| own.id() == other.id()));
    let of_targets = followers.iter().copied().chain(others).flat_map(|watched| {
        let subject = watched.planned.info.name.as_str();
        let histories = watched.told().histories();
        histories.map(move |(name, history)| (Some(watched.id()), subject, name.as_str(), history))
    });
    let candidate = |(target, subject, name, history): (_, _, &str, &GaugeHistory)| {
        Some(Candidate {
            target,
            name: format!("{subject} {name}").into(),
            unit: Unit::of_name(name),
            movement: movement(history, step)?,
        })
    };
    let all = of_machine.chain(of_targets);
    all.take(CANDIDATE_LIMIT).filter_map(candidate).collect()
}

fn movement(history: &GaugeHistory, step: Step) -> Option<Movement> {
    let points = history.points(step, step.kept());
    Movement::of(&points.into_iter().map(|point| point.map(f64::from)).collect::<Vec<_>>())
}

fn correlations(watched: &Watched, candidates: &[Candidate], step: Step, scratch: &mut Scratch) -> Vec<Correlation> {
    let points = watched.series.points(step, step.kept(), scratch);
    let latency: Vec<_> = points
        .iter()
        .map(|point| point.p50.map(|p50| f64::from(p50.0)))
        .collect();
    let Some(latency) = Movement::of(&latency) else {
        return Vec::new();
    };
    // A time that the target tells of itself is its latency once more.
    let is_latency =
        |candidate: &Candidate| candidate.target == Some(watched.id()) && candidate.unit == Unit::Microseconds;
    let compared: Vec<(&Candidate, Lagged)> = candidates
        .iter()
        .filter(|candidate| !is_latency(candidate))
        .filter_map(|candidate| {
            Some((
                candidate,
                correlation::strongest(&latency, &candidate.movement, MAX_LAG)?,
            ))
        })
        .collect();
    let p_values: Vec<f64> = compared.iter().map(|(_, lagged)| lagged.p_value).collect();
    let Some(limit) = correlation::discovery_limit(&p_values, FALSE_DISCOVERY_RATE) else {
        return Vec::new();
    };
    let mut found: Vec<Correlation> = compared
        .iter()
        .filter(|(_, lagged)| lagged.p_value <= limit && lagged.coefficient.abs() >= COEFFICIENT_NEEDED)
        .map(|(candidate, lagged)| told(watched, candidate, lagged, step))
        .collect();
    found.sort_by(|a, b| b.coefficient.abs().total_cmp(&a.coefficient.abs()));
    found.truncate(TOLD_LIMIT);
    found
}

fn told(watched: &Watched, candidate: &Candidate, lagged: &Lagged, step: Step) -> Correlation {
    let ahead = Duration::from_secs(lagged.ahead as u64 * step.seconds());
    let moves = if lagged.coefficient < 0.0 { "falls" } else { "rises" };
    let lead = match ahead.as_secs() {
        0 => String::new(),
        seconds => format!(", {seconds} s ahead"),
    };
    let text = format!(
        "{} {moves} when {} slows ({:.2}{lead})",
        candidate.name, watched.planned.info.name, lagged.coefficient
    );
    Correlation {
        subject: watched.planned.info.name.clone(),
        target: watched.id(),
        with: candidate.name.clone(),
        coefficient: lagged.coefficient,
        ahead,
        points: u32::try_from(lagged.points as u64 * step.seconds()).unwrap_or(u32::MAX),
        text: text.into(),
    }
}
