//! What the screen has done on its own machine: finding out what listens, and watching what was chosen of it.
//!
//! It stands between the screen and the engine: everything else goes through. Work is done on a thread of its own, and what
//! came of it is an event for the screen.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use probetop_core::sample::{Severity, Text};
use probetop_core::snapshot::{Errand, Offer, ProcessSignal, Reader, Request, Snapshot};
use probetop_probe::source::discovery;
use probetop_probe::source::host::process_signal;
use probetop_probe::worker;
use probetop_screen::ui;

use crate::config::{Overrides, discovered};
use crate::run::Subscription;

/// Targets that were chosen on the screen, as a command line names them. The configuration is loaded with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Picked(Arc<Mutex<Vec<String>>>);

impl Picked {
    /// The command line with the targets that were chosen behind its own.
    pub(super) fn behind(&self, typed: &Overrides) -> Overrides {
        let mut overrides = typed.clone();
        // Nothing is half done when somebody panics who holds it.
        let picked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        overrides.targets.extend(picked.iter().cloned());
        overrides
    }

    fn add(&self, offer: &Offer) {
        let target = format!("{}={}", offer.name, offer.url);
        let mut picked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !picked.contains(&target) {
            picked.push(target);
        }
    }
}

/// The screen's way to the engine.
pub(super) struct ErrandDesk {
    pub engine: Subscription,
    pub screen: Sender<ui::Event>,
    pub picked: Picked,
}

impl ErrandDesk {
    fn discover(&self) {
        let screen = self.screen.clone();
        let answer = self.screen.clone();
        let work = move || {
            // A screen that has ended wants to know no more.
            let _ = screen.send(ui::Event::Discovered(found()));
        };
        if let Err(error) = worker::spawn("discovery", work) {
            let why = Text::clean(&format!("cannot look: {error}"));
            let _ = answer.send(ui::Event::Discovered(Err(why)));
        }
    }
}

impl ErrandDesk {
    /// Sends a signal, and says what came of it.
    fn send(&self, signal: &ProcessSignal) {
        let whom = format!("{}, pid {}", signal.name, signal.pid);
        let (severity, words) = match process_signal::send(signal) {
            Ok(()) => (Severity::Info, format!("{} sent to {whom}", signal.signal.name())),
            Err(why) => (Severity::Warning, format!("nothing sent to {whom}: {why}")),
        };
        let text = Text::clean(&words);
        // All who read and the log shall know of it, too.
        self.engine.ask(Request::Notice(severity, text));
    }
}

impl Reader for ErrandDesk {
    fn ask(&self, request: Request) {
        match request {
            Request::Errand(Errand::Discover) => self.discover(),
            Request::Errand(Errand::Watch(offer)) => {
                self.picked.add(&offer);
                self.engine.ask(Request::Reload);
            }
            Request::Errand(Errand::Signal(signal)) => self.send(&signal),
            request => self.engine.ask(request),
        }
    }

    fn next(&self) -> Option<Arc<Snapshot>> {
        self.engine.next()
    }
}

fn found() -> Result<Vec<Offer>, Text> {
    let listening = discovery::listening().map_err(|why| Text::clean(&why))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Text::clean(&format!("cannot ask the network: {error}")))?;
    Ok(discovered::offers(&runtime.block_on(discovery::discover(listening))))
}
