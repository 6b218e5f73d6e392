//! One `[[alert]]` as it is written, and what it may say.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HOST_VARIABLES, Rule, TARGET_VARIABLES};
use crate::alert::policy::{Policy, Telling};
use crate::alert::settings::{self, EscalationSettings, RemindSettings};
use crate::alert::state::Patience;
use crate::expression::{Evaluation, Expression, Value};
use crate::sample::{Severity, Text, Window};
use crate::setting::{Finding, Period, Selector};

/// Longer holds outlive the run and its clock's usefulness.
const HOLD_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// One `[[alert]]` as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// What the banner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Targets it is about: names, `group:NAME`, `kind:NAME`, with `*` and `?`; or `host`. None: every target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// Condition (CEL) over the target's window, or over the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The window the figures are taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub window: Option<Window>,
    /// How long the condition holds before the alert fires.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "0s"))]
    pub hold: Option<Period>,
    /// How long the condition is false before the alert is resolved; the same as `for` when left out.
    #[serde(rename = "clear_for", skip_serializing_if = "Option::is_none")]
    pub clear: Option<Period>,
    /// How loudly it speaks: `info`, `warning` or `critical`.
    #[serde(default)]
    pub severity: Severity,
    /// Channels that are told, by name; as `[alerts]` says when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Vec<String>>,
    /// Tell again what goes on, as under `[alerts]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind: Option<RemindSettings>,
    /// Steps taken while nobody acknowledges the alert, as under `[alerts]`; an empty list takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Vec<EscalationSettings>>,
}

impl RuleSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<Rule, Vec<Finding>> {
        let mut findings = Vec::new();
        let name = Text::clean(self.name.as_deref().unwrap_or_default());
        if name.as_str().is_empty() {
            findings.push(Finding::new("name", "has no name; add name = \"slow under load\""));
        }
        let on: Vec<Selector> = self.on.iter().map(|text| Selector::parse(text)).collect();
        let about_host = on.contains(&Selector::Host);
        if about_host && on.len() > 1 {
            let message = "the machine and targets have different figures; write one rule for each";
            findings.push(Finding::new("on", message));
        }
        for (key, period) in [("for", self.hold), ("clear_for", self.clear)] {
            if let Some(period) = period.filter(|period| period.duration() > HOLD_LIMIT) {
                findings.push(Finding::new(
                    key,
                    format!("{key} {period} is too long; use at most 1day"),
                ));
            }
        }
        let telling = settings::telling(self.notify.as_deref(), self.remind, self.escalate.as_deref());
        let telling = telling.unwrap_or_else(|wrong| {
            findings.extend(wrong);
            Telling::default()
        });
        let when = self
            .condition(about_host)
            .map_err(|finding| findings.push(finding))
            .ok();
        let Some(when) = when.filter(|_| findings.is_empty()) else {
            return Err(findings);
        };
        let hold = self.hold.map_or(Duration::ZERO, Period::duration);
        Ok(Rule {
            name,
            on,
            when,
            window: self.window.unwrap_or_default(),
            severity: self.severity,
            policy: Arc::new(Policy {
                patience: Patience {
                    hold,
                    clear: self.clear.map_or(hold, Period::duration),
                },
                telling,
            }),
        })
    }

    /// Compiles the condition and tries it on figures of the right types, so that `p95 > 500` is found before the run.
    fn condition(&self, about_host: bool) -> Result<Expression, Finding> {
        let Some(source) = &self.when else {
            return Err(Finding::new(
                "when",
                "has no condition; add when = \"p95 > duration('500ms')\"",
            ));
        };
        let known: &[&str] = if about_host { &HOST_VARIABLES } else { &TARGET_VARIABLES };
        let expression = Expression::compile(source, Some(known))
            .map_err(|error| Finding::new("when", format!("when: {}", error.message)).at(error.offset))?;
        match expression.evaluate(&|name| plausible(name, about_host)) {
            Evaluation::Error { message } => Err(Finding::new("when", format!("when: {message}"))),
            Evaluation::Holds { .. } | Evaluation::Fails { .. } | Evaluation::Unknown { .. } => Ok(expression),
        }
    }
}

/// A value of the type that a variable has. Which gauges a target tells is only known when it answers.
fn plausible(name: &str, about_host: bool) -> Option<Value> {
    let is_latency = matches!(name, "min" | "mean" | "max" | "lag") || name.starts_with('p');
    match name {
        "gauge" => None,
        _ if is_latency && !about_host => Some(Value::Duration(Duration::from_secs(1))),
        _ => Some(Value::Float(1.0)),
    }
}

impl From<&Rule> for RuleSettings {
    fn from(rule: &Rule) -> Self {
        let telling = &rule.policy.telling;
        let steps = telling.escalation.as_ref();
        Self {
            name: Some(rule.name.to_string()),
            on: rule.on.iter().map(Selector::to_string).collect(),
            when: Some(rule.when.source().to_owned()),
            window: Some(rule.window),
            hold: Some(rule.policy.patience.hold.into()),
            clear: Some(rule.policy.patience.clear.into()),
            severity: rule.severity,
            notify: telling.route.as_ref().and_then(settings::names),
            remind: telling.remind.map(RemindSettings::from),
            escalate: steps.map(|steps| steps.iter().map(EscalationSettings::from).collect()),
        }
    }
}
