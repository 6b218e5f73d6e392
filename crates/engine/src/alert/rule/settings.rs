//! One `[[alert]]` as it is written, and what it may say.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::expression::{Evaluation, Expression, Value};
use probetop_core::sample::{Severity, Text, Window};
use probetop_core::setting::{Finding, Period, Selector, check_patience};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figures::{Figures, Table};
use super::{HOST_VARIABLES, NoData, Rule, TARGET_VARIABLES};
use crate::alert::policy::{NotifyPolicy, Policy};
use crate::alert::settings::{self, EscalationSettings, RemindSettings};
use crate::alert::state::Patience;
use crate::alert::trigger::{Trigger, TriggerSettings};

/// One `[[alert]]` as it is written. Its condition is either `when`, or `above` and `below`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// What the banner calls it. A rule that keeps its name over a reload keeps its alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Targets it is about: names, `group:NAME`, `kind:NAME`, with `*` and `?`; or `host`. None: every target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// Condition (CEL) over the target's window, or over the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Instead of `when`: figures that are too high, `{ p95 = "300ms", error_ratio = 0.005 }`; any of them is enough.
    #[serde(default, skip_serializing_if = "Figures::is_empty")]
    pub above: Figures,
    /// Instead of `when`, or beside `above`: figures that are too low, `{ rate = 100 }`; any of them is enough.
    #[serde(default, skip_serializing_if = "Figures::is_empty")]
    pub below: Figures,
    /// Condition (CEL) that must hold before an alert that fires is clear; that `when` is false is not enough then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear_when: Option<String>,
    /// The window the figures are taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub window: Option<Window>,
    /// How many of the last evaluations must be true, `{ count = 3, of = 5 }`; each counts by itself when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerSettings>,
    /// How long the condition holds before the alert fires.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "0s"))]
    pub hold: Option<Period>,
    /// How long the condition is false before the alert is resolved; the same as `for` when left out.
    #[serde(rename = "clear_for", skip_serializing_if = "Option::is_none")]
    pub clear: Option<Period>,
    /// What a condition counts as that cannot be judged: `keep` changes nothing, `ok` counts as false, `alert` as true once
    /// the window has been watched.
    #[serde(default)]
    #[schemars(extend("default" = "keep"))]
    pub no_data: NoData,
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
    /// What to do about it, in a few words: `add a replica of checkout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
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
        let variables = Variables {
            about_host: on.contains(&Selector::Host),
        };
        if variables.about_host && on.len() > 1 {
            let message = "the machine and targets have different figures; write one rule for each";
            findings.push(Finding::new("on", message));
        }
        let periods = [("for", self.hold), ("clear_for", self.clear)];
        findings.extend(
            periods
                .iter()
                .filter_map(|(key, period)| check_patience(key, (*period)?)),
        );
        let trigger = self.trigger.map(TriggerSettings::resolve).transpose();
        let trigger = trigger.map_err(|finding| findings.push(finding.under("trigger")));
        let telling = settings::telling(self.notify.as_deref(), self.remind, self.escalate.as_deref());
        let telling = telling.map_err(|wrong| findings.extend(wrong));
        let when = self.condition(variables).map_err(|wrong| findings.extend(wrong));
        let clear_when = self.clear_when.as_ref();
        let clear_when = clear_when
            .map(|source| variables.compile("clear_when", source))
            .transpose()
            .map_err(|finding| findings.push(finding));
        let (Ok(trigger), Ok(telling), Ok((when, table)), Ok(clear_when), []) =
            (trigger, telling, when, clear_when, findings.as_slice())
        else {
            return Err(findings);
        };
        Ok(Rule {
            name,
            on,
            when,
            table,
            clear_when,
            window: self.window.unwrap_or_default(),
            no_data: self.no_data,
            severity: self.severity,
            policy: Arc::new(self.policy(trigger, telling)),
        })
    }

    fn policy(&self, trigger: Option<Trigger>, telling: NotifyPolicy) -> Policy {
        let hold = self.hold.map_or(Duration::ZERO, Period::duration);
        let action = self.action.as_deref().map(Text::clean);
        Policy {
            patience: Patience {
                hold,
                clear: self.clear.map_or(hold, Period::duration),
            },
            trigger,
            telling: NotifyPolicy {
                action: action.filter(|action| !action.as_str().is_empty()),
                ..telling
            },
        }
    }

    /// The one condition, from whichever form it is written in.
    fn condition(&self, variables: Variables) -> Result<(Expression, Option<Table>), Vec<Finding>> {
        let refuse = |message: &str| Err(vec![Finding::new("when", message)]);
        let compile = |source: &str| variables.compile("when", source).map_err(|finding| vec![finding]);
        match (&self.when, self.above.is_empty() && self.below.is_empty()) {
            (Some(source), true) => Ok((compile(source)?, None)),
            (None, false) => {
                let plausible = |name: &str| variables.plausible(name);
                let table = Table::compile(&self.above, &self.below, variables.known(), plausible)?;
                Ok((compile(&table.condition())?, Some(table)))
            }
            (Some(_), false) => refuse("has both when and a table of figures; keep one"),
            (None, true) => refuse("has no condition; add when = \"p95 > duration('500ms')\""),
        }
    }
}

/// What conditions may name, which depends on whom they are about.
#[derive(Clone, Copy)]
struct Variables {
    about_host: bool,
}

impl Variables {
    fn known(self) -> &'static [&'static str] {
        if self.about_host {
            &HOST_VARIABLES
        } else {
            &TARGET_VARIABLES
        }
    }

    /// Compiles the condition and tries it on figures of the right types, so that `p95 > 500` is found before the run.
    fn compile(self, key: &str, source: &str) -> Result<Expression, Finding> {
        let expression = Expression::compile(source, Some(self.known()))
            .map_err(|error| Finding::new(key, format!("{key}: {}", error.message)).at(error.offset))?;
        match expression.evaluate(&|name| self.plausible(name)) {
            Evaluation::Error { message } => Err(Finding::new(key, format!("{key}: {message}"))),
            Evaluation::Holds { .. }
            | Evaluation::Fails { .. }
            | Evaluation::Unknown { .. }
            | Evaluation::TooLong { .. } => Ok(expression),
        }
    }

    /// A value of the type that a variable has. Which gauges a target tells is only known when it answers.
    fn plausible(self, name: &str) -> Option<Value> {
        let is_latency = matches!(name, "min" | "mean" | "max" | "lag") || name.starts_with('p');
        match name {
            "gauge" => None,
            "silent_for" => Some(Value::Duration(Duration::from_secs(1))),
            _ if is_latency && !self.about_host => Some(Value::Duration(Duration::from_secs(1))),
            _ => Some(Value::Float(1.0)),
        }
    }
}

impl From<&Rule> for RuleSettings {
    fn from(rule: &Rule) -> Self {
        let (above, below) = rule.table.as_ref().map(Table::figures).unzip();
        let source = |expression: &Expression| expression.source().to_owned();
        let Policy {
            patience,
            trigger,
            telling,
        } = &*rule.policy;
        let steps = telling.escalation.as_ref();
        Self {
            name: Some(rule.name.to_string()),
            on: rule.on.iter().map(Selector::to_string).collect(),
            when: rule.table.is_none().then(|| source(&rule.when)),
            above: above.cloned().unwrap_or_default(),
            below: below.cloned().unwrap_or_default(),
            clear_when: rule.clear_when.as_ref().map(source),
            window: Some(rule.window),
            trigger: trigger.map(TriggerSettings::from),
            hold: Some(patience.hold.into()),
            clear: Some(patience.clear.into()),
            no_data: rule.no_data,
            severity: rule.severity,
            notify: telling.route.as_ref().and_then(settings::names),
            remind: telling.remind.map(RemindSettings::from),
            escalate: steps.map(|steps| steps.iter().map(EscalationSettings::from).collect()),
            action: telling.action.as_ref().map(Text::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Rule, Vec<Finding>> {
        let settings: RuleSettings = toml::from_str(&format!("name = \"r\"\n{text}")).unwrap();
        settings.resolve()
    }

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = read(text)
            .map(|rule| rule.when.source().to_owned())
            .map_err(|findings| format!("{}: {}", findings[0].path.join("."), findings[0].message));
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn a_table_of_figures_is_a_condition() {
        check(
            "above = { p95 = \"300ms\", error_ratio = 0.005 }\nbelow = { rate = 100 }",
            Ok("error_ratio > 0.005 || p95 > duration('300ms') || rate < 100.0"),
        );
        check(
            "above = { attempts = 20, silent_for = \"1m 30s\", gauge.queue = 10 }",
            Ok("attempts > 20.0 || gauge.queue > 10.0 || silent_for > duration('90s')"),
        );
        check("on = [\"host\"]\nabove = { cpu = 0.7 }", Ok("cpu > 0.7"));
        check("above = { lag = \"1ms 500us\" }", Ok("lag > duration('1500us')"));
        check("below = { ok = 1e-7 }", Ok("ok < 1e-7"));
    }

    #[test]
    fn what_is_no_figure_or_no_limit_of_it_is_refused() {
        check(
            "above = { p59 = \"1s\" }",
            Err("above.p59: there is no \"p59\" here; did you mean \"p50\"?"),
        );
        check(
            "above = { p95 = 300 }",
            Err("above.p95: p95 is a time; write p95 = \"300ms\""),
        );
        check(
            "below = { rate = \"1s\" }",
            Err("below.rate: rate is a number; write rate = 0.5"),
        );
        check(
            "above = { gauge = 3 }",
            Err("above.gauge: gauge is a table; write gauge = { queue = 10 }"),
        );
        check(
            "above = { rate = nan }",
            Err("above.rate: rate has a limit that is not a number"),
        );
        check(
            "when = \"rate > 1.0\"\nabove = { rate = 1 }",
            Err("when: has both when and a table of figures; keep one"),
        );
        let injected = "above = { \"rate > 1.0 || rate\" = 1 }";
        assert!(read(injected).unwrap_err()[0].message.contains("is not a figure"));
    }

    #[test]
    fn counts_are_compared_with_numbers() {
        let rule = read("above = { attempts = 20 }").unwrap();
        let of = |count| rule.when.evaluate(&|_| Some(Value::Int(count))).holds();
        assert!(of(21) && !of(20));
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same_rule() {
        let rule = read(
            "above = { p95 = \"300ms\" }\nclear_when = \"p95 < duration('200ms')\"\ntrigger = { count = 3, of = 5 }\n\
             for = \"1m\"\nclear_for = \"2m\"\nno_data = \"alert\"\nseverity = \"critical\"\naction = \"add a replica\"\n",
        )
        .unwrap();
        let shown = toml::to_string(&RuleSettings::from(&rule)).unwrap();
        let again = toml::from_str::<RuleSettings>(&shown).unwrap().resolve().unwrap();
        assert_eq!(again, rule);
    }
}
