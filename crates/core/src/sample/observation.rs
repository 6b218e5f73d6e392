//! What sources send: one thing that was measured or could not be.

use std::sync::Arc;

use super::slot::Second;
use super::{ChannelReport, HostReading, Sample, TargetId};
use crate::clock::Timestamp;

/// One thing that became known, whoever measured it.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    Sample(Sample),
    /// A second of a target, counted where it happened.
    Second(Second),
    /// Due probes that were not started: too many of the target, or of all targets, were still running, or we were
    /// held up ourselves for longer than the interval.
    Overrun {
        target: TargetId,
        /// When the last of them was due.
        intended: Timestamp,
        count: u32,
    },
    /// A step of a flow that was not made, because an earlier one failed.
    Skipped {
        target: TargetId,
    },
    /// A probe that was on its way when its target left or changed, or the run ended.
    CutOff {
        target: TargetId,
    },
    Host(Arc<HostReading>),
    /// How the channels of notification do, in the order of the configuration.
    Channels(Arc<[ChannelReport]>),
}

impl From<Sample> for Observation {
    fn from(sample: Sample) -> Self {
        Self::Sample(sample)
    }
}
