//! A signal to a process: first whom, then which, then whether. Nothing is sent unless that was allowed at the start.

use std::time::SystemTime;

use probetop_core::sample::{ProcessReading, Severity, Text};
use probetop_core::snapshot::{Errand, Feed, ProcessSignal, SignalKind, Snapshot};

use super::pages::Sorted;
use super::picker::{Choice, Item, Menu};
use super::{Effect, View};

/// Whether signals may be sent: it was said when the program was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignalPolicy {
    Allowed,
    #[default]
    Refused,
}

impl View {
    pub(super) fn begin_signal(&mut self, snapshot: &Snapshot) {
        let refusal = match () {
            () if self.signals == SignalPolicy::Refused => "signals are off; start probetop with --allow-signals",
            () if self.pages.sorted() != Sorted::Processes => {
                "signals are sent from the table of processes, on the machine page"
            }
            () if snapshot.feed != Feed::Live => "signals are sent to processes of now, not of an earlier second",
            () => return self.begin_pick(Menu::Processes),
        };
        self.tell(Severity::Info, refusal.into());
    }

    /// The processes that are listed, in the order of the table.
    pub(super) fn process_items(snapshot: &Snapshot) -> Vec<Item> {
        let listed = snapshot.host.iter().flat_map(|host| &host.reading.processes);
        let mut listed: Vec<&ProcessReading> = listed.collect();
        listed.sort_by(|a, b| b.cpu_ratio.total_cmp(&a.cpu_ratio).then(a.pid.cmp(&b.pid)));
        let item = |process: &ProcessReading| {
            let about = process.command.as_ref().unwrap_or(&process.name);
            Item {
                name: process.name.clone(),
                about: about.clone(),
                note: Text::clean(&format!("pid {} {:>6.1}%", process.pid, process.cpu_ratio * 100.0)),
                choice: Choice::Process(process.pid),
            }
        };
        listed.into_iter().map(item).collect()
    }

    pub(super) fn signal_items() -> Vec<Item> {
        let item = |signal: SignalKind| Item {
            name: signal.name().into(),
            about: signal.about().into(),
            note: Text::default(),
            choice: Choice::Signal(signal),
        };
        SignalKind::ALL.into_iter().map(item).collect()
    }

    /// No is what enter takes unless another key was pressed.
    pub(super) fn confirm_items(&self) -> Vec<Item> {
        let Some(sending) = &self.sending else {
            return Vec::new();
        };
        let item = |name: String, is_meant| Item {
            name: Text::clean(&name),
            about: Text::clean(&format!("{}, pid {}", sending.name, sending.pid)),
            note: Text::default(),
            choice: Choice::Confirm(is_meant),
        };
        vec![
            item("no, leave it alone".to_owned(), false),
            item(format!("yes, send {}", sending.signal.name()), true),
        ]
    }

    pub(super) fn pick_process(&mut self, pid: u32, snapshot: &Snapshot) {
        let mut processes = snapshot.host.iter().flat_map(|host| &host.reading.processes);
        let Some(process) = processes.find(|process| process.pid == pid) else {
            return self.tell(Severity::Info, "it is among the largest no more".into());
        };
        let Some(started) = process.started else {
            let words = "when it was started is not known, so it cannot be told from a later one of its number";
            return self.tell(Severity::Info, words.into());
        };
        self.sending = Some(sending(process, started));
        self.begin_pick(Menu::Signals);
    }

    pub(super) fn pick_signal(&mut self, signal: SignalKind) {
        if let Some(sending) = &mut self.sending {
            sending.signal = signal;
            self.begin_pick(Menu::Confirm);
        }
    }

    pub(super) fn confirm_signal(&mut self, is_meant: bool) -> Option<Effect> {
        let sending = self.sending.take()?;
        let is_allowed = self.signals == SignalPolicy::Allowed;
        (is_meant && is_allowed).then_some(Effect::Errand(Errand::Signal(sending)))
    }
}

fn sending(process: &ProcessReading, started: SystemTime) -> ProcessSignal {
    ProcessSignal {
        pid: process.pid,
        name: process.name.clone(),
        started,
        signal: SignalKind::Terminate,
    }
}
