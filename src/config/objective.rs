//! The list of `[[objective]]`, and how many objectives come of it.

use probetop_core::sample::Text;
use probetop_engine::judge::objective::{Objective, ObjectiveSettings, Scope};
use toml::Spanned;
use toml::de::DeValue;

use super::document::Document;
use super::entries::{Names, entries, shown_label};
use super::file::Contents;
use super::problem::Problem;
use super::target::TargetConfig;
use super::targets::Probed;

/// With one for each target counted: each takes 10 to 20 kB, and about a microsecond of every second.
pub(super) const OBJECTIVE_LIMIT: usize = 1_000;

/// Reads `[[objective]]`.
pub(super) fn read_objectives(
    document: &mut Document<'_>,
    value: Option<Spanned<DeValue<'_>>>,
    contents: &mut Contents,
) {
    let mut names = Names::default();
    for entry in entries(document, value, "objective", OBJECTIVE_LIMIT) {
        let Some(mut settings) = document.read_as::<ObjectiveSettings>(&entry.table, &entry.subject, &[]) else {
            continue;
        };
        for label in settings.name.iter_mut().chain(&mut settings.on) {
            *label = shown_label(document, label);
        }
        names.claim(document, &entry, settings.name.as_deref());
        match settings.resolve() {
            Ok(objective) => {
                contents.selectors.extend(entry.selectors(document, &objective.on));
                contents.objectives.push(objective);
            }
            Err(findings) => entry.report(document, findings),
        }
    }
}

/// What is wrong when `each` makes too many of them.
pub(super) fn check_count(contents: &Contents) -> Option<Problem> {
    let is_about = |objective: &Objective, target: &TargetConfig| {
        let group = target.group.as_ref().map(Text::as_str);
        objective.is_about(target.name.as_str(), target.kind.kind().name, group)
    };
    let of = |objective: &Objective, probed: Probed<'_>| {
        let (flow, steps) = (probed.target.name.as_str(), probed.steps.iter());
        let steps = steps.filter(|step| objective.is_about_step(step.name.as_str(), flow));
        usize::from(is_about(objective, probed.target)) + steps.count()
    };
    let parts = |objective: &Objective| match objective.scope {
        Scope::Pooled => 1,
        Scope::Each => contents
            .targets
            .probed()
            .map(|probed| of(objective, probed))
            .sum::<usize>(),
    };
    let count: usize = contents.objectives.iter().map(parts).sum();
    (count > OBJECTIVE_LIMIT).then(|| {
        let message = format!(
            "there are {count} objectives with one for each target; use at most {OBJECTIVE_LIMIT}, or each = false"
        );
        Problem::on_command_line(message)
    })
}
