//! Where numbers come from: the [`Probe`] trait, the kinds of probe, and what they share.

pub mod kind;
pub mod registry;
pub mod schedule;
pub mod runner;
pub mod timer;
pub mod sink;
pub mod attempt;
pub mod zone;
pub mod resolve;
pub mod connect;
pub mod datagram;
pub mod payload;
pub mod nonce;
pub mod endpoint;
pub mod login;
pub mod tls;
pub mod link;
pub mod dialer;
pub mod pace;
pub mod aside;
pub mod idle;
pub mod every;
pub mod conversation;
pub mod header;
pub mod earlier;
pub mod http;
pub mod flow;
pub mod tcp;
pub mod udp;
pub mod dns;
pub mod icmp;
pub mod websocket;
pub mod grpc;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redis")]
pub mod redis;
pub mod exec;
pub mod page;
pub mod prometheus;
pub mod generator;
pub mod process;
pub mod host;
pub mod discovery;
pub mod demo;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Answer, Micros, Outcome, Phases};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One kind of probe, made for one target. Shared by the probes of that target that run at the same time.
pub trait Probe: Send + Sync {
    /// Makes one attempt that ends by `deadline`. Dropping the future abandons the attempt and leaks nothing.
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>>;
}

/// What one probe gives; the schedule adds the target and its own lateness.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// From the first step to the last byte wanted; judging the answer is not part of it.
    pub latency: Micros,
    pub outcome: Outcome,
    /// How long we held it up ourselves: part of the lag, and not of the latency.
    pub held: Duration,
    pub phases: Phases,
    pub answer: Option<Box<Answer>>,
    /// How each step went, of a flow; nothing for all others.
    pub steps: Vec<Step>,
}

/// One step of a flow, in the flow's order.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Made {
        /// From the start of the flow to the start of the step.
        after: Duration,
        attempt: Attempt,
    },
    /// An earlier step failed.
    Skipped,
}

/// Which addresses of a name to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AddressFamily {
    /// Both, by happy eyeballs (RFC 8305).
    #[default]
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "4")]
    V4,
    #[serde(rename = "6")]
    V6,
}

/// A probe may not take longer: latencies are stored up to this.
pub const TIMEOUT_LIMIT: Duration = Duration::from_secs(120);
