//! Between the engine and those who are told: what the monitor announces goes out, how the channels do comes back.
//!
//! The thread `notify` is there once a channel is configured.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use probetop_core::clock::Clock;
use probetop_core::sample::{ChannelReport, Observation, Text};
use probetop_core::snapshot::Announcement;
use probetop_engine::monitor::Monitor;
use rustix::system::uname;

use crate::config::Config;
use crate::config::secret::Secrets;
use crate::notify::audience::Targets;
use crate::notify::dispatcher::{Dispatcher, Made};
use crate::notify::lane::Offer;

/// The name of this machine.
pub fn machine() -> Text {
    Text::clean_bytes(uname().nodename().to_bytes())
}

/// The engine's end of the thread `notify`.
pub(super) struct Notifier {
    clock: Clock,
    dispatcher: Option<Dispatcher>,
    targets: Targets,
    /// Whether some of these are gone since the last that was handed out.
    has_gone: bool,
    secrets: Secrets,
}

impl Notifier {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            dispatcher: None,
            targets: Targets::default(),
            has_gone: false,
            secrets: Secrets::default(),
        }
    }

    /// Has a thread for the channels of `config`, if there are any.
    ///
    /// # Errors
    /// The system has none to give.
    pub(super) fn get_ready(&mut self, config: &Config) -> io::Result<()> {
        if self.dispatcher.is_none() && !config.channels.is_empty() {
            let since_epoch = self.clock.wall().duration_since(std::time::UNIX_EPOCH);
            let seed = since_epoch.unwrap_or_default().as_nanos() as u64;
            self.dispatcher = Some(Dispatcher::start(self.clock.clone(), machine(), seed)?);
        }
        Ok(())
    }

    /// Tells by the channels of `config` from now on; `made` are those that are new.
    pub(super) fn follow(&mut self, config: &Config, made: Vec<Made>) {
        self.secrets.clone_from(config.secrets());
        if let Some(dispatcher) = &mut self.dispatcher {
            dispatcher.follow(&config.channels, made);
        }
    }

    /// Looks at who is watched. Those that are gone are remembered until the end of their alerts has been handed out.
    pub(super) fn know(&mut self, monitor: &Monitor) {
        if self.dispatcher.is_some() {
            let known = monitor.targets().map(|(info, _)| (info.id, Arc::new(info.clone())));
            Arc::make_mut(&mut self.targets).extend(known);
            self.has_gone = self.targets.len() > monitor.targets().len();
        }
    }

    /// Hands out what the monitor has to tell. Gives how the channels do, when that is news.
    pub(super) fn pass(&mut self, announcements: Vec<Announcement>, monitor: &Monitor) -> Option<Observation> {
        let dispatcher = self.dispatcher.as_mut()?;
        dispatcher.offer(&Offer {
            announcements,
            targets: Arc::clone(&self.targets),
            wall_origin: monitor.wall_origin(),
        });
        if std::mem::take(&mut self.has_gone) {
            let watched: HashSet<_> = monitor.targets().map(|(info, _)| info.id).collect();
            Arc::make_mut(&mut self.targets).retain(|id, _| watched.contains(id));
        }
        let reports = dispatcher.reports()?;
        Some(self.shown(&reports))
    }

    /// Hands each channel what it owes since the run before. Says how much of that nobody can tell any more.
    pub(super) fn resume(&mut self, owed: Vec<Announcement>, wall_origin: SystemTime) -> Option<String> {
        let mut by_channel: BTreeMap<Text, Vec<Announcement>> = BTreeMap::new();
        for announcement in owed {
            let channel = announcement.only_to.clone().unwrap_or_default();
            by_channel.entry(channel).or_default().push(announcement);
        }
        let mut lost = Vec::new();
        for (channel, announcements) in by_channel {
            let offer = Offer {
                announcements,
                targets: Arc::clone(&self.targets),
                wall_origin,
            };
            let dispatcher = self.dispatcher.as_ref();
            if !dispatcher.is_some_and(|dispatcher| dispatcher.offer_to(channel.as_str(), &offer)) {
                lost.push(format!("{} for {channel}", offer.announcements.len()));
            }
        }
        let lost = Some(lost.join(", ")).filter(|lost| !lost.is_empty())?;
        Some(format!(
            "announcements left by the last run will not be delivered: {lost}; no channel has that name any more"
        ))
    }

    /// What has not come to its receiver yet, by the name of the channel.
    pub(super) fn untold(&self) -> Vec<(Text, Announcement)> {
        let dispatcher = self.dispatcher.iter();
        dispatcher.flat_map(Dispatcher::untold).collect()
    }

    /// Changes with [`Notifier::untold`].
    pub(super) fn revision(&self) -> u64 {
        self.dispatcher.as_ref().map_or(0, Dispatcher::revision)
    }

    /// Gives what waits a few seconds to leave. What has not left by then is still told by [`Notifier::untold`].
    pub(super) fn finish(&mut self) -> Option<Observation> {
        let reports = self.dispatcher.as_mut()?.finish();
        Some(self.shown(&reports))
    }

    /// Receivers may repeat what came from the environment.
    fn shown(&self, reports: &[ChannelReport]) -> Observation {
        let shown = |report: &ChannelReport| {
            let mut report = report.clone();
            if let Some((_, error)) = &mut report.error {
                self.secrets.redactor().cleanse(error);
            }
            report
        };
        Observation::Channels(reports.iter().map(shown).collect())
    }
}
