//! Whom alerts tell: `[alerts]`, `[[maintenance]]`, and what targets depend on.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Selector};
use probetop_core::suggest;
use probetop_engine::alert::dependency::{self, Fault, Node, PARENTS_LIMIT, Parent, Wrong};
use probetop_engine::alert::flap::Flapping;
use probetop_engine::alert::maintenance::{Maintenance, MaintenanceSettings};
use probetop_engine::alert::policy::NotifyPolicy;
use probetop_engine::alert::settings::{AlertsSettings, EscalationSettings, RemindSettings, names};
use toml::Spanned;
use toml::de::DeValue;

use super::TargetConfig;
use super::compose::matches_no_target;
use super::document::{Document, Table};
use super::entries::{Names, entries, shown_label};
use super::file::Contents;
use super::outline::Outline;
use super::problem::{Place, Problem};

/// Each is looked at for every target when the configuration is read.
pub const MAINTENANCE_LIMIT: usize = 100;

/// What `[alerts]` and `[[maintenance]]` say.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertsConfig {
    pub telling: NotifyPolicy,
    /// `None`: flapping is not looked for.
    pub flapping: Option<Flapping>,
    pub state_file: Option<PathBuf>,
    pub maintenance: Vec<Maintenance>,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self {
            telling: NotifyPolicy::default(),
            flapping: Some(Flapping::default()),
            state_file: None,
            maintenance: Vec::new(),
        }
    }
}

/// What can only be checked when the whole configuration is known.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// Names in `[[notify]]`, of channels that are not understood as well.
    known_channels: HashSet<Text>,
    /// Where which channel is named, and what opens a message about it.
    channels: Vec<(Text, Place, String)>,
    /// Of targets that depend on something, by their place in the list: where each selector stands.
    parents: HashMap<usize, Vec<Place>>,
}

impl References {
    /// Remembers where the selectors of the target stand that comes next.
    pub fn depends(&mut self, document: &Document<'_>, table: &Table<'_>, next: usize, target: &TargetConfig) {
        let place = |at| document.place(document.locate(table, &Finding::new("depends_on", "").item(at)));
        if !target.depends_on.is_empty() {
            let places = (0..target.depends_on.len()).map(place).collect();
            self.parents.insert(next, places);
        }
    }

    /// Remembers where channels are named by the keys that `[alerts]` and `[[alert]]` share.
    pub fn names_channels(
        &mut self,
        document: &Document<'_>,
        table: &Table<'_>,
        subject: &str,
        notify: Option<&[String]>,
        escalate: Option<&[EscalationSettings]>,
    ) {
        let mut note = |path: &[&str], names: &[String]| {
            for (at, name) in names.iter().enumerate() {
                let finding = Finding {
                    path: path
                        .iter()
                        .map(|key| (*key).to_owned())
                        .chain([at.to_string()])
                        .collect(),
                    offset: 0,
                    message: String::new(),
                };
                let place = document.place(document.locate(table, &finding));
                self.channels.push((Text::clean(name), place, subject.to_owned()));
            }
        };
        note(&["notify"], notify.unwrap_or_default());
        for (at, step) in escalate.unwrap_or_default().iter().enumerate() {
            let at = at.to_string();
            note(&["escalate", &at, "notify"], step.notify.as_deref().unwrap_or_default());
        }
    }

    /// Remembers the name of a channel.
    pub fn channel(&mut self, name: Option<&str>) {
        self.known_channels.extend(name.map(Text::clean));
    }

    /// Channels that `[alerts]` or a rule names and that `[[notify]]` has not.
    pub fn unknown_channels(&self) -> impl Iterator<Item = Problem> {
        let unknown = self
            .channels
            .iter()
            .filter(|(name, ..)| !self.known_channels.contains(name));
        unknown.map(|(name, place, subject)| {
            let hint = match suggest::closest(name.as_str(), self.known_channels.iter().map(Text::as_str)) {
                hint if hint.is_empty() => format!("; add [[notify]] with name = {:?}", name.as_str()),
                hint => hint,
            };
            Problem {
                place: place.clone(),
                message: format!("{subject}no channel is called {:?}{hint}", name.as_str()),
            }
        })
    }
}

/// Reads `[alerts]`.
pub fn read_alerts(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
    let Some(value) = value else { return };
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        return document.problem(
            span.start,
            "alerts is not a table; write [alerts], or [[alert]] for a rule",
        );
    };
    let table = Spanned::new(span, table);
    let subject = "alerts: ";
    let Some(settings) = document.read_as::<AlertsSettings>(&table, subject, &[]) else {
        return;
    };
    let references = &mut contents.references;
    references.names_channels(
        document,
        &table,
        subject,
        settings.notify.as_deref(),
        settings.escalate.as_deref(),
    );
    contents.alerts.state_file.clone_from(&settings.state_file);
    match settings.resolve() {
        Ok((telling, flapping)) => {
            contents.alerts.telling = telling;
            contents.alerts.flapping = flapping;
        }
        Err(findings) => {
            for finding in findings {
                document.finding(&table, subject, &finding);
            }
        }
    }
}

/// Reads `[[maintenance]]`.
pub fn read_maintenance(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
    let mut names = Names::default();
    for entry in entries(document, value, "maintenance", MAINTENANCE_LIMIT) {
        let Some(mut settings) = document.read_as::<MaintenanceSettings>(&entry.table, &entry.subject, &[]) else {
            continue;
        };
        for label in settings.name.iter_mut().chain(&mut settings.on) {
            *label = shown_label(document, label);
        }
        names.claim(document, &entry, settings.name.as_deref());
        match settings.resolve() {
            Ok(maintenance) => {
                contents.selectors.extend(entry.selectors(document, &maintenance.on));
                contents.alerts.maintenance.push(maintenance);
            }
            Err(findings) => entry.report(document, findings),
        }
    }
}

/// What each target depends on, in the order of `targets`.
///
/// # Errors
/// Selectors that match nothing, and targets that stand behind themselves.
pub fn parents(targets: &[TargetConfig]) -> Result<Vec<Arc<[Parent]>>, Vec<Wrong>> {
    let nodes: Vec<_> = targets.iter().map(node).collect();
    dependency::parents(&nodes)
}

fn node(target: &TargetConfig) -> Node<'_> {
    Node {
        name: target.name.as_str(),
        kind: target.kind.kind().name,
        group: target.group.as_ref(),
        depends_on: &target.depends_on,
    }
}

/// What is wrong with what targets depend on, those that are not understood among them.
pub fn check_parents(contents: &Contents) -> Vec<Problem> {
    let (targets, broken) = (contents.targets.rows(), &contents.broken);
    let nodes: Vec<_> = targets
        .iter()
        .map(node)
        .chain(broken.iter().map(Outline::node))
        .collect();
    let Err(wrong) = dependency::parents(&nodes) else {
        return Vec::new();
    };
    let some_kind_is_unknown = broken.iter().any(|outline| outline.kind.is_none());
    let may_match = |selector: &Selector| some_kind_is_unknown && matches!(selector, Selector::Kind(_));
    let problem = |wrong: Wrong| {
        let node = &nodes[wrong.target];
        let selector = &node.depends_on[wrong.selector];
        let said = match wrong.fault {
            Fault::Unknown if may_match(selector) => return None,
            Fault::Unknown => matches_no_target(selector, nodes.iter().map(|node| node.name)),
            Fault::Cycle(round) => format!("depends on itself: {}; leave one out", round.join(" > ")),
            Fault::TooMany(count) => format!("depends on {count} targets; use at most {PARENTS_LIMIT}"),
        };
        let places = match wrong.target.checked_sub(targets.len()) {
            Some(at) => Some(&broken[at].places),
            None => contents.references.parents.get(&wrong.target),
        };
        let place = places.and_then(|places| places.get(wrong.selector)).cloned();
        Some(Problem {
            place: place.unwrap_or(Place::CommandLine),
            message: format!("target {:?}: depends_on: {said}", node.name),
        })
    };
    wrong.into_iter().filter_map(problem).collect()
}

impl From<&AlertsConfig> for AlertsSettings {
    fn from(config: &AlertsConfig) -> Self {
        let telling = &config.telling;
        let steps = telling.escalation.as_ref();
        Self {
            notify: telling.route.as_ref().and_then(names),
            remind: telling.remind.map(RemindSettings::from),
            escalate: steps.map(|steps| steps.iter().map(EscalationSettings::from).collect()),
            flapping: (config.flapping != Some(Flapping::default())).then(|| config.flapping.into()),
            state_file: config.state_file.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Overrides;
    use crate::config::file;

    #[test]
    fn a_channel_that_is_not_there_is_told_with_the_nearest_name_and_its_place() {
        let text = "[alerts]\nnotify = [\"ops\", \"pagr\"]\n[[alert]]\nname = \"slow\"\nwhen = \"rate > 1.0\"\n\
                    escalate = [{ after = \"5m\", notify = [\"fax\"] }]\n";
        let (mut contents, problems) = file::read(
            "x.toml",
            text,
            &Overrides::default(),
            &|_| None,
            &mut Default::default(),
        );
        assert_eq!(problems, []);
        contents.references.channel(Some("ops"));
        contents.references.channel(Some("pager"));
        let unknown = contents.references.unknown_channels();
        let problems: Vec<_> = unknown.map(|problem| problem.to_string()).collect();
        assert_eq!(
            problems,
            [
                "x.toml:2:18: alerts: no channel is called \"pagr\"; did you mean \"pager\"?",
                "x.toml:6:39: alert \"slow\": no channel is called \"fax\"; add [[notify]] with name = \"fax\"",
            ]
        );
    }
}
