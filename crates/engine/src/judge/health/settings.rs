//! `[health]` as it is written.

use std::collections::HashSet;

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Selector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Group, Scoring};

/// A screen shows no more, and a score of more parts says nothing.
const GROUP_LIMIT: usize = 32;

/// What a group counts beside the others, at most.
const WEIGHT_LIMIT: f64 = 1000.0;

const DEFAULT_WEIGHT: f64 = 100.0;

/// `[health]` as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HealthSettings {
    /// Groups before `database`, `machine`, `cache` and `services`, or changes to these; a target belongs to the first that
    /// selects it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupSettings>,
}

/// One of `groups` as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupSettings {
    /// What it is called; one of the four above is changed by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it counts beside the other groups, 0 to 1000; 0 leaves out what belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 100), range(min = 0, max = 1000))]
    pub weight: Option<f64>,
    /// What belongs to it: names, `group:NAME`, `kind:NAME`, with `*` and `?`, and `host` for this machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
}

impl HealthSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<Scoring, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut built_in = Group::defaults();
        let mut own: Vec<Group> = Vec::new();
        let mut seen = HashSet::new();
        for (index, settings) in self.groups.iter().enumerate() {
            let default = built_in.iter_mut().find(|group| settings.is_called(&group.name));
            match (settings.resolve(default.as_deref(), &mut seen), default) {
                (Ok(group), Some(default)) => *default = group,
                (Ok(group), None) => own.push(group),
                (Err(finding), _) => findings.push(finding.under(&index.to_string()).under("groups")),
            }
        }
        if own.len() > GROUP_LIMIT {
            let message = format!("there are {} groups; use at most {GROUP_LIMIT}", own.len());
            findings.push(Finding::new("groups", message));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        // Those built in stay behind, or all the databases would be among changed services.
        own.extend(built_in);
        Ok(Scoring::By(own))
    }
}

impl GroupSettings {
    fn is_called(&self, name: &Text) -> bool {
        self.name.as_deref().is_some_and(|own| Text::clean(own) == *name)
    }

    /// `default` is the group that is built in under this name.
    fn resolve(&self, default: Option<&Group>, seen: &mut HashSet<Text>) -> Result<Group, Finding> {
        let name = Text::clean(self.name.as_deref().unwrap_or_default());
        if name.as_str().is_empty() {
            return Err(Finding::new("name", "has no name; add name = \"checkout\""));
        }
        if !seen.insert(name.clone()) {
            return Err(Finding::new("name", format!("name {name:?} is taken; choose another")));
        }
        if let Some(weight) = self.weight.filter(|weight| !(0.0..=WEIGHT_LIMIT).contains(weight)) {
            return Err(Finding::new(
                "weight",
                format!("weight is {weight}; use 0 to {WEIGHT_LIMIT}"),
            ));
        }
        let on = match (self.on.as_slice(), default) {
            ([], None) => return Err(Finding::new("on", "has nothing in it; add on = [\"group:checkout\"]")),
            ([], Some(default)) => default.on.clone(),
            (on, _) => on.iter().map(|text| Selector::parse(text)).collect(),
        };
        let usual = default.map_or(DEFAULT_WEIGHT, |default| default.weight);
        Ok(Group {
            name,
            weight: self.weight.unwrap_or(usual),
            on,
        })
    }
}

impl From<&[Group]> for HealthSettings {
    fn from(groups: &[Group]) -> Self {
        let group = |group: &Group| GroupSettings {
            name: Some(group.name.to_string()),
            weight: Some(group.weight),
            on: group.on.iter().map(Selector::to_string).collect(),
        };
        Self {
            groups: groups.iter().map(group).collect(),
        }
    }
}
