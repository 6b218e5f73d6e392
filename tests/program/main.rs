//! The real binary as people and scripts use it: with a terminal and without one.

#[path = "../support/mod.rs"]
mod support;

mod harness;
mod cli;
mod engine;
mod reload;
mod headless;
mod pty;
