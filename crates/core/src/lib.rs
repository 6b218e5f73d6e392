//! The vocabulary that every part of probetop shares: time, settings, conditions, samples and snapshots.
//!
//! Pure and synchronous: nothing here waits, and only `clock` asks the system for anything.

#![warn(unreachable_pub)]

pub mod clock;
pub mod suggest;
pub mod setting;
pub mod expression;
pub mod profile;
pub mod sample;
pub mod redact;
pub mod snapshot;
pub mod wire;
