//! What samples come to over time: the history of one target ([`Series`]) and of one gauge ([`GaugeHistory`]).
//!
//! Takes samples and the time; gives the figures of `sample`. Pure and synchronous. Memory is bounded whatever the rate:
//! durations are kept as histograms of log-linear buckets, encoded as the few bytes they need, at three resolutions.

mod ring;
mod step;
mod gaps;
mod series;
mod gauge;
mod gauges;

pub use gauge::GaugeHistory;
pub use gauges::{GAUGE_LIMIT, Gauges};
pub use series::Series;
pub use step::Step;

pub use probetop_core::sample::slot::{Scratch, Tracks};
