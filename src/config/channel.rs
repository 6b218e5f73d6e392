//! The list `[[notify]]` of the file.

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Selector};
use probetop_engine::judge::objective::{Objective, Scope};
use toml::Spanned;
use toml::de::DeValue;

use super::document::Document;
use super::entries::{Entry, Names, entries, shown_label};
use super::file::{Contents, PlacedSelector};
use super::problem::Problem;
use super::{CHANNEL_LIMIT, TargetConfig};
use crate::notify::kind::{ChannelKind, Kind};
use crate::notify::settings::ChannelSettings;

/// Reads `[[notify]]`.
pub(super) fn read_channels(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
    let mut names = Names::default();
    for entry in entries(document, value, "notify", CHANNEL_LIMIT) {
        let (common, own) = entry.split(&ChannelSettings::KEYS);
        let Some(mut settings) = document.read_as::<ChannelSettings>(&common, &entry.subject, &[]) else {
            continue;
        };
        for label in settings.name.iter_mut().chain(&mut settings.on) {
            *label = shown_label(document, label);
        }
        names.claim(document, &entry, settings.name.as_deref());
        contents.references.channel(settings.name.as_deref());
        let read = kind_of(&settings).map_err(|message| entry.report(document, [Finding::new("kind", message)]));
        let Ok(kind) = read else { continue };
        let Some(kind) = read_own(document, &entry, &own, kind) else {
            continue;
        };
        match settings.resolve(kind) {
            Ok(channel) => {
                contents.heard.extend(entry.selectors(document, &channel.audience.on));
                contents.channels.push(channel);
            }
            Err(findings) => entry.report(document, findings),
        }
    }
}

/// A channel that listens to what is not there is allowed, but rarely meant.
pub(super) fn unmatched(
    heard: &[PlacedSelector],
    targets: &[TargetConfig],
    objectives: &[Objective],
) -> impl Iterator<Item = Problem> {
    let is_heard = |on: &Selector| {
        *on == Selector::Host
            || targets.iter().any(|target| {
                let group = target.group.as_ref().map(Text::as_str);
                on.matches(target.name.as_str(), target.kind.kind().name, group)
            })
            || objectives.iter().any(|objective| match objective.scope {
                Scope::Pooled => on.matches_subject(objective.name.as_str()),
                Scope::Each => targets
                    .iter()
                    .any(|target| on.matches_subject(objective.name_for(&target.name).as_str())),
            })
    };
    let unmatched = heard.iter().filter(move |placed| !is_heard(&placed.selector));
    unmatched.map(|placed| Problem {
        place: placed.place.clone(),
        message: format!(
            "{}{:?} matches no target and no objective; name one, group:NAME, kind:NAME or host",
            placed.subject,
            placed.selector.to_string()
        ),
    })
}

fn kind_of(settings: &ChannelSettings) -> Result<&'static Kind, String> {
    let known = || Kind::names().collect::<Vec<_>>().join(", ");
    let Some(name) = &settings.kind else {
        return Err(format!(
            "has no kind; add kind = \"webhook\", or another of {}",
            known()
        ));
    };
    Kind::of_name(name).ok_or_else(|| format!("kind is {name:?}; use one of {}", known()))
}

fn read_own(
    document: &mut Document<'_>,
    entry: &Entry<'_>,
    own: &super::document::Table<'_>,
    kind: &'static Kind,
) -> Option<ChannelKind> {
    document.read(own, &entry.subject, &ChannelSettings::KEYS, kind.read)
}
