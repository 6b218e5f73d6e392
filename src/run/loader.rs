//! The thread that reads the configuration again: when its file has changed, or when it is asked to.
//!
//! It alone touches the file system on the way to a new configuration, and nobody waits for it: a mounted file system that
//! does not answer costs the reload and nothing else. What it hands over can be followed without anything that fails.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use probetop_probe::worker;
use tokio::sync::mpsc as async_mpsc;

use super::Load;
use super::control::Place;
use super::prepare::{self, Maker, Prepared};
use super::reload::Watch;
use super::state_file::Opened;
use super::words;
use crate::config::{Config, FileKind};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the engine hears of the configuration's file.
pub(super) enum News {
    /// The file is another than the one that was read.
    Changed,
    /// What was asked for; or why the old configuration stays.
    Loaded(Box<Result<Loaded, String>>),
}

/// A new configuration, read and prepared.
pub(super) struct Loaded {
    pub prepared: Prepared,
    /// Its state file, where that is another than before.
    pub state: Option<Opened>,
    /// Where other programs find this one.
    pub place: Place,
}

/// The engine's end.
pub(super) struct Loader {
    orders: mpsc::Sender<Arc<Config>>,
    news: async_mpsc::UnboundedReceiver<News>,
    busy: bool,
}

/// Whether a load has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Begun,
    /// The one before has not ended.
    Busy,
}

impl Loader {
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn start(load: Load, maker: Maker, config: &Config) -> io::Result<Self> {
        let (orders, receiver) = mpsc::channel();
        let (sender, news) = async_mpsc::unbounded_channel();
        let mut reader = Reader {
            load,
            maker,
            watch: watch(config),
            news: sender,
        };
        // Never joined: it may hang in a file system until the process ends.
        worker::spawn("reload", move || reader.run(&receiver))?;
        Ok(Self {
            orders,
            news,
            busy: false,
        })
    }

    /// Asks for the configuration anew, where `in_force` is. [`News::Loaded`] answers.
    pub(super) fn load(&mut self, in_force: &Arc<Config>) -> Asked {
        if self.busy {
            return Asked::Busy;
        }
        // The thread ends only when this is dropped.
        self.busy = self.orders.send(Arc::clone(in_force)).is_ok();
        Asked::Begun
    }

    /// The next news.
    pub(super) async fn next(&mut self) -> News {
        match self.news.recv().await {
            Some(news) => {
                if let News::Loaded(_) = &news {
                    self.busy = false;
                }
                news
            }
            // A defect in the thread was reported there: there is no news any more.
            None => std::future::pending().await,
        }
    }
}

/// The thread's end.
struct Reader {
    load: Load,
    maker: Maker,
    watch: Option<Watch>,
    news: async_mpsc::UnboundedSender<News>,
}

impl Reader {
    fn run(&mut self, orders: &mpsc::Receiver<Arc<Config>>) {
        loop {
            let order = match self.watch {
                Some(_) => orders.recv_timeout(LOOK_EVERY),
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let news = match order {
                Ok(in_force) => News::Loaded(Box::new(self.read(&in_force))),
                Err(RecvTimeoutError::Timeout) if self.watch.as_mut().is_some_and(Watch::has_changed) => News::Changed,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if self.news.send(news).is_err() {
                return;
            }
        }
    }

    fn read(&mut self, in_force: &Config) -> Result<Loaded, String> {
        if let (FileKind::Pipe, Some(path)) = (in_force.file, &in_force.path) {
            return Err(words::read_once(path));
        }
        if let Some(watch) = &mut self.watch {
            // Asked for by a signal or a key: the file as it is now need not be noticed once more.
            watch.see();
        }
        let config = (self.load)().map_err(|problems| words::refused(&problems))?;
        still_there(&config, in_force)?;
        let prepared = self.maker.prepare(config, Some(in_force));
        let prepared = prepared.map_err(|problems| words::refused(&problems))?;
        let state = prepare::state_file(&prepared.config, in_force)?;
        if prepared.config.path != in_force.path {
            self.watch = watch(&prepared.config);
        }
        let place = Place::of(prepared.config.path.as_deref());
        Ok(Loaded { prepared, state, place })
    }
}

/// What is read from a pipe cannot change.
fn watch(config: &Config) -> Option<Watch> {
    let path = config.path.as_deref();
    path.filter(|_| config.file != FileKind::Pipe).map(Watch::new)
}

/// A file that is gone or empty is no wish to watch nothing.
fn still_there(config: &Config, in_force: &Config) -> Result<(), String> {
    let is_gone = |path: &&Path| config.path.as_deref() != Some(path) && !path.exists();
    match in_force.path.as_deref() {
        Some(path) if is_gone(&path) => Err(words::gone(path)),
        Some(path) if config.file == FileKind::Blank && in_force.file == FileKind::Regular => Err(words::blank(path)),
        Some(_) | None => Ok(()),
    }
}
