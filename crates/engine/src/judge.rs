//! Pure functions from metrics to verdicts.

pub mod bottleneck;
pub mod level;
pub mod limits;
pub mod verdict;
mod rank;
mod tail;
pub mod analysis;
pub mod anomaly;
pub mod trend;
pub mod correlation;
pub mod objective;
pub mod presence;
pub mod burn;
pub mod apdex;
pub mod health;
pub mod compare;
pub mod load;
