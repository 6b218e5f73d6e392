//! What the engine is asked for while it runs: by the screen, by other programs and by signals.

use std::sync::mpsc as sync_mpsc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Mark, MarkOrigin, Text};
use probetop_core::snapshot::{Feed, Snapshot};
use probetop_engine::monitor::Input;

use super::Running;
use crate::run::signal::Signal;
use crate::run::{Command, Event, LastProbes};

/// Whether the engine goes on after a command.
pub(super) enum Next {
    GoOn,
    Finish(LastProbes, sync_mpsc::Sender<Snapshot>),
}

impl Running<'_> {
    pub(super) fn obey(&mut self, command: Command) -> Next {
        match command {
            // However much was asked for just before the end, nobody will see it.
            Command::Query(_) | Command::Reload | Command::Processes(_) if self.is_ending() => {}
            Command::Query(query) => {
                match query.feed {
                    Feed::At(at) => self.hold(at),
                    Feed::Live => {
                        self.held = None;
                        self.history.forget_recalled();
                    }
                }
                self.look(&query);
                self.query = query;
                self.publish();
            }
            Command::Export(document) => self.export(document),
            Command::Reload => self.reload(),
            Command::Mark(at, label) => {
                self.mark(at, label, MarkOrigin::Keyboard);
                self.publish();
            }
            Command::Act(act) => {
                self.take(Input::Act(act));
                self.publish();
            }
            Command::Notice(severity, text) => self.notify(severity, text.as_str().to_owned()),
            Command::Processes(pace) => self.pace.set(pace),
            Command::Finish(last_probes, reply) => return Next::Finish(last_probes, reply),
        }
        Next::GoOn
    }

    pub(super) fn mark(&mut self, at: Timestamp, label: Text, origin: MarkOrigin) {
        if let Some(log) = &mut self.log {
            log.mark(self.clock.now(), at, &label);
        }
        self.take(Input::Mark(Mark { at, label, origin }));
    }

    pub(super) fn signalled(&mut self, signal: Signal) {
        match signal {
            Signal::Reload => self.reload(),
            Signal::Interrupt
            | Signal::Terminate
            | Signal::Hangup
            | Signal::Deadly(_)
            | Signal::Suspend
            | Signal::Resume
            | Signal::Resize => (self.tell)(Event::Signal(signal)),
        }
    }
}
