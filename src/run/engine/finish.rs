//! The engine's end: what is on its way lands or is counted as cut off, then everybody is told for the last time.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Severity;
use probetop_core::snapshot::{Feed, Rows, Snapshot};
use probetop_engine::monitor::Input;
use tokio::time::{sleep, timeout};

use super::answer::everything;
use super::{LOG_PATIENCE, Running};
use crate::run::message::{Finish, Last, WholeRun};
use crate::run::signal::Listener;
use crate::run::{JOIN_LIMIT, JOIN_PAUSE};

impl Running<'_> {
    /// The last snapshot: of the moment in which this is called, with every probe that was started by then.
    pub(super) async fn finish(&mut self, finish: &Finish, signals: &mut Listener) -> Last {
        self.drain();
        self.advance();
        self.land(finish.last_probes.patience(), signals).await;
        self.take(Input::End);
        if let Some(reports) = self.notifier.finish() {
            self.take(reports.into());
        }
        let (mut sight, query) = self.last_sight(finish.reader);
        let snapshot = self.answer(&mut sight, &everything(&query, Feed::Live));
        self.finish_exports();
        self.keep_at_end();
        self.end_log(&snapshot);
        let wanted = finish.whole_run == WholeRun::Wanted;
        let length = self.monitor.now().since(Timestamp::ZERO);
        let run = wanted.then(|| self.monitor.stretch(length, &Rows::All));
        Last { snapshot, run }
    }

    /// Has nothing more started, and takes what lands meanwhile. A signal cuts off the rest.
    async fn land(&mut self, patience: Duration, signals: &mut Listener) {
        self.roster.land(patience);
        let landed = async {
            while !self.probes.is_finished() {
                tokio::select! {
                    signal = signals.next() => {
                        if signal.ends() {
                            self.cancel.cancel();
                        }
                        self.signalled(signal);
                    }
                    () = sleep(JOIN_PAUSE) => self.drain(),
                }
            }
        };
        // One that hangs is left behind.
        let _ = timeout(patience + JOIN_LIMIT, landed).await;
        self.drain();
    }

    fn end_log(&mut self, last: &Snapshot) {
        let Some(mut log) = self.log.take() else { return };
        log.end(last);
        if let Some(text) = log.close(LOG_PATIENCE) {
            self.notify(Severity::Warning, text);
        }
    }
}
