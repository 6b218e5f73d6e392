//! The engine as it begins: its queues and threads, the first configuration, and what was remembered.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_engine::history::History;
use probetop_engine::monitor::Monitor;
use probetop_probe::source::host::usage::Usage;
use probetop_probe::source::idle;
use probetop_probe::source::runner;
use probetop_probe::source::sink::{self, Inbox, QUEUE_CAPACITY, Sink};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Running;
use super::subscriber::Subscribers;
use crate::config::Config;
use crate::notify::kind::ChannelContext;
use crate::run::Setup;
use crate::run::control::Place;
use crate::run::limits::Descriptors;
use crate::run::loader::Loader;
use crate::run::log::Log;
use crate::run::message::Event;
use crate::run::notify::Notifier;
use crate::run::prepare::Maker;
use crate::run::roster::Roster;
use crate::run::signal::Listener;

/// The thread that probes, and the ways to it and from it.
struct Probing {
    sink: Sink,
    inbox: Inbox,
    roster: Roster,
    descriptors: Descriptors,
    cancel: CancellationToken,
    thread: JoinHandle<io::Result<()>>,
}

impl Probing {
    /// Probes nothing yet, within what the limit of descriptors leaves for the targets of `config`.
    fn start(config: &Config, clock: &Clock) -> io::Result<Self> {
        let (sink, inbox) = sink::queue(QUEUE_CAPACITY);
        let (changes, receiver) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        let descriptors = Descriptors::of_this_process();
        let share = descriptors.share(config.targets.connections());
        idle::keep_at_most(share.idle);
        let thread = runner::spawn(clock.clone(), sink.clone(), share.probes, receiver, cancel.clone())?;
        Ok(Self {
            sink,
            inbox,
            roster: Roster::new(changes),
            descriptors,
            cancel,
            thread,
        })
    }
}

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
        let probing = Probing::start(&config, &clock)?;
        let context = ChannelContext {
            terminal: setup.terminal,
        };
        let maker = Maker::new(clock.clone(), context);
        let prepared = maker.prepare(config, None);
        let mut prepared = prepared.map_err(io::Error::other)?;
        let config = Arc::clone(&prepared.config);
        let mut roster = probing.roster;
        let mut notifier = Notifier::new(clock.clone());
        notifier.get_ready(&config)?;
        notifier.follow(&config, std::mem::take(&mut prepared.channels));
        let (plan, _) = roster.follow(&prepared, None);
        let load = setup.load;
        let loader = load.map(|load| Loader::start(load, maker, &config)).transpose()?;
        let monitor = Monitor::new(plan, clock.now(), clock.wall());
        let mut engine = Self {
            history: History::new(Duration::ZERO, &monitor),
            past: setup.past,
            monitor,
            announced: Vec::new(),
            subscribers: Subscribers::new(),
            control: None,
            usage: Usage::new(),
            pace: Arc::default(),
            host: None,
            awake: clock.now(),
            clock,
            tell,
            ending,
            sink: probing.sink,
            inbox: probing.inbox,
            roster,
            loader,
            descriptors: probing.descriptors,
            cancel: probing.cancel,
            probes: probing.thread,
            log,
            state_file: None,
            exports: Vec::new(),
            secrets: config.secrets().clone(),
            notifier,
            config,
        };
        engine.begin()?;
        Ok((engine, signals))
    }

    /// What its first configuration asks for.
    fn begin(&mut self) -> io::Result<()> {
        let config = Arc::clone(&self.config);
        self.notifier.know(&self.monitor);
        self.follow_host(&config)?;
        self.start_log();
        self.follow_control(&config, &Place::of(config.path.as_deref()));
        self.remember();
        self.history = History::new(self.past.length(&config), &self.monitor);
        self.warn_of_limit();
        Ok(())
    }
}
