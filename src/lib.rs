//! probetop watches endpoints and the machine it runs on.
//!
//! Data flows one way: a [`source`] sends [`sample::Observation`]s, the monitor turns them into a [`snapshot::Snapshot`], and
//! whoever looks (screen, headless printer, exporter) reads that.

pub mod clock;
pub mod suggest;
pub mod file;
pub mod setting;
pub mod expression;
pub mod sample;
pub mod redact;
pub mod handshake;
pub mod program;
pub mod source;
pub mod metric;
pub mod judge;
pub mod alert;
pub mod monitor;
pub mod snapshot;
pub mod journal;
pub mod history;
pub mod notify;
pub mod export;
pub mod ui;
pub mod config;
pub mod run;
pub mod cli;
pub mod command;
