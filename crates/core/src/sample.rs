//! The shared vocabulary: what a probe reports and what every later room reads.
//!
//! Plain data with public fields. Text from outside becomes [`Text`] here, so that nothing downstream can
//! be made to write to the terminal.

mod act;
mod attention;
mod channel;
mod figures;
mod gauge;
mod host;
mod level;
pub mod load;
mod mark;
mod observation;
mod outcome;
mod purpose;
pub mod slot;
mod target_map;
mod text;
mod unit;
pub mod varint;
mod window;
mod word;
mod worse;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock::Timestamp;

pub use act::{Act, AlertId};
pub use attention::{Attention, Bell, Popup, PopupSequence, Title};
pub use channel::{ChannelReport, ChannelState};
pub use figures::{Bucket, FailureRecord, Point, Quantiles, WindowDetail, WindowStats};
pub use gauge::{Gauge, GaugeName, PLUGIN_STATUS};
pub use host::{
    CgroupReading, CpuReading, DiskReading, HostReading, LeftOut, MemoryReading, NetworkReading, PressureReading,
    ProcessReading, SystemReading, TcpReading, TemperatureReading,
};
pub use level::{Level, Severity};
pub use mark::{Mark, MarkOrigin};
pub use observation::Observation;
pub use outcome::{Failure, FailureKind, Outcome, Phase, Phases};
pub use purpose::{GENERATOR_STATE, Purpose};
pub use target_map::TargetMap;
pub use text::{Text, printable, shown_character};
pub use unit::{Unit, coarse};
pub use window::Window;
pub use word::Word;
pub use worse::Worse;

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

impl fmt::Display for Micros {
    /// In the unit a person would choose, three figures at most: `87us`, `1.23ms`, `612ms`, `1.2s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = f64::from(self.0);
        let text = match self.0 {
            0..1_000 => format!("{}us", self.0),
            1_000..10_000 => trimmed(micros / 1e3, 2, "ms"),
            10_000..100_000 => trimmed(micros / 1e3, 1, "ms"),
            100_000..1_000_000 => trimmed(micros / 1e3, 0, "ms"),
            1_000_000..10_000_000 => trimmed(micros / 1e6, 2, "s"),
            _ => trimmed(micros / 1e6, 1, "s"),
        };
        f.pad(&text)
    }
}

/// Without zeros behind the point that say nothing.
fn trimmed(value: f64, decimals: usize, unit: &str) -> String {
    let number = format!("{value:.decimals$}");
    let number = if decimals > 0 {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        &number
    };
    format!("{number}{unit}")
}

impl From<Duration> for Micros {
    fn from(duration: Duration) -> Self {
        Self(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX))
    }
}

/// What something is said about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Host,
    Target(TargetId),
    /// An objective, which may be about many targets.
    Objective,
}

impl Subject {
    pub const fn target(self) -> Option<TargetId> {
        match self {
            Self::Target(id) => Some(id),
            Self::Host | Self::Objective => None,
        }
    }
}

/// What a target is, for those who look at it. The URL has its secrets masked already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetInfo {
    pub id: TargetId,
    pub name: Text,
    pub url: Text,
    /// The probe kind as the registry of sources names it: `http`, `tcp`, …
    pub kind: Word,
    pub purpose: Purpose,
    /// The machine that is probed, by the name or address in the URL; `None` where it names none.
    pub host: Option<Text>,
    pub group: Option<Text>,
    pub interval: Duration,
    pub timeout: Duration,
    pub in_flight: u16,
    /// The phases that probes of this kind go through, in order.
    pub phases: Arc<[Phase]>,
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
    /// What a copy takes beside itself; texts are shared.
    pub fn heap_bytes(&self) -> usize {
        let failure = self.outcome.failure().map_or(0, size_of_val);
        let answer = |answer: &Answer| {
            size_of::<Answer>() + size_of_val(answer.facts.as_slice()) + size_of_val(answer.gauges.as_slice())
        };
        failure + self.answer.as_deref().map_or(0, answer)
    }

    /// When the probe ended.
    pub fn ended(&self) -> Timestamp {
        self.intended + self.lag.as_duration() + self.latency.as_duration()
    }
}

/// What is known of the peer that answered last. Absent: the protocol has no such thing, or it did not come so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub address: Option<SocketAddr>,
    /// Whether the connection had carried an earlier probe.
    pub reused: bool,
    /// `HTTP/1.1`, `HTTP/2`.
    pub protocol: Option<Word>,
    /// `TLS 1.3`, `TLS 1.2`.
    pub tls: Option<Word>,
    pub status: Option<u16>,
    pub redirects: u8,
    pub body_bytes: u64,
    /// The body was longer than the limit, or had no end, and was cut off there.
    pub truncated: bool,
    /// Whatever else is worth a line: the server's version, who issued the certificate.
    pub facts: Vec<Fact>,
    /// Figures the target tells of itself.
    pub gauges: Vec<Gauge>,
}

/// One more thing known of a peer; `name` is as people and documents read it, in `snake_case`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: Word,
    pub value: Text,
}

impl Fact {
    pub fn new(name: impl Into<Word>, value: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn micros_read_in_the_unit_a_person_would_choose() {
        let check = |micros: u32, expected: &str| assert_eq!(Micros(micros).to_string(), expected);
        check(0, "0us");
        check(999, "999us");
        check(1_230, "1.23ms");
        check(45_600, "45.6ms");
        check(100_000, "100ms");
        check(500_000, "500ms");
        check(1_500_000, "1.5s");
        check(2_000_000, "2s");
        check(61_230_000, "61.2s");
    }
}
