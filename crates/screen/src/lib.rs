//! The screen: events in, at most one frame out. It reads snapshots and knows nothing of what makes them.

#![warn(unreachable_pub)]

pub mod ui;
