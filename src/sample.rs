//! The shared vocabulary: what a probe reports and what every later room reads.
//!
//! Plain data with public fields. Text from outside becomes [`Text`] here, so that nothing downstream can
//! be made to write to the terminal.

mod host;
mod level;
mod outcome;
mod text;
mod window;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock::Timestamp;

pub use host::{
    CgroupReading, CpuReading, DiskReading, HostReading, MemoryReading, NetworkReading, PressureReading,
    ProcessReading, TcpReading,
};
pub use level::{Level, Severity};
pub use outcome::{Failure, FailureKind, Outcome, Phase, Phases};
pub use text::Text;
pub use window::Window;

/// Names a target for the life of the process; a reload keeps the id of a target whose name it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(pub u32);

/// A duration in whole microseconds, as it is stored and exported. Longer than 71 minutes saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u32);

impl Micros {
    pub const fn as_duration(self) -> Duration {
        Duration::from_micros(self.0 as u64)
    }
}

impl From<Duration> for Micros {
    fn from(duration: Duration) -> Self {
        Self(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX))
    }
}

/// What a target is, for those who look at it. The URL has its secrets masked already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetInfo {
    pub id: TargetId,
    pub name: Text,
    pub url: Text,
    /// The probe kind as the registry of sources names it: `http`, `tcp`, …
    pub kind: &'static str,
    pub group: Option<Text>,
    pub interval: Duration,
    pub timeout: Duration,
    pub in_flight: u16,
}

/// One probe, finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub target: TargetId,
    /// When the schedule wanted the probe to start.
    pub intended: Timestamp,
    /// Actual start minus intended start: our own lateness, never part of the latency.
    pub lag: Micros,
    /// End minus actual start. Of a failed probe: the time until it failed, which no percentile counts.
    pub latency: Micros,
    pub outcome: Outcome,
    pub phases: Phases,
    pub answer: Option<Box<Answer>>,
}

impl Sample {
    /// When the probe ended.
    pub fn ended(&self) -> Timestamp {
        self.intended + self.lag.as_duration() + self.latency.as_duration()
    }
}

/// What is known of the peer that answered last. Absent: the protocol has no such thing, or it did not come so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub address: Option<SocketAddr>,
    /// Whether the connection had carried an earlier probe.
    pub reused: bool,
    /// `HTTP/1.1`, `HTTP/2`.
    pub protocol: Option<&'static str>,
    /// `TLS 1.3`, `TLS 1.2`.
    pub tls: Option<&'static str>,
    pub status: Option<u16>,
    pub redirects: u8,
    pub body_bytes: u64,
    /// The body was longer than the limit, or had no end, and was cut off there.
    pub truncated: bool,
}

/// One thing that happened, in the order it became known: the only ground truth.
#[derive(Clone, Debug)]
pub enum Input {
    Sample(Sample),
    /// A due probe was not started: too many of its target, or of all targets, were still running.
    Overrun {
        target: TargetId,
        intended: Timestamp,
    },
    Host(Arc<HostReading>),
    Tick(Tick),
}

/// The time moves on: windows rotate and conditions are judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    pub now: Timestamp,
    /// The wall clock at `now`.
    pub wall: SystemTime,
    /// Inputs lost since the start because a queue was full.
    pub dropped: u64,
    pub own: OwnUsage,
}

/// What probetop itself costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnUsage {
    /// Processor time over wall time since the tick before; 1.0 is one core.
    pub cpu_ratio: Option<f64>,
    pub rss_bytes: Option<u64>,
}
