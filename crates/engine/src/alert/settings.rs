//! `[alerts]` as it is written: whom alerts tell unless a rule says otherwise, how often, and where they are remembered.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use probetop_core::sample::{Severity, Text};
use probetop_core::setting::{Finding, Period};
use probetop_core::snapshot::Route;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::flap::{Flapping, FlappingSettings};
use super::policy::{Escalation, NotifyPolicy, Remind, Reminders};

/// Shorter waits are noise, longer ones outlive the run.
const WAIT_MIN: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Where reminders end that do not say it themselves: a shift is told twice.
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 60 * 60);

/// More steps are more people than anybody has.
const STEPS_LIMIT: usize = 10;

/// The keys of `[alerts]`, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertsSettings {
    /// Channels that are told, by name; when left out, every `[[notify]]` that does not say it wants to be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Vec<String>>,
    /// Tell again what goes on: after `10m`, then after twice as long each time, at most 4h; `{ first = "10m", longest =
    /// "4h" }` says both. False: an alert is told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub remind: Option<RemindSettings>,
    /// Steps taken while nobody acknowledges the alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Vec<EscalationSettings>>,
    /// Hold an alert on that goes on and off: when it fired `turns` times within the span, until it was calm for as long.
    /// False: each firing is an alert of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flapping: Option<FlappingSettings>,
    /// Remember in this file what fires, is acknowledged, silenced and told, so that a restart goes on where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_file: Option<PathBuf>,
}

impl AlertsSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<(NotifyPolicy, Option<Flapping>), Vec<Finding>> {
        let telling = telling(self.notify.as_deref(), self.remind, self.escalate.as_deref());
        let flapping = self
            .flapping
            .map_or(Ok(Some(Flapping::default())), FlappingSettings::resolve);
        let under = |wrong: Vec<Finding>| wrong.into_iter().map(|finding| finding.under("flapping"));
        match (telling, flapping) {
            (Ok(telling), Ok(flapping)) => Ok((telling, flapping)),
            (telling, flapping) => {
                let mut wrong = telling.err().unwrap_or_default();
                wrong.extend(flapping.err().into_iter().flat_map(under));
                Err(wrong)
            }
        }
    }
}

/// What the three keys mean that `[alerts]` and rules have in common.
///
/// # Errors
/// Names each key that cannot be meant, and what to write instead.
pub fn telling(
    notify: Option<&[String]>,
    remind: Option<RemindSettings>,
    escalate: Option<&[EscalationSettings]>,
) -> Result<NotifyPolicy, Vec<Finding>> {
    let mut findings = Vec::new();
    findings.extend(remind.map(RemindSettings::check).into_iter().flatten());
    findings.extend(escalate.map(check_steps).into_iter().flatten());
    if !findings.is_empty() {
        return Err(findings);
    }
    let step = |step: &EscalationSettings| Escalation {
        after: step.after.duration(),
        severity: step.severity,
        route: step.notify.as_deref().map_or(Route::Usual, route),
    };
    Ok(NotifyPolicy {
        route: notify.map(route),
        remind: remind.map(RemindSettings::resolve),
        escalation: escalate.map(|steps| steps.iter().map(step).collect()),
        action: None,
    })
}

fn route(names: &[String]) -> Route {
    Route::Named(names.iter().map(|name| Text::clean(name)).collect())
}

fn check_wait(key: &str, wait: Period) -> Option<Finding> {
    let allowed = WAIT_MIN..=WAIT_MAX;
    (!allowed.contains(&wait.duration())).then(|| Finding::new(key, format!("{key} is {wait}; use 1s to 7days")))
}

fn check_steps(steps: &[EscalationSettings]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if steps.len() > STEPS_LIMIT {
        let message = format!("there are {} steps; use at most {STEPS_LIMIT}", steps.len());
        findings.push(Finding::new("escalate", message));
    }
    for (at, step) in steps.iter().enumerate() {
        let under = |finding: Finding| finding.under(&at.to_string()).under("escalate");
        findings.extend(check_wait("after", step.after).map(under));
        let before = at.checked_sub(1).and_then(|before| steps.get(before));
        if let Some(before) = before.filter(|before| before.after >= step.after) {
            let message = format!(
                "after {} is not later than the step before, {}",
                step.after, before.after
            );
            findings.push(under(Finding::new("after", message)));
        }
        if step.notify.is_none() && step.severity.is_none() {
            let message = "changes nothing; add notify = [\"pager\"] or severity = \"critical\"";
            findings.push(under(Finding::new("after", message)));
        }
    }
    findings
}

/// `false`, a time, or `{ first, longest }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemindSettings {
    Never,
    After(Period),
    Between { first: Period, longest: Period },
}

impl RemindSettings {
    fn resolve(self) -> Remind {
        match self {
            Self::Never => Remind::Never,
            Self::After(first) => Remind::Every(Reminders {
                first: first.duration(),
                longest: LONGEST_WAIT.max(first.duration()),
            }),
            Self::Between { first, longest } => Remind::Every(Reminders {
                first: first.duration(),
                longest: longest.duration(),
            }),
        }
    }

    fn check(self) -> Vec<Finding> {
        match self {
            Self::Never => Vec::new(),
            Self::After(first) => check_wait("remind", first).into_iter().collect(),
            Self::Between { first, longest } => {
                let exchanged = (longest < first).then(|| {
                    let message = format!("longest {longest} is shorter than first {first}; exchange them");
                    Finding::new("longest", message)
                });
                let wrong = [check_wait("first", first), check_wait("longest", longest), exchanged];
                wrong
                    .into_iter()
                    .flatten()
                    .map(|finding| finding.under("remind"))
                    .collect()
            }
        }
    }
}

impl From<Remind> for RemindSettings {
    fn from(remind: Remind) -> Self {
        match remind {
            Remind::Never => Self::Never,
            Remind::Every(Reminders { first, longest }) => Self::Between {
                first: first.into(),
                longest: longest.into(),
            },
        }
    }
}

/// Both ends of the waiting, as they are written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Waits {
    /// Until it is told again for the first time.
    first: Period,
    /// No wait is longer; 4h when left out.
    longest: Option<Period>,
}

impl Serialize for RemindSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Never => serializer.serialize_bool(false),
            Self::After(first) => first.serialize(serializer),
            Self::Between { first, longest } => Waits {
                first,
                longest: Some(longest),
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RemindSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = RemindSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time in quotes such as \"10m\", a table { first = \"10m\", longest = \"4h\" }, or false")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<RemindSettings, E> {
                match on {
                    false => Ok(RemindSettings::Never),
                    true => Err(E::invalid_value(de::Unexpected::Bool(true), &self)),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RemindSettings, E> {
                Period::parse(text).map(RemindSettings::After).map_err(E::custom)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RemindSettings, A::Error> {
                let waits = Waits::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(match waits.longest {
                    Some(longest) => RemindSettings::Between {
                        first: waits.first,
                        longest,
                    },
                    None => RemindSettings::After(waits.first),
                })
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for RemindSettings {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Remind".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (period, waits) = (Period::json_schema(generator), Waits::json_schema(generator));
        json_schema!({ "anyOf": [period, { "const": false }, waits] })
    }
}

/// A step louder, as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationSettings {
    /// How long after the alert was told.
    pub after: Period,
    /// What it counts as from then on, where that is worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Channels that are told then; the usual ones when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Vec<String>>,
}

impl From<&Escalation> for EscalationSettings {
    fn from(step: &Escalation) -> Self {
        Self {
            after: step.after.into(),
            severity: step.severity,
            notify: names(&step.route),
        }
    }
}

/// A route as it is written.
pub fn names(route: &Route) -> Option<Vec<String>> {
    match route {
        Route::Usual => None,
        Route::Named(names) | Route::UsualAnd(names) => Some(names.iter().map(Text::to_string).collect()),
    }
}
