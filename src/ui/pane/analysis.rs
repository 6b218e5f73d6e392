//! Analysis: what holds everything up, what is not as it was, what creeps, and what moves together.

pub mod anomalies;
pub mod bottlenecks;
pub mod correlations;
pub mod trends;
