//! The evidence of an alert, an anomaly, a bottleneck, a trend or a correlation: the figures it is about over a time axis, made
//! from what is kept when somebody looks.
//!
//! What is judged once a second is not kept for itself; of a quantile over a window every earlier value follows from the steps
//! that are.

mod figure;

use std::time::Duration;

use probetop_core::sample::{AlertId, Level, Severity, TargetId, Text, Window};
use probetop_core::setting::selector::HOST;
use probetop_core::snapshot::{Anomaly, AnomalyKind, Axis, Evidence, FigureCourse, FigureLine, Matter, Resource};

use self::figure::{Figure, line, lines};
use super::target::Watched;
use super::{Monitor, reason};
use crate::alert::rule::Rule;
use crate::judge::bottleneck::ShownBy;
use crate::judge::level::LatencyThresholds;
use crate::metric::Step;

/// What is unusual is so in windows this long.
const LATELY: Window = Window::TenSeconds;

/// A figure of a target, or of the machine, and what it is held against.
struct Wanted {
    /// `None`: of the machine.
    target: Option<TargetId>,
    figure: Figure,
    lines: Vec<FigureLine>,
}

impl Monitor {
    /// Without courses where there is nothing to show of it.
    pub(super) fn evidence(&mut self, matter: &Matter, axis: Axis, step: Step) -> Evidence {
        let wanted = self.wanted(matter);
        let courses = wanted
            .into_iter()
            .filter_map(|wanted| self.figure_course(wanted, axis, step));
        Evidence {
            matter: matter.clone(),
            courses: courses.collect(),
        }
    }

    fn wanted(&self, matter: &Matter) -> Vec<Wanted> {
        let one = |wanted: Option<Wanted>| wanted.into_iter().collect();
        match matter {
            Matter::Alert(id) => one(self.of_alert(*id)),
            Matter::Anomaly(target, kind) => one(self.of_anomaly(*target, *kind)),
            Matter::Bottleneck(resource, recommendation) => one(self.of_bottleneck(*resource, recommendation)),
            Matter::Trend(target, name) => one(self.of_trend(*target, name)),
            Matter::Correlation(target, with) => {
                let own = Wanted {
                    target: Some(*target),
                    figure: Figure::Latency(0.5, LATELY),
                    lines: Vec::new(),
                };
                std::iter::once(own).chain(self.of_other(with)).collect()
            }
        }
    }

    /// Alerts are known by the names of what speaks; see [`crate::alert::source::Source::name`].
    fn of_alert(&self, id: AlertId) -> Option<Wanted> {
        let mut alerts = self.board.active.iter().chain(self.board.history.iter());
        let alert = alerts.find(|alert| alert.id == id)?;
        let name = alert.name.as_str();
        let Some(target) = alert.target else {
            return (alert.subject.as_str() == HOST)
                .then(|| self.of_machine(name))
                .flatten();
        };
        if let Some(kind) = AnomalyKind::from_name(name) {
            return self.of_anomaly(target, kind);
        }
        self.of_threshold(target, name).or_else(|| {
            let rules = &self.targets[*self.index.get(&target)?].rules;
            let rule = rules
                .iter()
                .map(|at| &self.rules[*at])
                .find(|rule| rule.name == alert.name)?;
            of_rule(rule, Some(target))
        })
    }

    fn of_threshold(&self, target: TargetId, name: &str) -> Option<Wanted> {
        let planned = &self.targets[*self.index.get(&target)?].planned;
        let (figure, lines) = match name {
            "latency" => of_latency(&planned.latency?),
            "errors" => {
                let errors = &planned.errors;
                (Figure::Errors(errors.window), lines(errors.warning, errors.critical))
            }
            "rate" => {
                let rate = planned.rate.as_ref()?;
                let gauge = Figure::Told(rate.gauge.as_str().into());
                (gauge, lines(rate.warning, rate.critical))
            }
            name => {
                let level = planned.gauges.iter().find(|level| level.name.as_str() == name)?;
                (Figure::Told(name.into()), lines(level.warning, level.critical))
            }
        };
        Some(Wanted {
            target: Some(target),
            figure,
            lines,
        })
    }

    fn of_machine(&self, name: &str) -> Option<Wanted> {
        let machine = self.machine.as_ref()?;
        if let Some(limits) = machine.thresholds_of(name) {
            return Some(Wanted {
                target: None,
                figure: Figure::Machine(name.into()),
                lines: lines(limits.warning, limits.critical),
            });
        }
        let mut rules = self.rules.iter().filter(|rule| rule.is_about_host());
        of_rule(rules.find(|rule| rule.name.as_str() == name)?, None)
    }

    fn of_anomaly(&self, target: TargetId, kind: AnomalyKind) -> Option<Wanted> {
        let analysis = self.insight.shown();
        let is_meant = |anomaly: &&Anomaly| anomaly.target == Some(target) && anomaly.kind == kind;
        let usual = analysis.anomalies.iter().find(is_meant).map(|anomaly| anomaly.usual);
        let figure = match kind {
            AnomalyKind::Spike | AnomalyKind::LevelShift => Figure::Latency(0.5, LATELY),
            AnomalyKind::ErrorBurst => Figure::Errors(LATELY),
            AnomalyKind::RateDrop => Figure::Attempts(LATELY),
            AnomalyKind::ColdStart => return None,
        };
        Some(Wanted {
            target: Some(target),
            figure,
            lines: usual.map(|usual| line("usual", Level::Ok, usual)).into_iter().collect(),
        })
    }

    fn of_bottleneck(&self, resource: Resource, recommendation: &Text) -> Option<Wanted> {
        let finding = self.insight.bottlenecks.find(resource, recommendation)?;
        match (finding.cause.shown_by, finding.target) {
            (ShownBy::Nothing, _) => None,
            (ShownBy::Machine(name), _) => self.of_machine(name).or_else(|| of_history(name)),
            (ShownBy::Errors, Some(target)) => self.of_threshold(target, "errors"),
            (ShownBy::Latency, Some(target)) => self.of_threshold(target, "latency").or(Some(Wanted {
                target: Some(target),
                figure: Figure::Latency(0.95, Window::OneMinute),
                lines: Vec::new(),
            })),
            (ShownBy::Gauge(name), Some(target)) => self.of_threshold(target, name).or(Some(Wanted {
                target: Some(target),
                figure: Figure::Told(name.into()),
                lines: Vec::new(),
            })),
            (ShownBy::Latency | ShownBy::Errors | ShownBy::Gauge(_), None) => None,
        }
    }

    fn of_trend(&self, target: Option<TargetId>, name: &Text) -> Option<Wanted> {
        let Some(target) = target else {
            return self.of_machine(name.as_str());
        };
        if name.as_str() != "p50" {
            return self.of_threshold(target, name.as_str()).or_else(|| {
                Some(Wanted {
                    target: Some(target),
                    figure: Figure::Told(name.clone()),
                    lines: Vec::new(),
                })
            });
        }
        let planned = &self.targets[*self.index.get(&target)?].planned;
        Some(Wanted {
            target: Some(target),
            figure: Figure::Latency(0.5, Window::OneMinute),
            lines: planned
                .latency
                .map(|latency| of_latency(&latency).1)
                .unwrap_or_default(),
        })
    }

    /// What moves with a target, by the name that correlations have for it: `host cpu`, `orders-db pool_usage_ratio`.
    fn of_other(&self, with: &Text) -> Option<Wanted> {
        let (subject, name) = with.as_str().rsplit_once(' ')?;
        let whose = |watched: &&Watched| watched.planned.info.name.as_str() == subject;
        if let Some(watched) = self.targets.iter().find(whose) {
            return Some(Wanted {
                target: Some(watched.id()),
                figure: Figure::Told(name.into()),
                lines: Vec::new(),
            });
        }
        of_history(with.as_str().strip_prefix(HOST)?.trim_start())
    }

    fn figure_course(&mut self, wanted: Wanted, axis: Axis, step: Step) -> Option<FigureCourse> {
        let Wanted { target, figure, lines } = wanted;
        let watched = target.and_then(|id| Some(&self.targets[*self.index.get(&id)?]));
        let machine = self.machine.as_ref().filter(|_| target.is_none());
        let points = figure.points(watched, machine, (step, axis.points()), &mut self.scratch)?;
        points.iter().any(Option::is_some).then(|| FigureCourse {
            name: figure.name(),
            unit: figure.unit(),
            points,
            lines,
        })
    }
}

fn of_latency(thresholds: &LatencyThresholds) -> (Figure, Vec<FigureLine>) {
    let us = |limit: Option<Duration>| limit.map(|limit| limit.as_secs_f64() * 1e6);
    let figure = Figure::Latency(thresholds.quantile, thresholds.window);
    (figure, lines(us(thresholds.warning), us(thresholds.critical)))
}

/// The machine's history of that name, without limits.
fn of_history(name: &str) -> Option<Wanted> {
    Some(Wanted {
        target: None,
        figure: Figure::Machine(name.into()),
        lines: Vec::new(),
    })
}

/// The first figure of the rule's condition that is kept over time.
fn of_rule(rule: &Rule, target: Option<TargetId>) -> Option<Wanted> {
    let compared = rule.table.iter().flat_map(|table| table.comparisons());
    let sources = compared
        .map(|comparison| comparison.source())
        .chain([rule.when.source()]);
    let mut found = sources.filter_map(|source| {
        let (name, limit) = reason::asked(source)?;
        let figure = Figure::of_variable(name, target, rule.window)?;
        let level = match rule.severity {
            Severity::Critical => Level::Critical,
            Severity::Warning | Severity::Info => Level::Warning,
        };
        Some(Wanted {
            target,
            figure,
            lines: vec![line("limit", level, limit)],
        })
    });
    found.next()
}
