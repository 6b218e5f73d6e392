//! From inputs to what they mean: figures, windows, comparisons, findings, the past.

#[path = "../support/mod.rs"]
mod support;

mod analysis;
mod compare;
mod compare_properties;
mod demo;
mod gap;
mod history;
mod insight;
mod journal;
mod metric_properties;
mod monitor;
mod objectives;
mod past_memory;
mod promises;
mod replay;
mod seconds;
mod soak;
mod statistics;
mod verdicts;
