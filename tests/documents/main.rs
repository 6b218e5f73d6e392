//! What is read and written: the configuration, documents for other programs, and the manuals.

#[path = "../support/mod.rs"]
mod support;

mod config;
mod docs;
mod export;
mod limits;
