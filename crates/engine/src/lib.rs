//! What samples mean: windows, levels, alerts, objectives, and the past they came from.
//!
//! Pure and synchronous: the same inputs give the same figures at any speed.

#![warn(unreachable_pub)]

pub mod metric;
pub mod judge;
pub mod alert;
pub mod monitor;
pub mod journal;
pub mod history;
