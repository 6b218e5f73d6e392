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

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// By alerts and subjects: their names come from whoever watches, who has no reason to choose some that collide. When
/// everything fails, every tick looks up ten thousand of them several times.
pub(crate) type QuickMap<K, V> = HashMap<K, V, RandomState>;
pub(crate) type QuickSet<K> = HashSet<K, RandomState>;
