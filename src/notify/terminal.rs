//! The terminal that the screen is on: bell, window title, and notifications of the desktop.
//!
//! What reaches the eyes of somebody who works in another window, over SSH as well. The screen alone writes to the
//! terminal; it is handed what to do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use probetop_core::sample::{AlertId, Attention, Bell, Popup, PopupSequence, Severity, Text, Title};
use probetop_core::setting::Finding;
use probetop_core::snapshot::{Announcement, AnnouncementReason};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::channel::{Channel, Delivery, Fault};
use super::kind::{ChannelContext, ChannelKind, Kind, KindSettings, Reader, table_of};
use super::message::Message;

/// What the title counts; more is not counted, and a title that is too low by then is not what people look at.
const COUNTED_LIMIT: usize = 1_000;

pub static KIND: Kind = Kind {
    name: "terminal",
    about: "the terminal that the screen is on: bell, window title, notifications of the desktop",
    example: "desktop = \"osc9\"",
    reader: Reader::People,
    required: &[],
    secret: &[],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
};

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        Vec::new()
    }

    fn build(&self, context: &ChannelContext) -> Result<Box<dyn Channel>, String> {
        Ok(Box::new(Terminal::new(self.clone(), context.terminal.clone())))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

/// Hands to the screen what its terminal shall do.
pub type Attend = Arc<dyn Fn(Attention) + Send + Sync>;

/// The keys of a `terminal` channel beside those that every channel has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Ring the bell when something fires; terminals and tmux mark the window.
    pub bell: bool,
    /// Name in the window's title what fires; the title is given back when nothing does, and at the end.
    pub title: bool,
    /// Ask the terminal for a notification of the desktop: `osc9` (iTerm2, Windows Terminal, WezTerm, Ghostty), `osc777`
    /// (GNOME Terminal and others of VTE, urxvt, foot) or `off`.
    pub desktop: Desktop,
}

/// How a terminal is asked for a notification of the desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Desktop {
    #[default]
    Off,
    Osc9,
    Osc777,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bell: true,
            title: true,
            desktop: Desktop::default(),
        }
    }
}

/// The terminal of whoever looks.
pub struct Terminal {
    settings: Settings,
    /// `None`: nobody looks.
    attend: Option<Attend>,
    firing: Mutex<Firing>,
}

/// What was told to fire and not to be over, by which the title is made.
#[derive(Debug, Default)]
struct Firing(BTreeMap<AlertId, (Severity, Text)>);

impl Terminal {
    pub fn new(settings: Settings, attend: Option<Attend>) -> Self {
        Self {
            settings,
            attend,
            firing: Mutex::default(),
        }
    }

    fn attention(&self, message: &Message) -> Attention {
        let mut firing = self.firing.lock().unwrap_or_else(PoisonError::into_inner);
        firing.follow(message);
        let sequence = match self.settings.desktop {
            Desktop::Off => None,
            Desktop::Osc9 => Some(PopupSequence::Osc9),
            Desktop::Osc777 => Some(PopupSequence::Osc777),
        };
        Attention {
            bell: if self.settings.bell && !message.is_resolved() {
                Bell::Rung
            } else {
                Bell::Silent
            },
            title: if self.settings.title {
                firing.title()
            } else {
                Title::AsItIs
            },
            popup: sequence.map(|sequence| popup(sequence, message)),
        }
    }
}

impl Channel for Terminal {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        let outcome = match &self.attend {
            Some(attend) => {
                attend(self.attention(message));
                Ok(())
            }
            None => Err(Fault::Lasting {
                message: "there is no terminal: probetop runs without its screen".into(),
            }),
        };
        Box::pin(std::future::ready(outcome))
    }
}

impl Firing {
    fn follow(&mut self, message: &Message) {
        if message.is_resolved() && message.left_out > 0 {
            // Which of them are over is not known; what still fires is told again by its reminder.
            self.0.clear();
        }
        for Announcement { occasion, alert, .. } in &message.announcements {
            let what = || Text::clean(&format!("{} on {}", alert.name, alert.subject));
            match occasion {
                AnnouncementReason::Resolved => drop(self.0.remove(&alert.id)),
                AnnouncementReason::Firing
                | AnnouncementReason::Worsened { .. }
                | AnnouncementReason::Reminder(_)
                | AnnouncementReason::Escalation(_)
                | AnnouncementReason::Flapping => {
                    if self.0.len() < COUNTED_LIMIT || self.0.contains_key(&alert.id) {
                        self.0.insert(alert.id, (alert.severity, what()));
                    }
                }
            }
        }
    }

    /// The worst, of several the newest.
    fn title(&self) -> Title {
        let worst = self.0.iter().max_by_key(|(id, (severity, _))| (*severity, **id));
        let Some((_, (severity, what))) = worst else {
            return Title::GivenBack;
        };
        let more = match self.0.len() - 1 {
            0 => String::new(),
            more => format!(" (+{more})"),
        };
        Title::Ours(Text::clean(&format!("{}: {what}{more}", severity.name())))
    }
}

fn popup(sequence: PopupSequence, message: &Message) -> Popup {
    let reason = message.announcements.first().map(|worst| worst.alert.reason.clone());
    Popup {
        sequence,
        title: Text::clean(&message.title()),
        body: reason.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
