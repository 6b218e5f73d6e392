//! One alert rule: what it watches, when it is true, and for how long before it speaks.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expression::{Evaluation, Expression, Value};
use crate::sample::{Severity, Text, Window};
use crate::setting::{Finding, Period};

/// Names a target's condition may use; see `monitor` for what they are worth. Durations for latencies, else numbers.
pub const TARGET_VARIABLES: [&str; 19] = [
    "min",
    "mean",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
    "p99_9",
    "max",
    "rate",
    "attempts",
    "ok",
    "failed",
    "error_ratio",
    "success_ratio",
    "overruns",
    "lag",
];

/// Names a condition over the machine (`on = ["host"]`) may use. Ratios 0 to 1; `load` is per core.
pub const HOST_VARIABLES: [&str; 13] = [
    "cpu",
    "memory",
    "swap",
    "disk",
    "load",
    "load_1m",
    "load_5m",
    "load_15m",
    "pressure_cpu",
    "pressure_memory",
    "pressure_io",
    "network_received_bytes_per_s",
    "network_transmitted_bytes_per_s",
];

/// The selector that means the machine.
pub const HOST: &str = "host";

/// Longer holds outlive the run and its clock's usefulness.
const HOLD_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A rule as configured and checked.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: Text,
    pub on: Vec<Selector>,
    pub when: Expression,
    pub window: Window,
    /// How long the condition holds before the alert fires.
    pub hold: Duration,
    /// How long the condition is false before the alert is resolved.
    pub clear: Duration,
    pub severity: Severity,
}

/// Which targets a rule is about. An empty list of selectors means every target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The machine.
    Host,
    /// `group:NAME`, glob allowed.
    Group(String),
    /// `kind:NAME`, glob allowed.
    Kind(String),
    /// A target's name, glob allowed.
    Name(String),
}

impl Selector {
    /// `host`, `group:NAME`, `kind:NAME`, or a target's name.
    pub fn parse(text: &str) -> Self {
        match text.split_once(':') {
            _ if text == HOST => Self::Host,
            Some(("group", pattern)) => Self::Group(pattern.to_owned()),
            Some(("kind", pattern)) => Self::Kind(pattern.to_owned()),
            _ => Self::Name(text.to_owned()),
        }
    }

    /// Whether a target with this name, kind and group is meant.
    pub fn matches(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        match self {
            Self::Host => false,
            Self::Group(pattern) => group.is_some_and(|group| glob(pattern, group)),
            Self::Kind(pattern) => glob(pattern, kind),
            Self::Name(pattern) => glob(pattern, name),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str(HOST),
            Self::Group(pattern) => write!(f, "group:{pattern}"),
            Self::Kind(pattern) => write!(f, "kind:{pattern}"),
            Self::Name(pattern) => f.write_str(pattern),
        }
    }
}

/// `*` stands for any run of characters, `?` for one. Linear in both: on a mismatch only the last `*` is tried again.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star, start)) = last_star else { return false };
                p = star + 1;
                t = start + 1;
                last_star = Some((star, t));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

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
            hold,
            clear: self.clear.map_or(hold, Period::duration),
            severity: self.severity,
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
        match expression.evaluate(&|name| Some(plausible(name, about_host))) {
            Evaluation::Error { message } => Err(Finding::new("when", format!("when: {message}"))),
            Evaluation::Holds { .. } | Evaluation::Fails { .. } | Evaluation::Unknown { .. } => Ok(expression),
        }
    }
}

/// A value of the type that a variable has.
fn plausible(name: &str, about_host: bool) -> Value {
    let is_latency = matches!(name, "min" | "mean" | "max" | "lag") || name.starts_with('p');
    match is_latency && !about_host {
        true => Value::Duration(Duration::from_secs(1)),
        false => Value::Float(1.0),
    }
}

impl From<&Rule> for RuleSettings {
    fn from(rule: &Rule) -> Self {
        Self {
            name: Some(rule.name.to_string()),
            on: rule.on.iter().map(Selector::to_string).collect(),
            when: Some(rule.when.source().to_owned()),
            window: Some(rule.window),
            hold: Some(rule.hold.into()),
            clear: Some(rule.clear.into()),
            severity: rule.severity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_glob(pattern: &str, text: &str, expected: bool) {
        assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
    }

    #[test]
    fn a_star_stands_for_any_run_and_a_question_mark_for_one_character() {
        check_glob("checkout", "checkout", true);
        check_glob("checkout", "checkout2", false);
        check_glob("check*", "checkout", true);
        check_glob("*out", "checkout", true);
        check_glob("*k*t*", "checkout", true);
        check_glob("*k*z*", "checkout", false);
        check_glob("c?eckout", "checkout", true);
        check_glob("?", "é", true);
        check_glob("", "", true);
        check_glob("*", "", true);
        check_glob("?", "", false);
        check_glob(&"*a".repeat(60), &"a".repeat(59), false);
    }

    #[test]
    fn selectors_are_read_back_as_they_were_written() {
        for text in ["host", "group:api", "kind:http", "check*", "other:thing"] {
            assert_eq!(Selector::parse(text).to_string(), text);
        }
        assert_eq!(Selector::parse("group:a*"), Selector::Group("a*".to_owned()));
        assert!(Selector::parse("group:a*").matches("x", "http", Some("api")));
        assert!(!Selector::parse("group:a*").matches("api", "http", None));
        assert!(!Selector::Host.matches("host", "http", None));
    }
}
