//! A second of a target, counted where it happened: what whoever makes many requests hands over instead of a sample for
//! each, and what a busy target is recorded as.
//!
//! Seconds add up: the slots of ten workers, or of ten machines, give the very figures that one would give that had made
//! all of their requests.

use std::fmt;
use std::sync::Arc;

use super::code::CODES;
use super::open::OpenSecond;
use super::tally::Tally;
use super::{RESPONSE, TRACKS, TROUBLE, Tracks};
use crate::clock::Timestamp;
use crate::sample::{Micros, Sample, TargetId, varint};

/// Counts of a second beyond this are none: sums over a run must not overflow.
const COUNT_LIMIT: u64 = u32::MAX as u64;

/// The counts of one second, whole and as the encoding allows. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Slot(Arc<[u8]>);

/// A second of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Second {
    pub target: TargetId,
    /// When it ended.
    pub ended: Timestamp,
    pub slot: Slot,
}

/// Bytes that are no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the counts of a second are damaged")
    }
}

impl std::error::Error for Damaged {}

impl Slot {
    /// Takes any bytes.
    ///
    /// # Errors
    /// They are not what a [`SecondCounter`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damaged> {
        let slot = Self(bytes.into());
        let is_whole = slot.read(&mut Tally::default(), &mut |_, _, _| {}).is_some();
        is_whole.then_some(slot).ok_or(Damaged)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives the tally, and every bucket with its track and count, in ascending order.
    pub fn visit(&self, tally: &mut Tally, mut each: impl FnMut(usize, u16, u64)) {
        // Whoever made this one looked at it already.
        let _ = self.read(tally, &mut each);
    }

    /// `None` when the bytes do not make sense to their end.
    fn read(&self, tally: &mut Tally, each: &mut dyn FnMut(usize, u16, u64)) -> Option<()> {
        if self.0.is_empty() {
            return Some(());
        }
        let (&mask, mut rest) = self.0.split_first_chunk()?;
        let mask = u16::from_le_bytes(mask);
        let rest = &mut rest;
        tally.attempts = varint::read(rest)?;
        if mask & TROUBLE != 0 {
            tally.add_trouble(rest)?;
        }
        if !tally.is_at_most(COUNT_LIMIT) || mask & !(TROUBLE | ((1 << TRACKS) - 1)) != 0 {
            return None;
        }
        for track in (0..TRACKS).filter(|track| Tracks(mask).contains(*track)) {
            let length = usize::try_from(varint::read(rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            *rest = after;
            buckets(bytes, |code, count| each(track, code, count))?;
        }
        rest.is_empty().then_some(())
    }
}

/// The buckets of one histogram: codes that exist, ascending, and counts that are not zero.
fn buckets(mut bytes: &[u8], mut each: impl FnMut(u16, u64)) -> Option<()> {
    let mut next = 0_u64;
    let mut code = 0_u64;
    while !bytes.is_empty() {
        let head = varint::read(&mut bytes)?;
        code = code.checked_add(head >> 1)?;
        let count = if head & 1 == 1 { 1 } else { varint::read(&mut bytes)? };
        if code < next || code >= CODES as u64 || count == 0 || count > COUNT_LIMIT {
            return None;
        }
        next = code + 1;
        each(u16::try_from(code).ok()?, count);
    }
    Some(())
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tally = Tally::default();
        self.visit(&mut tally, |_, _, _| {});
        write!(f, "Slot({} attempts, {} bytes)", tally.attempts, self.0.len())
    }
}

/// Counts what happens to one target until its second ends. Bounded, however many requests that is.
#[derive(Clone, Debug, Default)]
pub struct SecondCounter(OpenSecond);

impl SecondCounter {
    /// Counts a finished probe or request.
    pub fn record(&mut self, sample: &Sample) {
        self.0.record(sample);
    }

    /// Counts how long after it was due a successful request ended.
    pub fn respond(&mut self, response: Micros) {
        self.0.observe(RESPONSE, response);
    }

    /// Counts those that were on their way when they were given up.
    pub fn cut_off(&mut self, count: u32) {
        self.0.tally.cut_off += u64::from(count);
    }

    /// Counts those that were due and not started.
    pub fn overrun(&mut self, count: u32) {
        self.0.tally.overruns += u64::from(count);
    }

    /// Takes in what another counted of the same second.
    pub fn merge(&mut self, slot: &Slot) {
        self.0.absorb(slot, Tracks::ALL);
    }

    /// Ends the second, and begins the next.
    pub fn close(&mut self) -> Slot {
        let mut bytes = Vec::new();
        self.0.close(&mut bytes);
        Slot(bytes.into())
    }
}

#[cfg(test)]
mod tests;
