//! What all targets come to together.

use probetop_core::clock::Timestamp;
use probetop_core::sample::TargetId;

use crate::metric::{Scratch, Series};

/// All targets together.
#[derive(Clone, Debug)]
pub(super) struct Totals {
    pub samples: u64,
    pub failed: u64,
    pub overruns: u64,
    pub cut_off: u64,
    /// The start of every probe, whatever it was for.
    pub starts: Series,
    /// The probes of services: how long it takes to read figures is nobody's latency.
    pub services: Series,
}

impl Totals {
    pub(super) fn new(now: Timestamp) -> Self {
        let none = || Series::new(TargetId(u32::MAX), now);
        Self {
            samples: 0,
            failed: 0,
            overruns: 0,
            cut_off: 0,
            starts: none(),
            services: none(),
        }
    }

    pub(super) fn rotate(&mut self, now: Timestamp, scratch: &mut Scratch) {
        self.starts.rotate(now, scratch);
        self.services.rotate(now, scratch);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.starts.heap_bytes() + self.services.heap_bytes()
    }
}
