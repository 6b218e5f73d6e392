//! The engine as it begins: its queues and threads, the first configuration, and what was remembered.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Running;
use super::contrast::Contrast;
use crate::config::Config;
use crate::history::History;
use crate::monitor::Monitor;
use crate::notify::kind::Means;
use crate::run::log::Log;
use crate::run::notify::Notifier;
use crate::run::reload::Watch;
use crate::run::roster::Roster;
use crate::run::signal::Listener;
use crate::run::{Event, Setup, limits};
use crate::sample::Severity;
use crate::source::host::usage::Usage;
use crate::source::runner;
use crate::source::sink::{self, QUEUE_CAPACITY};

impl<'a> Running<'a> {
    pub(super) fn start(
        setup: Setup,
        ending: Arc<AtomicBool>,
        tell: &'a dyn Fn(Event),
    ) -> io::Result<(Self, Listener)> {
        let Setup { config, clock, .. } = setup;
        let log = setup
            .log
            .map(|settings| Log::open(&settings, clock.wall()))
            .transpose()?;
        let signals = Listener::try_new(setup.signals)?;
        let (sink, inbox) = sink::queue(QUEUE_CAPACITY);
        let (changes, receiver) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        let files = limits::open_files();
        let at_once = limits::probes_at_once(files, config.targets.connections());
        let probes = runner::spawn(clock.clone(), sink.clone(), at_once, receiver, cancel.clone())?;
        let mut roster = Roster::new(clock.clone(), changes);
        let shows_at_once = setup.terminal.is_some();
        let mut notifier = Notifier::new(
            clock.clone(),
            Means {
                terminal: setup.terminal,
            },
        );
        notifier.follow(&config)?;
        let (plan, _) = roster.follow(&config)?;
        let monitor = Monitor::new(plan, clock.now(), clock.wall());
        let mut engine = Self {
            history: History::new(Duration::ZERO, &monitor),
            monitor,
            held: None,
            contrast: Contrast::of(&config),
            control: None,
            watch: config.path.as_deref().map(Watch::new),
            path: config.path.clone(),
            usage: Usage::new(),
            pace: Arc::default(),
            host: None,
            clock,
            tell,
            ending,
            query: setup.query,
            shows_at_once,
            sink,
            inbox,
            roster,
            load: setup.load,
            cancel,
            probes,
            log,
            keeper: None,
            secrets: config.secrets().clone(),
            notifier,
        };
        engine.begin(&config)?;
        if let Some(warning) = limits::warning(files, config.targets.connections()) {
            engine.notify(Severity::Warning, warning);
        }
        Ok((engine, signals))
    }

    /// What its first configuration asks for.
    fn begin(&mut self, config: &Config) -> io::Result<()> {
        self.notifier.know(&self.monitor);
        self.follow_host(config)?;
        self.start_log();
        self.follow_control(config);
        self.remember(config);
        self.history = History::new(config.history, &self.monitor);
        Ok(())
    }
}
