//! What the engine is asked for while it runs: by its readers, by other programs and by signals.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Mark, MarkOrigin, Text};
use probetop_core::snapshot::Request;
use probetop_engine::monitor::Input;

use super::Running;
use crate::run::message::{Command, Event, Finish, SubscriberId};
use crate::run::signal::Signal;

/// Whether the engine goes on after a command.
pub(super) enum Next {
    GoOn,
    Finish(Finish),
}

impl Running<'_> {
    pub(super) fn obey(&mut self, command: Command) -> Next {
        match command {
            Command::Subscribe(id, interest, mailbox) => self.subscribe(id, interest, mailbox),
            Command::Unsubscribe(id) => self.unsubscribe(id),
            Command::Ask(by, request) => self.ask(by, request),
            Command::Finish(finish) => return Next::Finish(finish),
        }
        Next::GoOn
    }

    /// Does what was asked for; by a reader, or by somebody who reads nothing.
    pub(super) fn ask(&mut self, by: Option<SubscriberId>, request: Request) {
        match (request, by) {
            // However much was asked for just before the end, nobody will see it.
            (Request::Query(_) | Request::Processes(_) | Request::Reload, _) if self.is_ending() => {}
            (Request::Query(query), Some(id)) => self.follow_query(id, query),
            (Request::Processes(shown), Some(id)) => self.show_processes(id, shown),
            (Request::Export(document), Some(id)) => {
                self.as_seen_by(id, |engine, sight, query| engine.export(sight, query, document));
            }
            // There is no second that somebody looks at who reads nothing.
            (Request::Query(_) | Request::Processes(_) | Request::Export(_), None) => {}
            (Request::Reload, _) => self.reload(),
            (Request::Mark { at, label, origin }, _) => {
                self.mark(at.unwrap_or(self.clock.now()), label, origin);
                self.publish();
            }
            (Request::Act(act), _) => {
                self.take(Input::Act(act));
                self.publish();
            }
            (Request::Notice(severity, text), _) => self.notify(severity, text.as_str().to_owned()),
            (Request::Errand(_), _) => {}
        }
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
