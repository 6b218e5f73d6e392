//! The engine follows its configuration: at the start, and each time it is loaded again.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio_util::sync::CancellationToken;

use super::{Running, SECOND};
use crate::config::Config;
use crate::run::reload::Watch;
use crate::run::words;
use crate::sample::Severity;
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
            Ok(done) => self.notify(Severity::Info, done),
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
        let (plan, difference) = self.roster.follow(config)?;
        self.monitor.configure(plan, self.clock.now());
        self.notifier.know(&self.monitor);
        self.secrets.clone_from(config.secrets());
        if let Some(log) = &mut self.log {
            log.follow(self.clock.now(), &self.monitor);
        }
        self.follow_host(config)?;
        if self.path != config.path {
            self.watch = config.path.as_deref().map(Watch::new);
            self.path.clone_from(&config.path);
        }
        Ok(words::reloaded(difference, config))
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
