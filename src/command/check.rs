//! `probetop check`: every target once, and a verdict. A flow is made once, and its steps are judged by that.

mod bottleneck;
mod report;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bottleneck::Judged;
use probetop_core::clock::Clock;
use probetop_core::sample::{GENERATOR_STATE, Level, Micros, Outcome, TargetId, Text, Unit};
use probetop_core::snapshot::Health;
use probetop_engine::judge::bottleneck::Sign;
use probetop_engine::judge::health::{self, Limits, Of, Scoring, Tally};
use probetop_engine::judge::level::GaugeLevel;
use probetop_engine::judge::presence;
use probetop_engine::judge::verdict::{Verdict, told_gauge};
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::ProbeContext;
use probetop_probe::source::{Attempt, Probe, Step};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::config::secret::Secrets;
use crate::config::targets::Probed;
use crate::config::{Config, TargetConfig};

pub(super) use report::{log_lines, nagios_code, nagios_failure, nagios_line, table};

/// Probes that run at once: enough to be quick, few enough not to disturb one another.
const AT_ONCE: usize = 64;

/// What is said of an answer that has no status of its own.
const ANSWERED: &str = "ok";

/// Who a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What was probed.
    Target,
    /// A step of the flow before it, whose failure that flow tells as its own.
    Step,
}

/// What one probe of one target found, or of one step.
#[derive(Debug)]
pub(super) struct Finding {
    pub name: String,
    pub part: Part,
    pub answered: bool,
    pub level: Level,
    pub latency: Micros,
    /// The answer's status, or why it failed.
    pub what: String,
    /// What it shows of bottlenecks.
    pub signs: Vec<Sign>,
    /// What it contributes to the health score, 0 to 100; nothing when it was not made.
    score: Option<f64>,
}

/// Probes every target once; one finding for each row of the configuration, in order.
///
/// # Errors
/// A probe cannot be made, or the system has no descriptors to give.
pub(super) fn check(config: &Config, clock: &Clock) -> io::Result<Vec<Finding>> {
    let demo = SharedDemo::default();
    let probes: Vec<_> = config
        .targets
        .probed()
        .map(|probed| probe(clock, &demo, probed, config.secrets()))
        .collect::<io::Result<_>>()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let attempts = runtime.block_on(attempts(probes, clock));
    runtime.shutdown_background();
    let probed = config.targets.probed().zip(attempts);
    Ok(probed
        .flat_map(|(probed, attempt)| findings(probed, attempt, config.secrets()))
        .collect())
}

fn probe(
    clock: &Clock,
    demo: &SharedDemo,
    probed: Probed<'_>,
    secrets: &Secrets,
) -> io::Result<(Arc<dyn Probe>, Duration)> {
    let context = ProbeContext {
        clock,
        in_flight: probed.target.in_flight,
        demo,
    };
    let probe = probed.probe(context);
    let probe = probe.map_err(|message| io::Error::other(secrets.mask_message(&message)))?;
    Ok((probe, probed.target.timeout))
}

/// What was probed, and then each of its steps.
fn findings(probed: Probed<'_>, mut attempt: Option<Attempt>, secrets: &Secrets) -> Vec<Finding> {
    let steps = attempt.as_mut().map(|attempt| std::mem::take(&mut attempt.steps));
    let mut steps = steps.into_iter().flatten();
    let judged = |target: &TargetConfig, mut attempt: Attempt, part| {
        let redactor = secrets.redactor();
        redactor.cleanse_attempt(&mut attempt.outcome, attempt.answer.as_deref_mut());
        // One probe has nothing before it: a load generator that is not there has not begun.
        if let Some(answer) = presence::absent(target.kind.kind().purpose, &attempt.outcome, false) {
            attempt.outcome = Outcome::Ok;
            attempt.answer = Some(Box::new(answer));
        }
        judge(target, &attempt, part)
    };
    let whole = match attempt {
        Some(attempt) => judged(probed.target, attempt, Part::Target),
        None => died(probed.target),
    };
    let of_steps = probed.steps.iter().map(|target| match steps.next() {
        Some(Step::Made { after: _, attempt }) => judged(target, attempt, Part::Step),
        Some(Step::Skipped) | None => not_made(target),
    });
    std::iter::once(whole).chain(of_steps).collect()
}

/// One attempt each, in the order of the probes.
async fn attempts(probes: Vec<(Arc<dyn Probe>, Duration)>, clock: &Clock) -> Vec<Option<Attempt>> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut found: Vec<_> = probes.iter().map(|_| None).collect();
    let mut running = JoinSet::new();
    for (at, (probe, timeout)) in probes.into_iter().enumerate() {
        let (permits, clock) = (Arc::clone(&permits), clock.clone());
        running.spawn(async move {
            let _permit = permits.acquire().await;
            let deadline = clock.now() + timeout;
            (at, probe.probe(deadline).await)
        });
    }
    while let Some(outcome) = running.join_next().await {
        if let Ok((at, attempt)) = outcome {
            found[at] = Some(attempt);
        }
    }
    found
}

/// Of a target whose probe panicked.
fn died(target: &TargetConfig) -> Finding {
    Finding {
        name: target.name.to_string(),
        part: Part::Target,
        answered: false,
        level: Level::Critical,
        latency: Micros::default(),
        what: "the probe ended in a defect of probetop itself".to_owned(),
        signs: Vec::new(),
        score: Some(0.0),
    }
}

/// Of a step that its flow did not come to: nothing is known of it.
fn not_made(step: &TargetConfig) -> Finding {
    Finding {
        name: step.name.to_string(),
        part: Part::Step,
        answered: false,
        level: Level::Unknown,
        latency: Micros::default(),
        what: "not made, since an earlier step failed".to_owned(),
        signs: Vec::new(),
        score: None,
    }
}

/// How the target answered, or what it tells of itself if that is worse.
fn judge(target: &TargetConfig, attempt: &Attempt, part: Part) -> Finding {
    let latency = latency_verdict(target, attempt);
    let gauges = gauge_verdicts(target, attempt);
    let (mut level, mut what) = judge_attempt(attempt, latency.as_ref());
    for (_, verdict) in &gauges {
        if verdict.level > level {
            level = verdict.level;
            match &verdict.reason {
                Some(reason) if what == ANSWERED => what = reason.to_string(),
                Some(reason) => what.push_str(&format!(", {reason}")),
                None => {}
            }
        }
    }
    Finding {
        name: target.name.to_string(),
        part,
        answered: attempt.outcome.is_ok(),
        level,
        latency: attempt.latency,
        what,
        score: Some(score(target, attempt)),
        signs: bottleneck::signs(target, attempt, Judged { latency, gauges }),
    }
}

/// What one probe contributes to the health score: the worst of its figures, and nothing when it failed.
fn score(target: &TargetConfig, attempt: &Attempt) -> f64 {
    if !attempt.outcome.is_ok() {
        return 0.0;
    }
    let latency = target.latency.as_ref().map(|thresholds| {
        let latency = f64::from(attempt.latency.0);
        Limits::from(thresholds).score(latency)
    });
    let told = attempt.answer.as_deref().map_or(&[][..], |answer| &answer.gauges);
    let gauge = |level: &GaugeLevel| {
        let gauge = told.iter().find(|gauge| gauge.name == level.name)?;
        Some(Limits::from(level).score(gauge.value))
    };
    let gauges = target.gauges.iter().filter_map(gauge);
    latency.into_iter().chain(gauges).fold(100.0, f64::min)
}

/// One sample has no quantiles: it is held against the thresholds itself. `None`: there are none.
fn latency_verdict(target: &TargetConfig, attempt: &Attempt) -> Option<Verdict> {
    let thresholds = target.latency?;
    let over = |limit: Option<Duration>| limit.map(Micros::from).filter(|limit| attempt.latency > *limit);
    let (level, limit) = match (over(thresholds.critical), over(thresholds.warning)) {
        (Some(limit), _) => (Level::Critical, Some(limit)),
        (None, Some(limit)) => (Level::Warning, Some(limit)),
        (None, None) => (Level::Ok, None),
    };
    Some(Verdict {
        level,
        value: Some(f64::from(attempt.latency.0)),
        unit: Unit::Microseconds,
        reason: limit.map(|limit| format!("slower than {limit}").into()),
        ..Verdict::default()
    })
}

/// Of each gauge that the target told and that has a level.
fn gauge_verdicts(target: &TargetConfig, attempt: &Attempt) -> Vec<(Text, Verdict)> {
    let told = attempt.answer.as_deref().map_or(&[][..], |answer| &answer.gauges);
    let verdict = |level: &GaugeLevel| {
        let gauge = told.iter().find(|gauge| gauge.name == level.name)?;
        Some((
            level.name.as_str().into(),
            told_gauge(level, Some(gauge.value), Level::Unknown),
        ))
    };
    target.gauges.iter().filter_map(verdict).collect()
}

/// The level, and the status or why it failed.
fn judge_attempt(attempt: &Attempt, latency: Option<&Verdict>) -> (Level, String) {
    if let Some(failure) = attempt.outcome.failure() {
        // Of `dns in dns` the half is enough.
        let phase = failure.phase.filter(|phase| phase.label() != failure.kind.name());
        let phase = phase.map(|phase| format!(" in {}", phase.label()));
        let phase = phase.unwrap_or_default();
        let what = format!("{}{phase}: {}", failure.kind.name(), failure.message);
        return (Level::Critical, what);
    }
    let answer = attempt.answer.as_deref();
    let status = answer.and_then(|answer| answer.status).map(|status| status.to_string());
    // A load generator that is not there has no status, and says so.
    let facts = answer.map_or(&[][..], |answer| &answer.facts);
    let state = facts.iter().find(|fact| fact.name == GENERATOR_STATE);
    let status = status.or_else(|| Some(state?.value.to_string()));
    let status = status.unwrap_or_else(|| ANSWERED.to_owned());
    match latency {
        Some(Verdict {
            level,
            reason: Some(reason),
            ..
        }) => (*level, format!("{status}, {reason}")),
        Some(_) | None => (Level::Ok, status),
    }
}

/// The worst of all; `Unknown` of none.
pub(super) fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or_default()
}

/// The health score of what the probes found; `findings` are of the rows of `config`, in order.
pub(super) fn health(config: &Config, findings: &[Finding]) -> Option<Health> {
    let Scoring::By(groups) = &config.health else {
        return None;
    };
    let mut tallies = vec![Tally::default(); groups.len()];
    for ((target, finding), id) in config.targets.rows().iter().zip(findings).zip(0..) {
        let Some(score) = finding.score else { continue };
        let group = target.group.as_ref().map(AsRef::as_ref);
        let at = health::group_of(groups, target.name.as_str(), target.kind.kind().name, group);
        if let Some(tally) = at.and_then(|at| tallies.get_mut(at)) {
            let of = Of {
                target: Some(TargetId(id)),
                name: Some(&target.name),
            };
            tally.offer(of, "probe", score, finding.level, || finding.what.as_str().into());
        }
    }
    health::total(groups, &tallies)
}
