//! What a tick finds: the thresholds and rules are held against the readings, and the alerts take a step.

mod firing;
mod judged;

use std::time::SystemTime;

use firing::{held, standing, worse};
pub(super) use judged::Judged;
use probetop_core::clock::Timestamp;
use probetop_core::expression::{Evaluation, Value};
use probetop_core::sample::{Level, Purpose, Subject, Text, Worse};
use probetop_core::setting::selector::HOST;

use super::Monitor;
use super::attention::SuppressionIndex;
use super::health::Scores;
use super::host::Machine;
use super::silence::{SILENCE_MIN, Silence};
use super::target::Watched;
use crate::alert::announcer::Announcer;
use crate::alert::entry::{Entry, Finding};
use crate::alert::reading::{MachineReading, as_figure};
use crate::alert::rule::Rule;
use crate::alert::source::{Key, Source};
use crate::alert::state::Condition;
use crate::alert::table::AlertTable;
use crate::judge::health::Of;
use crate::judge::verdict::{self, Verdict};
use crate::metric::Scratch;

/// When it is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub now: Timestamp,
    /// Nothing was watched for a while before this.
    pub unbroken_since: Timestamp,
}

impl Monitor {
    /// Closes the targets' seconds that have ended, and holds everything against its thresholds and rules.
    pub(super) fn judge(&mut self) {
        self.table.tick(self.now);
        let wall = self.wall();
        let mut bench = Bench {
            moment: Moment {
                now: self.now,
                unbroken_since: self.table.unbroken_since(),
            },
            rules: &self.rules,
            quiet: Quiet {
                announcer: &self.announcer,
                index: &self.suppression_index,
                now: self.now,
                wall,
            },
            table: &mut self.table,
            scores: &mut self.scores,
            judged: Vec::new(),
            verdicts: Vec::new(),
            errors: Level::Unknown,
        };
        for watched in &mut self.targets {
            // One after the other: ten thousand targets do not fit into the processor's cache, and one does.
            watched.rotate(self.now, &mut self.scratch);
            bench.judge_target(watched, &mut self.scratch);
        }
        if let Some(machine) = &mut self.machine {
            bench.judge_machine(machine);
        }
        self.find_out();
        self.scores.conclude(self.now);
        self.objectives.judge(&mut self.table, self.now);
        self.attend();
    }
}

/// What judging needs at hand.
struct Bench<'a> {
    moment: Moment,
    rules: &'a [Rule],
    quiet: Quiet<'a>,
    table: &'a mut AlertTable,
    scores: &'a mut Scores,
    /// Of the subject at hand; kept, so that ten thousand subjects need one.
    judged: Vec<Judged>,
    verdicts: Vec<Verdict>,
    /// How the share of failed probes of the subject at hand stands now.
    errors: Level,
}

/// Who asked for quiet about whom, as of this tick: what the announcer notes on the alerts after they were judged.
struct Quiet<'a> {
    announcer: &'a Announcer,
    index: &'a SuppressionIndex,
    now: Timestamp,
    wall: SystemTime,
}

impl Quiet<'_> {
    /// Whether an alert that fires about this subject is set aside.
    fn is_about(&self, entry: &Entry, subject: Subject) -> bool {
        let Finding { name, subject: of, .. } = &entry.finding;
        entry.acknowledged.is_some()
            || self.announcer.is_silenced(name, of, self.now)
            || self.index.maintenance(subject, self.wall).is_some()
    }
}

impl Bench<'_> {
    fn judge_target(&mut self, watched: &mut Watched, scratch: &mut Scratch) {
        watched.judge(self.moment, scratch, &mut self.judged);
        let subject = JudgedSubject {
            subject: Subject::Target(watched.id()),
            name: watched.planned.info.name.clone(),
            purpose: watched.planned.info.purpose,
            health_group: watched.health_group,
        };
        self.observe_thresholds(&subject);
        let limit = watched.silence_limit();
        for at in 0..watched.rules.len() {
            let rule = &self.rules[watched.rules[at]];
            let silence = Silence {
                length: watched.silence(self.moment),
                limit: rule.window.length().map_or(limit, |window| window.min(limit)),
                is_young: !watched.fills(rule.window, self.moment.now),
            };
            let reading = watched.reading(rule.window, self.moment, scratch);
            self.judge_rule(rule, &subject, silence, &|name| reading.value(name));
        }
        watched.errors_level = self.errors;
        watched.standing = self.take_worst();
    }

    fn judge_machine(&mut self, machine: &mut Machine) {
        machine.judge(self.moment, &mut self.judged);
        let subject = JudgedSubject {
            subject: Subject::Host,
            name: HOST.into(),
            purpose: Purpose::Figures,
            health_group: self.scores.machine,
        };
        self.observe_thresholds(&subject);
        let silence = Silence {
            length: machine.silence(self.moment),
            limit: SILENCE_MIN,
            is_young: machine.reading.is_none(),
        };
        let host = machine.fresh(self.moment);
        let reading = MachineReading {
            host: host.as_deref(),
            silent_for: silence.length,
        };
        for rule in self.rules.iter().filter(|rule| rule.is_about_host()) {
            self.judge_rule(rule, &subject, silence, &|name| reading.value(name));
        }
        machine.standing = self.take_worst();
    }

    fn take_worst(&mut self) -> Verdict {
        let worst = verdict::worst(&self.verdicts);
        self.verdicts.clear();
        worst
    }

    fn observe_thresholds(&mut self, about: &JudgedSubject) {
        for judged in self.judged.drain(..) {
            let counts = judged.counts();
            let Judged {
                source,
                limits,
                policy,
                verdict,
                steady,
            } = judged;
            let condition = match verdict.level {
                Level::Ok => Condition::False,
                Level::Unknown => Condition::Unknown,
                Level::Warning | Level::Critical => Condition::True,
            };
            let speaker = source.clone();
            let firing = self
                .table
                .observe(about.key(source), condition, &policy, self.moment.now, || Finding {
                    name: speaker.name(),
                    subject: about.name.clone(),
                    severity: verdict.severity().unwrap_or_default(),
                    value: verdict.value,
                    unit: verdict.unit,
                    worse: limits.map_or(Worse::Higher, |limits| limits.worse),
                    reason: verdict.reason.clone().unwrap_or_default(),
                });
            let is_firing = firing.is_some();
            let held = Verdict {
                value: steady.or(verdict.value),
                ..held(verdict, firing, |entry| self.quiet.is_about(entry, about.subject))
            };
            // How long it takes to read figures is no health of anybody's, nor is a load generator that does not answer.
            let is_health = match speaker {
                Source::Latency => about.purpose.measures_service(),
                Source::Errors | Source::Absence => about.purpose.is_looked_after(),
                Source::Rate | Source::Gauge(_) | Source::Rule(_) | Source::Objective(_) | Source::Anomaly(_) => true,
            };
            if is_health {
                self.scores
                    .figure(about.health_group, about.of(), speaker.as_str(), limits.as_ref(), &held);
            }
            if speaker == Source::Errors {
                self.errors = if held.clears.is_some() { Level::Ok } else { held.level };
            }
            if counts || is_firing {
                self.verdicts.push(held);
            }
        }
    }

    /// Steps the rule's alert; an alert that fires is a verdict on its subject.
    fn judge_rule(
        &mut self,
        rule: &Rule,
        about: &JudgedSubject,
        silence: Silence,
        resolve: &dyn Fn(&str) -> Option<Value>,
    ) {
        let evaluation = rule.when.evaluate(resolve);
        let key = about.key(Source::Rule(rule.name.clone()));
        let condition = match &evaluation {
            Evaluation::Holds { .. } => Condition::True,
            Evaluation::Fails { .. } if self.holds_on(rule, &key, resolve) => Condition::Unknown,
            Evaluation::Fails { .. } => Condition::False,
            Evaluation::Unknown { .. } | Evaluation::Error { .. } | Evaluation::TooLong { .. } => {
                silence.condition(rule.no_data)
            }
        };
        let finding = || {
            let (asked, evaluation) = rule.guilty(&evaluation, resolve);
            let mut operands = evaluation.values().iter();
            let figure = operands.find_map(|operand| as_figure(&operand.name, &operand.value));
            Finding {
                name: rule.name.clone(),
                subject: about.name.clone(),
                severity: rule.severity,
                value: figure.map(|(value, _)| value),
                unit: figure.map(|(_, unit)| unit).unwrap_or_default(),
                worse: worse(asked, &evaluation),
                reason: silence.reason(&evaluation, rule.window),
            }
        };
        let firing = self
            .table
            .observe(key, condition, &rule.policy, self.moment.now, finding);
        let quiet = &self.quiet;
        let verdict = firing.and_then(|entry| standing(entry, quiet.is_about(entry, about.subject)));
        let Some(verdict) = verdict else { return };
        // A component goes by the name of its rule, and need not say it again.
        let plain = Verdict {
            reason: firing.map(Entry::reason),
            ..verdict.clone()
        };
        self.scores
            .figure(about.health_group, about.of(), rule.name.as_str(), None, &plain);
        self.verdicts.push(verdict);
    }

    /// Whether an alert whose condition is false fires on, because it is not good enough yet.
    fn holds_on(&self, rule: &Rule, key: &Key, resolve: &dyn Fn(&str) -> Option<Value>) -> bool {
        let Some(clear_when) = &rule.clear_when else {
            return false;
        };
        self.table.firing(key).is_some() && !clear_when.evaluate(resolve).holds()
    }
}

/// Who is judged.
struct JudgedSubject {
    subject: Subject,
    name: Text,
    purpose: Purpose,
    /// Which of the health score's groups it counts in.
    health_group: Option<usize>,
}

impl JudgedSubject {
    fn key(&self, source: Source) -> Key {
        Key {
            subject: self.subject,
            source,
        }
    }

    /// As a component of the health score; the machine's go without its name.
    fn of(&self) -> Of<'_> {
        let target = self.subject.target();
        Of {
            target,
            name: target.map(|_| &self.name),
        }
    }
}
