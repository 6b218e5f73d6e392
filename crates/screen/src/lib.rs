//! The screen: events in, at most one frame out. It reads snapshots and knows nothing of what makes them.

pub mod ui;
