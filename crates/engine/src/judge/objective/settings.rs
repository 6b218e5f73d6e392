//! One `[[objective]]` as it is written.

use std::time::Duration;

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Period, Selector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Goal, Objective, Scope};

const DEFAULT_PERIOD: Duration = Duration::from_secs(60 * 60);

/// The windows of shorter periods would be longer than they are.
const PERIOD_MIN: Duration = Duration::from_secs(5 * 60);

/// The month that objectives of services are usually given for; no run is longer.
const PERIOD_LIMIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// One `[[objective]]` as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveSettings {
    /// What it is called, here and in its alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Targets whose probes count: names, `group:NAME`, `kind:NAME`, with `*` and `?`. None: every service,
    /// which pages of figures, programs, processes and load generators are not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// What is promised: `95% under 2s` of the probes succeed in that time, or `99.9% available` of them succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// The time that the promise is for, 5m to 30d; it ends now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1h"))]
    pub period: Option<Period>,
    /// One objective for each target, called `NAME · TARGET`, instead of one for all of them together.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub each: Option<bool>,
}

impl ObjectiveSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<Objective, Vec<Finding>> {
        let mut findings = Vec::new();
        let name = Text::clean(self.name.as_deref().unwrap_or_default());
        if name.as_str().is_empty() {
            findings.push(Finding::new("name", "has no name; add name = \"checkout is fast\""));
        }
        let on: Vec<Selector> = self.on.iter().map(|text| Selector::parse(text)).collect();
        if let Some(host) = on.iter().position(|selector| *selector == Selector::Host) {
            let message = "this machine is not probed; name targets, or write an [[alert]] with on = [\"host\"]";
            findings.push(Finding::new("on", message).item(host));
        }
        let period = self.period.map_or(DEFAULT_PERIOD, Period::duration);
        if !(PERIOD_MIN..=PERIOD_LIMIT).contains(&period) {
            let size = if period < PERIOD_MIN { "short" } else { "long" };
            let message = format!("period is too {size}; use 5m to 30d");
            findings.push(Finding::new("period", message));
        }
        let goal = self.goal().map_err(|finding| findings.push(finding)).ok();
        let Some(goal) = goal.filter(|_| findings.is_empty()) else {
            return Err(findings);
        };
        let scope = match self.each {
            Some(true) => Scope::Each,
            Some(false) | None => Scope::Pooled,
        };
        Ok(Objective {
            name,
            on,
            goal,
            period,
            scope,
        })
    }

    fn goal(&self) -> Result<Goal, Finding> {
        let Some(text) = &self.goal else {
            return Err(Finding::new("goal", "has no goal; add goal = \"95% under 2s\""));
        };
        Goal::parse(text).map_err(|error| Finding::new("goal", format!("goal: {}", error.message)).at(error.offset))
    }
}

impl From<&Objective> for ObjectiveSettings {
    fn from(objective: &Objective) -> Self {
        Self {
            name: Some(objective.name.to_string()),
            on: objective.on.iter().map(Selector::to_string).collect(),
            goal: Some(objective.goal.to_string()),
            period: Some(objective.period.into()),
            each: Some(objective.scope == Scope::Each),
        }
    }
}
