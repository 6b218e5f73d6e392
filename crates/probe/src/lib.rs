//! Where numbers come from: every kind of probe, the schedule, this machine, the demo, and load of our own.

#![warn(unreachable_pub)]

pub mod file;
pub mod handshake;
pub mod program;
pub mod worker;
pub mod source;
pub mod load;
