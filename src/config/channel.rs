//! The list `[[notify]]` of the file.

use toml::Spanned;
use toml::de::DeValue;

use super::CHANNEL_LIMIT;
use super::document::Document;
use super::entries::{Entry, Names, entries, shown_label};
use super::file::Contents;
use crate::notify::kind::{ChannelKind, Kind};
use crate::notify::settings::ChannelSettings;
use crate::setting::Finding;

/// Reads `[[notify]]`.
pub fn read_channels(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
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
        let read = kind_of(&settings).map_err(|message| entry.report(document, [Finding::new("kind", message)]));
        let Ok(kind) = read else { continue };
        let Some(kind) = read_own(document, &entry, &own, kind) else {
            continue;
        };
        match settings.resolve(kind) {
            Ok(channel) => contents.channels.push(channel),
            Err(findings) => entry.report(document, findings),
        }
    }
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
