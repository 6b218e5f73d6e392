//! For systems that do not tell of single processes in a way we can read.

#![allow(dead_code, reason = "nothing of it is ever made")]

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Fact, Gauge};

use super::Selection;
use crate::source::attempt::Fault;

/// What is known of a process at one moment.
pub struct Reading {
    pub gauges: Vec<Gauge>,
    pub facts: Vec<Fact>,
}

/// Never made here.
pub enum Watcher {}

impl Watcher {
    pub fn try_new(_: Selection, _: bool) -> Result<Self, String> {
        Err("processes are watched on Linux only".to_owned())
    }

    pub fn read(&mut self, _: Timestamp) -> Result<Reading, Fault> {
        match *self {}
    }
}
