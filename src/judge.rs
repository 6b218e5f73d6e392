//! Pure functions from metrics to verdicts.

pub mod level;
pub mod verdict;
pub mod objective;
pub mod burn;
pub mod apdex;
pub mod health;
