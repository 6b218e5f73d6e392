//! probetop watches endpoints and the machine it runs on.
//!
//! Data flows one way: a [`source`] sends [`sample::Input`]s, the monitor turns them into a [`snapshot::Snapshot`], and
//! whoever looks (screen, headless printer, exporter) reads that.

pub mod clock;
pub mod expression;
pub mod sample;
pub mod source;
pub mod judge;
pub mod alert;
pub mod snapshot;
pub mod ui;
