//! What fills up while the engine runs, and how full it is: whoever watches for a night can see that nothing grows for ever.

use probetop_core::snapshot::Store;
use probetop_engine::alert::table;
use probetop_engine::history::HISTORY_LIMIT_BYTES;
use probetop_engine::monitor::MARKS_LIMIT;

use super::Running;
use crate::notify::outbox::QUEUE_LIMIT;
use crate::run::log::WAITING_LIMIT_BYTES;
use crate::run::roster::GONE_LIMIT;

impl Running<'_> {
    /// The stores that there are in this run; what is not configured has none.
    pub(super) fn stores(&self) -> Vec<Store> {
        let store = |name, held, limit: usize| Store {
            name,
            held,
            limit: limit as u64,
        };
        let mut stores = vec![
            store("past_bytes", self.history.report().bytes, HISTORY_LIMIT_BYTES),
            store(
                "ended_alerts",
                self.monitor.alerts().history.len() as u64,
                table::HISTORY_LIMIT,
            ),
            store("marks", self.monitor.marks().len() as u64, MARKS_LIMIT),
            store("gone_names", self.roster.gone() as u64, GONE_LIMIT),
        ];
        // Each channel has a queue of its own.
        let fullest = self.monitor.channels().iter().map(|channel| channel.waiting).max();
        stores.extend(fullest.map(|waiting| store("messages", waiting, QUEUE_LIMIT)));
        let log = self.log.as_ref();
        stores.extend(log.map(|log| store("log_bytes", log.waiting_bytes() as u64, WAITING_LIMIT_BYTES)));
        stores
    }
}
