//! The engine follows its configuration: at the start, and each time it is loaded again.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio_util::sync::CancellationToken;

use super::Running;
use super::beat::SECOND;
use crate::config::Config;
use crate::run::Event;
use crate::run::control::{Control, Place};
use crate::run::reload::Watch;
use crate::run::state_file::Keeper;
use crate::run::words;
use crate::sample::{MarkOrigin, Severity, Text};
use crate::source::host;

/// The thread that reads this machine.
pub(super) struct Machine {
    pub cancel: CancellationToken,
    pub thread: JoinHandle<()>,
}

impl Running<'_> {
    pub(super) fn reload(&mut self) {
        let Some(load) = &self.load else { return };
        if let Some(watch) = &mut self.watch {
            // Asked for by a signal or a key: the file as it is now need not be noticed once more.
            watch.see();
        }
        let outcome = load()
            .map_err(|problems| words::refused(&problems))
            .and_then(|config| self.still_there(config))
            .and_then(|config| self.follow(&config).map_err(|error| error.to_string()));
        match outcome {
            Ok(done) => {
                let now = self.clock.now();
                self.mark(now, Text::from("configuration loaded again"), MarkOrigin::Reload);
                self.notify(Severity::Info, done);
            }
            Err(problem) => self.notify(Severity::Warning, format!("the old configuration stays: {problem}")),
        }
    }

    /// A file that is gone is no wish to watch nothing.
    fn still_there(&self, config: Config) -> Result<Config, String> {
        match &self.path {
            Some(path) if config.path != self.path && !path.exists() => Err(words::gone(path)),
            Some(_) | None => Ok(config),
        }
    }

    /// Says what it did.
    fn follow(&mut self, config: &Config) -> io::Result<String> {
        self.notifier.follow(config)?;
        (self.tell)(Event::Screen(Box::new(config.ui.clone())));
        let (plan, difference) = self.roster.follow(config)?;
        let now = self.clock.now();
        self.history.plan(&plan, now);
        self.history.keep(config.history);
        self.monitor.configure(plan, now);
        self.notifier.know(&self.monitor);
        self.secrets.clone_from(config.secrets());
        if let Some(log) = &mut self.log {
            log.follow(self.clock.now(), &self.monitor);
        }
        self.follow_host(config)?;
        self.follow_control(config);
        self.contrast.follow(config);
        self.follow_state_file(config);
        if self.path != config.path {
            self.watch = config.path.as_deref().map(Watch::new);
            self.path.clone_from(&config.path);
        }
        Ok(words::reloaded(difference, config))
    }

    /// Opens or closes the way in for other programs. Without it everything else goes on.
    pub(super) fn follow_control(&mut self, config: &Config) {
        match (config.control, self.control.is_some()) {
            (true, false) => match Control::open(&Place::of(self.path.as_deref())) {
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
    pub(super) fn remember(&mut self, config: &Config) {
        self.follow_state_file(config);
        let Some(keeper) = &self.keeper else { return };
        match keeper.read() {
            Ok(Some(saved)) => {
                let untold = self.monitor.restore(&saved);
                if let Some(problem) = self.notifier.resume(untold, self.monitor.wall_origin()) {
                    self.notify(Severity::Warning, problem);
                }
            }
            Ok(None) => {}
            Err(problem) => self.notify(Severity::Warning, problem),
        }
    }

    /// Writes what is to be remembered of the alerts and what is still to be told of them, when that has changed.
    pub(super) fn keep(&mut self) {
        let Some(keeper) = &mut self.keeper else { return };
        let revision = (self.monitor.saved_revision(), self.notifier.revision());
        let alerts = || self.monitor.saved_alerts(&self.notifier.untold());
        if let Err(problem) = keeper.write(revision, alerts) {
            self.notify(Severity::Warning, problem);
        }
    }

    fn follow_state_file(&mut self, config: &Config) {
        let path = config.alerts.state_file.as_deref();
        if self.keeper.as_ref().map(Keeper::path) != path {
            self.keeper = path.map(Keeper::new);
        }
    }

    /// Starts or stops reading this machine.
    pub(super) fn follow_host(&mut self, config: &Config) -> io::Result<()> {
        match (config.host.is_some(), self.host.take()) {
            (true, None) => {
                let (cancel, sink) = (CancellationToken::new(), self.sink.clone());
                let send = move |input| sink.send(input);
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
