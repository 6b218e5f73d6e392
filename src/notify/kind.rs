//! The registry of channel kinds: which keys each understands, who reads what it sends, and how it is made.
//!
//! A kind is a file that defines its settings and its channel, and says so in a [`Kind`]. Adding one adds a line to
//! [`KINDS`]; nothing else knows how many there are.

use std::fmt;
use std::sync::Arc;

use probetop_core::setting::Finding;
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use toml::Table;
use toml::de::{Error, ValueDeserializer};

use super::channel::Channel;
use super::terminal::Attend;
use super::{alertmanager, command, email, pagerduty, slack, terminal, webhook};

/// Every kind there is, in the order of the reference.
pub static KINDS: &[&Kind] = &[
    &webhook::KIND,
    &slack::KIND,
    &alertmanager::KIND,
    &pagerduty::KIND,
    &email::KIND,
    &command::KIND,
    &terminal::KIND,
];

/// One row of the registry.
pub struct Kind {
    /// The value of `kind` that picks it.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// The least that must be said beside name and kind, as TOML.
    pub example: &'static str,
    pub reader: Reader,
    /// Keys that must be there.
    pub required: &'static [&'static str],
    /// Keys whose values are secrets, whatever their name; of a URL the host is shown.
    pub secret: &'static [&'static str],
    /// Reads the keys that only this kind has; refuses all others.
    pub read: fn(ValueDeserializer<'_>) -> Result<ChannelKind, Error>,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Who reads what a channel sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A message for each group, short ones, and not too many.
    People,
    /// Everything in the order in which it happened, at most so many announcements in a message.
    Machines { at_once: usize },
}

/// The keys of a channel that only its kind has, as they are written. `Debug` shows no secret.
pub trait KindSettings: fmt::Debug + Send + Sync {
    fn kind(&self) -> &'static Kind;

    /// What is wrong with the keys.
    fn check(&self) -> Vec<Finding>;

    /// Makes the channel.
    ///
    /// # Errors
    /// Says what is wrong with the settings, or that the system refuses what the channel needs; without secrets.
    fn build(&self, context: &ChannelContext) -> Result<Box<dyn Channel>, String>;

    /// The keys and their real values, secrets included.
    fn table(&self) -> Table;
}

/// What a channel is made with.
#[derive(Clone, Default)]
pub struct ChannelContext {
    /// The terminal of whoever looks; `None`: there is none.
    pub terminal: Option<Attend>,
}

/// Settings of whatever kind. Cheap to clone; equal when kind and keys are.
#[derive(Clone, Debug)]
pub struct ChannelKind(Arc<dyn KindSettings>);

impl ChannelKind {
    pub fn new(settings: impl KindSettings + 'static) -> Self {
        Self(Arc::new(settings))
    }
}

impl std::ops::Deref for ChannelKind {
    type Target = dyn KindSettings;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for ChannelKind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind(), other.kind()) && self.table() == other.table()
    }
}

/// Settings as a table, for [`KindSettings::table`].
pub fn table_of(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are keys and values")
}

impl Kind {
    pub fn of_name(name: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }

    /// Every kind's name, in the order of the registry.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|kind| kind.name)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use toml::Spanned;
    use toml::de::{DeTable, DeValue};

    use super::*;

    #[test]
    fn the_example_of_each_kind_is_sound_and_has_what_is_required() {
        for kind in KINDS {
            assert!(std::ptr::eq(Kind::of_name(kind.name).unwrap(), *kind));
            let example = DeTable::parse(kind.example).unwrap();
            let example = Spanned::new(example.span(), DeValue::Table(example.into_inner()));
            let settings = (kind.read)(ValueDeserializer::from(example)).unwrap();
            assert!(std::ptr::eq(settings.kind(), *kind));
            assert_eq!(settings.check(), [], "{}", kind.name);
            settings.build(&ChannelContext::default()).map(drop).unwrap();
            let table = settings.table();
            for key in kind.required.iter().chain(kind.secret) {
                assert!(table.contains_key(*key), "{}: {key}", kind.name);
            }
        }
    }

    #[test]
    fn settings_without_keys_are_read_and_miss_what_is_required() {
        for kind in KINDS {
            let settings = (kind.read)(ValueDeserializer::parse("{}").unwrap()).unwrap();
            let missing: Vec<_> = settings.check().into_iter().flat_map(|finding| finding.path).collect();
            assert_eq!(missing, kind.required, "{}", kind.name);
        }
    }
}
