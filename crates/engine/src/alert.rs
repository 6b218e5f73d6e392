//! Rules over readings, the states they go through, and who is told.
//!
//! [`table`] knows what is true; [`announcer`] decides who hears of it. Both are pure: evaluations and the clock in, alerts
//! and announcements out.

pub mod rule;
pub mod policy;
pub mod settings;
pub mod state;
pub mod trigger;
pub mod flap;
pub mod reading;
pub mod timeline;
pub mod told;
pub mod entry;
pub mod source;
mod memory;
pub mod table;
pub mod silence;
pub mod maintenance;
pub mod dependency;
pub mod grouping;
pub mod announcer;
pub mod saved;
