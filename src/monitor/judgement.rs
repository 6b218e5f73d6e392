//! What a tick finds: the thresholds and rules are held against the readings, and the alerts take a step.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::Monitor;
use super::host::Machine;
use super::target::Watched;
use crate::alert::book::{Book, Key, Source};
use crate::alert::entry::Finding;
use crate::alert::policy::Policy;
use crate::alert::reading::{as_figure, host_value, target_value};
use crate::alert::rule::Rule;
use crate::alert::state::{Condition, Patience};
use crate::clock::Timestamp;
use crate::expression::{Evaluation, Expression};
use crate::judge::verdict::{self, Verdict};
use crate::metric::Scratch;
use crate::sample::{Level, Severity, Subject, TargetId, Text, Worse};
use crate::setting::selector::HOST;

/// Thresholds over a window speak at once, and stay until the figure has been back for this long: a window that hovers
/// about its threshold is one alert, not ten.
static WINDOW_POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| patient(Duration::ZERO, Duration::from_secs(10)));

/// The machine's gauges are of one second, and one busy second is no news: they speak when they last.
static GAUGE_POLICY: LazyLock<Arc<Policy>> =
    LazyLock::new(|| patient(Duration::from_secs(10), Duration::from_secs(10)));

fn patient(hold: Duration, clear: Duration) -> Arc<Policy> {
    Arc::new(Policy {
        patience: Patience { hold, clear },
        ..Policy::default()
    })
}

impl Monitor {
    /// Holds everything against its thresholds and rules.
    pub(super) fn judge(&mut self) {
        let mut bench = Bench {
            now: self.now,
            rules: &self.rules,
            book: &mut self.book,
        };
        for watched in &mut self.targets {
            bench.judge_target(watched, &mut self.scratch);
        }
        if let Some(machine) = &mut self.machine {
            bench.judge_machine(machine);
        }
        self.attend();
    }

    pub(super) fn resolve_what_is_gone(&mut self, now: Timestamp) {
        let (targets, index, rules, machine) = (&self.targets, &self.index, &self.rules, &self.machine);
        let target_is_judged = |id: TargetId, source: &Source| {
            let Some(watched) = index.get(&id).map(|at| &targets[*at]) else {
                return false;
            };
            match source {
                Source::Latency => watched.planned.latency.is_some(),
                Source::Errors => true,
                Source::Gauge(name) => watched.has_level_for(name.as_str()),
                Source::Rule(name) => watched.rules.iter().any(|at| rules[*at].name == *name),
                Source::Objective(_) => false,
            }
        };
        let host_is_judged = |source: &Source| match source {
            Source::Gauge(_) => true,
            Source::Rule(name) => rules.iter().any(|rule| rule.is_about_host() && rule.name == *name),
            Source::Latency | Source::Errors | Source::Objective(_) => false,
        };
        let is_judged = |key: &Key| match key.subject {
            Subject::Target(id) => target_is_judged(id, &key.source),
            Subject::Host => machine.is_some() && host_is_judged(&key.source),
            Subject::Objective => false,
        };
        self.book.retain(is_judged, now);
        self.attend();
    }
}

/// What judging needs at hand.
struct Bench<'a> {
    now: Timestamp,
    rules: &'a [Rule],
    book: &'a mut Book,
}

impl Bench<'_> {
    fn judge_target(&mut self, watched: &mut Watched, scratch: &mut Scratch) {
        let mut verdicts = Vec::with_capacity(2 + watched.rules.len());
        let errors = watched.error_verdict(scratch);
        self.observe_verdict(Some(watched), Source::Errors, "errors", &errors);
        verdicts.push(errors);
        if let Some(latency) = watched.latency_verdict(scratch) {
            self.observe_verdict(Some(watched), Source::Latency, "latency", &latency);
            verdicts.push(latency);
        }
        for (name, verdict) in watched.gauge_verdicts() {
            self.observe_verdict(Some(watched), Source::Gauge(name.clone()), name.as_str(), &verdict);
            verdicts.extend(is_known(verdict));
        }
        for at in 0..watched.rules.len() {
            let rule = &self.rules[watched.rules[at]];
            let stats = watched.stats(rule.window, scratch).clone();
            let evaluation = rule.when.evaluate(&|name| target_value(name, &stats, watched.gauges()));
            verdicts.extend(self.observe_rule(Some(watched), rule, &evaluation));
        }
        watched.standing = verdict::worst(&verdicts);
    }

    fn judge_machine(&mut self, machine: &mut Machine) {
        let Some(reading) = machine.reading.clone() else { return };
        let mut verdicts = Vec::new();
        for (name, verdict) in machine.verdicts() {
            self.observe_verdict(None, Source::Gauge(name.into()), name, &verdict);
            verdicts.extend(is_known(verdict));
        }
        for rule in self.rules.iter().filter(|rule| rule.is_about_host()) {
            let evaluation = rule.when.evaluate(&|name| host_value(name, &reading));
            verdicts.extend(self.observe_rule(None, rule, &evaluation));
        }
        machine.standing = verdict::worst(&verdicts);
    }

    fn observe_verdict(&mut self, watched: Option<&Watched>, source: Source, name: &str, verdict: &Verdict) {
        let condition = match verdict.level {
            Level::Ok => Condition::False,
            Level::Unknown => Condition::Unknown,
            Level::Warning | Level::Critical => Condition::True,
        };
        let key = Key {
            subject: about(watched),
            source,
        };
        let policy = match watched {
            Some(_) => &*WINDOW_POLICY,
            None => &*GAUGE_POLICY,
        };
        self.book.observe(key, condition, policy, self.now, || Finding {
            name: name.into(),
            subject: subject(watched),
            severity: verdict.severity().unwrap_or_default(),
            value: verdict.value,
            unit: verdict.unit,
            worse: Worse::Higher,
            reason: verdict.reason.clone().unwrap_or_else(|| name.into()),
        });
    }

    /// Steps the rule's alert; an alert that fires is a verdict on its subject.
    fn observe_rule(&mut self, watched: Option<&Watched>, rule: &Rule, evaluation: &Evaluation) -> Option<Verdict> {
        let condition = match evaluation {
            Evaluation::Holds { .. } => Condition::True,
            Evaluation::Fails { .. } => Condition::False,
            Evaluation::Unknown { .. } | Evaluation::Error { .. } => Condition::Unknown,
        };
        let key = Key {
            subject: about(watched),
            source: Source::Rule(rule.name.clone()),
        };
        let figure = evaluation
            .values()
            .iter()
            .find_map(|operand| as_figure(&operand.name, &operand.value));
        let finding = || Finding {
            name: rule.name.clone(),
            subject: subject(watched),
            severity: rule.severity,
            value: figure.map(|(value, _)| value),
            unit: figure.map(|(_, unit)| unit).unwrap_or_default(),
            worse: worse(&rule.when, evaluation),
            reason: evaluation.explain().into(),
        };
        self.book
            .observe(key.clone(), condition, &rule.policy, self.now, finding);
        let finding = self.book.firing_finding(&key)?;
        let level = match finding.severity {
            Severity::Info => return None,
            Severity::Warning => Level::Warning,
            Severity::Critical => Level::Critical,
        };
        let reason = format!("{}: {}", finding.name, finding.reason);
        Some(Verdict {
            level,
            value: finding.value,
            unit: finding.unit,
            reason: Some(reason.into()),
        })
    }
}

/// A gauge that this system or target does not tell says nothing about it.
fn is_known(verdict: Verdict) -> Option<Verdict> {
    (verdict.level != Level::Unknown).then_some(verdict)
}

fn about(watched: Option<&Watched>) -> Subject {
    watched.map_or(Subject::Host, |watched| Subject::Target(watched.id()))
}

fn subject(watched: Option<&Watched>) -> Text {
    watched.map_or_else(|| HOST.into(), |watched| watched.planned.info.name.clone())
}

/// A condition that asks for `figure < limit` gets worse downwards.
fn worse(when: &Expression, evaluation: &Evaluation) -> Worse {
    let mut figures = evaluation
        .values()
        .iter()
        .filter(|operand| as_figure(&operand.name, &operand.value).is_some());
    let first = figures.next();
    let asks_for_less = first.is_some_and(|operand| {
        let rest = when.source().split_once(&*operand.name).map_or("", |(_, rest)| rest);
        rest.trim_start().starts_with('<')
    });
    if asks_for_less { Worse::Lower } else { Worse::Higher }
}
