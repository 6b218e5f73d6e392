//! probetop watches endpoints and the machine it runs on.
//!
//! Data flows one way: a [`probetop_probe::source`] sends [`probetop_core::sample::Observation`]s, the monitor turns them
//! into a [`probetop_core::snapshot::Snapshot`], and whoever looks (screen, headless printer, exporter) reads that.

#![warn(unreachable_pub)]

pub mod notify;
pub mod export;
pub mod config;
pub mod run;
pub mod cli;
pub mod command;
