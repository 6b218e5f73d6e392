//! What happened, as bytes: a stretch of inputs with an index of its ticks, to be lived through again.
//!
//! `history` keeps these chunks in memory. Sealed, a chunk is a string of bytes with a checksum that stands by itself: what
//! a recording is made of, and what machines may send each other.

mod entry;
mod plan;
mod sealed;

use std::ops::Range;
use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::TargetInfo;
use probetop_core::wire::{Damage, Known, Reader, Writer};

use crate::monitor::{Input, Plan, PlannedTarget};

pub use sealed::SealError;

/// Pauses on the way at most, and ticks between them at least: to live through fewer takes no longer than to draw them.
const STOPS: usize = 3;
const STOP_EVERY_MIN: usize = 10;

/// Inputs in the order in which they came.
#[derive(Debug)]
pub struct Chunk {
    writer: Writer,
    /// When each tick was, and where the entries up to it end.
    ticks: Vec<(Timestamp, usize)>,
    /// Plans are large and followed often when one goes to and fro: they stay as they are while in memory.
    plans: Vec<Arc<Plan>>,
    plan_bytes: usize,
}

impl Chunk {
    /// Of what happens from about `base` on: times are kept as distances from there.
    pub fn new(base: Timestamp) -> Self {
        Self {
            writer: Writer::new(base),
            ticks: Vec::new(),
            plans: Vec::new(),
            plan_bytes: 0,
        }
    }

    pub fn push(&mut self, input: &Input) {
        match input {
            Input::Plan { at, plan } => {
                entry::write_plan(*at, self.plans.len(), &mut self.writer);
                self.plan_bytes += plan_bytes(plan);
                self.plans.push(Arc::new(Plan::clone(plan)));
            }
            Input::Tick(tick) => {
                entry::write(input, &mut self.writer);
                self.ticks.push((tick.now, self.end()));
            }
            Input::Observed(_)
            | Input::Notice(_)
            | Input::Restored(_)
            | Input::Act(_)
            | Input::Look(_)
            | Input::Mark(_)
            | Input::End => entry::write(input, &mut self.writer),
        }
    }

    /// The inputs between two positions.
    pub fn inputs(&self, positions: Range<usize>) -> Inputs<'_> {
        Inputs {
            chunk: self,
            rest: self.writer.entries().get(positions).unwrap_or_default(),
            known: Known::default(),
        }
    }

    /// The position behind the last input.
    pub fn end(&self) -> usize {
        self.writer.entries().len()
    }

    /// The position behind the last tick that is not later than `at`.
    pub fn position_after(&self, at: Timestamp) -> usize {
        let ticks = self.ticks.partition_point(|(tick, _)| *tick <= at);
        ticks.checked_sub(1).map_or(0, |last| self.ticks[last].1)
    }

    /// Where to pause between the two, on the way to a second from which one may go back: at ticks evenly apart.
    pub fn stops(&self, positions: Range<usize>) -> Vec<usize> {
        let first = self.ticks.partition_point(|(_, position)| *position <= positions.start);
        let last = self.ticks.partition_point(|(_, position)| *position < positions.end);
        let between = self.ticks.get(first..last).unwrap_or_default();
        let step = (between.len() / (STOPS + 1)).max(STOP_EVERY_MIN);
        let stops = between.iter().skip(step - 1).step_by(step).take(STOPS);
        stops.map(|(_, position)| *position).collect()
    }

    /// Nothing more comes: gives back the room for more.
    pub fn close(&mut self) {
        self.writer.close();
        self.ticks.shrink_to_fit();
        self.plans.shrink_to_fit();
    }

    /// What it takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        self.writer.heap_bytes() + size_of::<(Timestamp, usize)>() * self.ticks.capacity() + self.plan_bytes
    }
}

/// What a plan takes, by what there is most of.
fn plan_bytes(plan: &Plan) -> usize {
    size_of::<Plan>() + plan.targets.len() * (size_of::<PlannedTarget>() + size_of::<TargetInfo>())
}

/// Reads inputs of a chunk, oldest first.
#[derive(Debug)]
pub struct Inputs<'a> {
    chunk: &'a Chunk,
    rest: &'a [u8],
    known: Known,
}

impl Iterator for Inputs<'_> {
    type Item = Result<Input, Damage>;

    /// Ends behind an error: what follows it cannot be told apart.
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let writer = &self.chunk.writer;
        let mut reader = Reader::new(writer.base(), self.rest, writer.shared(), &mut self.known);
        let input = entry::read(&mut reader, &self.chunk.plans);
        let left = if input.is_ok() { reader.left() } else { 0 };
        self.rest = &self.rest[self.rest.len() - left..];
        Some(input)
    }
}

#[cfg(test)]
mod tests;
