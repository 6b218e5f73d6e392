//! Pure functions from metrics to verdicts.

pub mod bottleneck;
pub mod level;
pub mod verdict;
