//! The engine follows its configuration: at the start, and each time it is loaded again.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use probetop_core::sample::{MarkOrigin, Severity, Text};
use probetop_engine::alert::saved::SavedAlerts;
use probetop_engine::monitor::Input;
use probetop_probe::source::{host, idle};
use tokio_util::sync::CancellationToken;

use super::Running;
use super::beat::SECOND;
use crate::config::Config;
use crate::run::control::{Control, Place};
use crate::run::loader::{Asked, Loaded};
use crate::run::state_file::{self, Opened};
use crate::run::{Event, words};

/// How long the end waits for the state file.
const KEEP_PATIENCE: Duration = Duration::from_secs(2);

/// The thread that reads this machine.
pub(super) struct Machine {
    pub cancel: CancellationToken,
    pub thread: JoinHandle<()>,
}

impl Running<'_> {
    /// Asks for the configuration anew; [`Running::loaded`] hears of it.
    pub(super) fn reload(&mut self) {
        let Some(loader) = &mut self.loader else { return };
        match loader.load(&self.config) {
            Asked::Begun => {}
            Asked::Busy => self.notify(Severity::Info, "the configuration is still being read".to_owned()),
        }
    }

    pub(super) fn loaded(&mut self, outcome: Result<Loaded, String>) {
        match outcome.and_then(|loaded| self.follow(loaded).map_err(|error| error.to_string())) {
            Ok(done) => {
                let now = self.clock.now();
                self.mark(now, Text::from("configuration loaded again"), MarkOrigin::Reload);
                self.notify(Severity::Info, done);
                self.warn_of_limit();
            }
            Err(problem) => self.notify(Severity::Warning, format!("the old configuration stays: {problem}")),
        }
    }

    /// Follows all of it, or nothing. Says what it did.
    fn follow(&mut self, loaded: Loaded) -> io::Result<String> {
        let Loaded {
            mut prepared,
            state,
            place,
        } = loaded;
        let config = Arc::clone(&prepared.config);
        // Threads are what can still be refused; from then on nothing fails.
        self.notifier.get_ready(&config)?;
        self.follow_host(&config)?;
        self.notifier.follow(&config, std::mem::take(&mut prepared.channels));
        (self.tell)(Event::Screen(Box::new(config.ui.clone())));
        let (plan, difference) = self.roster.follow(&prepared, Some(&self.config));
        let share = self.descriptors.share(config.targets.connections());
        self.roster.limit(share.probes);
        idle::keep_at_most(share.idle);
        let now = self.clock.now();
        self.take(Input::Plan {
            at: now,
            plan: Box::new(plan),
        });
        self.history.keep(self.past.length(&config));
        self.notifier.know(&self.monitor);
        self.secrets.clone_from(config.secrets());
        if let Some(log) = &mut self.log {
            log.follow(self.clock.now(), &self.monitor);
        }
        self.follow_control(&config, &place);
        self.follow_baseline(&config);
        self.follow_state_file(&config, state);
        self.config = config;
        Ok(words::reloaded(difference, &self.config))
    }

    pub(super) fn warn_of_limit(&mut self) {
        if let Some(warning) = self.descriptors.warning(self.config.targets.connections()) {
            self.notify(Severity::Warning, warning);
        }
    }

    /// Opens or closes the way in for other programs. Without it everything else goes on.
    pub(super) fn follow_control(&mut self, config: &Config, place: &Place) {
        match (config.control, self.control.is_some()) {
            (true, false) => match Control::open(place) {
                Ok(control) => self.control = Some(control),
                Err(error) => self.notify(
                    Severity::Info,
                    format!("`probetop mark` cannot reach this one: {error}"),
                ),
            },
            (false, true) => self.control = None,
            (true, true) | (false, false) => {}
        }
    }

    /// Goes on with the alerts of the run before.
    pub(super) fn remember(&mut self) {
        let Some(path) = &self.config.alerts.state_file else {
            return;
        };
        let begun = state_file::begin(path);
        self.state_file = begun.state_file;
        if let Some(saved) = begun.saved {
            self.take_over(saved);
        }
        if let Some(warning) = begun.warning {
            self.notify(Severity::Warning, warning);
        }
    }

    fn take_over(&mut self, saved: SavedAlerts) {
        let told = self.apply(Input::Restored(Box::new(saved)));
        let (owed, news): (Vec<_>, Vec<_>) = told.into_iter().partition(|told| told.only_to.is_some());
        self.announced.extend(news);
        if let Some(problem) = self.notifier.resume(owed, self.monitor.wall_origin()) {
            self.notify(Severity::Warning, problem);
        }
    }

    /// Writes what is to be remembered of the alerts and what is still to be told of them, when that has changed.
    pub(super) fn keep(&mut self) {
        let Some(state_file) = &mut self.state_file else { return };
        let revision = (self.monitor.saved_revision(), self.notifier.revision());
        let alerts = || self.monitor.saved_alerts(&self.notifier.untold());
        if let Err(problem) = state_file.write(revision, alerts) {
            self.notify(Severity::Warning, problem);
        }
    }

    /// The same at the end, with the little patience there is.
    pub(super) fn keep_at_end(&mut self) {
        let Some(state_file) = self.state_file.take() else {
            return;
        };
        let revision = (self.monitor.saved_revision(), self.notifier.revision());
        let alerts = || self.monitor.saved_alerts(&self.notifier.untold());
        if let Err(problem) = state_file.finish(revision, alerts, KEEP_PATIENCE) {
            self.notify(Severity::Warning, problem);
        }
    }

    /// From another state file on the alerts that it remembers are taken in beside those there are.
    fn follow_state_file(&mut self, config: &Config, opened: Option<Opened>) {
        match (&config.alerts.state_file, opened) {
            (_, Some(Opened { state_file, saved })) => {
                self.state_file = Some(state_file);
                if let Some(saved) = saved {
                    self.take_over(saved);
                }
            }
            (None, None) => self.state_file = None,
            (Some(_), None) => {}
        }
    }

    /// Starts or stops reading this machine.
    pub(super) fn follow_host(&mut self, config: &Config) -> io::Result<()> {
        match (config.host.is_some(), self.host.take()) {
            (true, None) => {
                let (cancel, sink) = (CancellationToken::new(), self.sink.clone());
                let send = move |observation| sink.send(observation);
                let thread = host::spawn(self.clock.clone(), SECOND, Arc::clone(&self.pace), send, cancel.clone())?;
                self.host = Some(Machine { cancel, thread });
            }
            (false, Some(host)) => host.cancel.cancel(),
            (true, running) => self.host = running,
            (false, None) => {}
        }
        Ok(())
    }
}
