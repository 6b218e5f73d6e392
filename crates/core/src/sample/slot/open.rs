//! The second that is still collecting.

use super::code::{self, CODES};
use super::tally::Tally;
use super::{Slot, SlotWriter, TRACKS, Tracks};
use crate::sample::{Micros, Sample, slot};

/// From here on counting is cheaper than listing. At 4 to 7 entries a sample it takes some 150 samples in one
/// second to get there, more than the shortest interval gives.
const LISTED_LIMIT: usize = 1024;

/// Room for a code in an entry; what is above it is the track.
const CODE_BITS: u32 = 12;
const _: () = assert!(CODES <= 1 << CODE_BITS && TRACKS <= 1 << (u16::BITS - CODE_BITS));

/// Takes samples as they come. Bounded: 2 KiB, or 140 KiB while a second has very many.
#[derive(Clone, Debug, Default)]
pub struct OpenSecond {
    pub tally: Tally,
    /// Track and code of each observation, in the order they came.
    listed: Vec<u16>,
    /// Counts by track and code, once there are too many to list.
    counted: Option<Box<[u32]>>,
}

impl OpenSecond {
    pub fn record(&mut self, sample: &Sample) {
        if sample.outcome.is_ours() {
            self.observe(slot::LAG, sample.lag);
        } else {
            self.record_start(sample);
        }
        if let Some(failure) = sample.outcome.failure() {
            self.tally.fail(failure.kind);
            return;
        }
        self.observe(slot::LATENCY, sample.latency);
        for (phase, took) in sample.phases.iter() {
            self.observe(slot::phase_track(phase), took);
        }
        if sample.phases.asked_on_a_new_connection() {
            self.observe(slot::COLD, sample.latency);
        }
    }

    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        let counted = self.counted.as_deref().map_or(0, size_of_val);
        size_of_val(self.listed.as_slice()) + counted
    }

    pub fn record_start(&mut self, sample: &Sample) {
        self.tally.attempts += 1;
        self.observe(slot::LAG, sample.lag);
    }

    /// Takes in the tally and the wanted tracks of a second that another counted.
    pub fn absorb(&mut self, slot: &Slot, wanted: Tracks) {
        let mut tally = Tally::default();
        slot.visit(&mut tally, |track, code, count| {
            if wanted.contains(track) {
                self.count(track, code, count);
            }
        });
        self.tally.add(&tally);
    }

    pub fn observe(&mut self, track: usize, duration: Micros) {
        let code = code::code_of(duration);
        if let Some(counted) = &mut self.counted {
            let count = &mut counted[track * CODES + usize::from(code)];
            *count = count.saturating_add(1);
            return;
        }
        self.listed.push((track as u16) << CODE_BITS | code);
        if self.listed.len() == LISTED_LIMIT {
            self.count_listed();
        }
    }

    /// As `count` observations of the same.
    fn count(&mut self, track: usize, code: u16, count: u64) {
        let room = (LISTED_LIMIT - 1).saturating_sub(self.listed.len());
        match usize::try_from(count) {
            Ok(count) if self.counted.is_none() && count <= room => {
                let entry = (track as u16) << CODE_BITS | code;
                self.listed.extend(std::iter::repeat_n(entry, count));
            }
            Ok(_) | Err(_) => {
                if self.counted.is_none() {
                    self.count_listed();
                }
                if let Some(counted) = &mut self.counted {
                    let sum = &mut counted[track * CODES + usize::from(code)];
                    *sum = sum.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
                }
            }
        }
    }

    fn count_listed(&mut self) {
        let mut counted = vec![0; TRACKS * CODES].into_boxed_slice();
        for entry in self.listed.drain(..) {
            counted[track_of(entry) * CODES + usize::from(code_in(entry))] += 1;
        }
        self.counted = Some(counted);
    }

    pub fn is_empty(&self) -> bool {
        self.tally.is_empty()
    }

    /// Replaces what `out` held by this second's slot, and begins the next.
    pub fn close(&mut self, out: &mut Vec<u8>) {
        let mut writer = SlotWriter::begin(out, &self.tally);
        self.tally = Tally::default();
        if let Some(counted) = self.counted.take() {
            for (track, counts) in counted.chunks_exact(CODES).enumerate() {
                let entries = (0_u16..).zip(counts).filter(|(_, count)| **count > 0);
                if entries.clone().next().is_some() {
                    writer.track(track, entries.map(|(code, count)| (code, u64::from(*count))));
                }
            }
            return;
        }
        self.listed.sort_unstable();
        for entries in self.listed.chunk_by(|a, b| track_of(*a) == track_of(*b)) {
            let equal = entries.chunk_by(|a, b| a == b);
            writer.track(
                track_of(entries[0]),
                equal.map(|equal| (code_in(equal[0]), equal.len() as u64)),
            );
        }
        self.listed.clear();
    }
}

fn track_of(entry: u16) -> usize {
    usize::from(entry >> CODE_BITS)
}

fn code_in(entry: u16) -> u16 {
    entry & ((1 << CODE_BITS) - 1)
}
