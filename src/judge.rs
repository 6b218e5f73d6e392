//! Pure functions from metrics to verdicts.

pub mod level;
pub mod limits;
pub mod verdict;
