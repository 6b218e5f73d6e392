//! Pure functions from metrics to verdicts.

pub mod level;
pub mod verdict;
mod rank;
mod tail;
pub mod analysis;
pub mod anomaly;
pub mod trend;
pub mod correlation;
pub mod compare;
