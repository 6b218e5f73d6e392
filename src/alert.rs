//! Rules over readings, and the states they go through.

pub mod rule;
pub mod state;
pub mod reading;
pub mod book;
