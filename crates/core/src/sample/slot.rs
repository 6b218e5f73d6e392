//! What a target did in one stretch of time, as bytes: a tally and up to thirteen histograms.
//!
//! ```text
//! slot     = nothing                       when nothing happened
//!          | mask  attempts  [trouble]  { length  histogram }
//! mask     = a bit for each track present, and one for trouble; two bytes, the low one first
//! trouble  = overruns  skipped  kinds  { count }    see `tally`
//! ```
//! All numbers but the mask are varints. The length lets a reader skip the tracks it does not want. Slots add up:
//! decoding several into one [`Scratch`] gives the slot of the time they cover together.

pub mod code;
pub mod histogram;
pub mod open;
mod second;
pub mod tally;

use std::ops::BitOr;

use histogram::Histogram;
use tally::Tally;

use super::{Micros, Phase, varint};

pub use second::{Damaged, Second, SecondCounter, Slot};

/// Number of the track of successful probes' latencies.
pub const LATENCY: usize = 0;

/// Number of the track of all attempts' lags.
pub const LAG: usize = 1;

/// Number of the track of successful probes' latencies that were the first on their connection.
pub const COLD: usize = 2 + Phase::ALL.len();

/// Number of the track of successful requests' responses: from when each was due to its end. Only whoever generates load
/// has it; of a probe it follows from latency and lag.
pub const RESPONSE: usize = COLD + 1;

/// How many tracks there are.
pub const TRACKS: usize = RESPONSE + 1;

/// Number of the track of a phase of successful probes.
pub fn phase_track(phase: Phase) -> usize {
    2 + phase as usize
}

/// Bit of the mask that says there is more to the tally than attempts.
const TROUBLE: u16 = 1 << TRACKS;

/// A choice of distributions: reading fewer costs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracks(u16);

impl Tracks {
    /// Counts alone.
    pub const NONE: Self = Self(0);
    pub const LATENCY: Self = Self(1 << LATENCY);
    pub const LAG: Self = Self(1 << LAG);
    pub const COLD: Self = Self(1 << COLD);
    pub const RESPONSE: Self = Self(1 << RESPONSE);
    /// All phases.
    pub const PHASES: Self = Self(((1 << Phase::ALL.len()) - 1) << 2);
    pub const ALL: Self = Self(!TROUBLE);

    fn contains(self, track: usize) -> bool {
        self.0 & 1 << track != 0
    }
}

impl BitOr for Tracks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Room to add slots up in and to encode; one serves any number of targets, one after the other.
#[derive(Clone, Debug)]
pub struct Scratch {
    pub tally: Tally,
    pub histograms: [Histogram; TRACKS],
    /// What was encoded last.
    pub bytes: Vec<u8>,
}

impl Scratch {
    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        self.histograms.iter().map(Histogram::heap_bytes).sum::<usize>() + self.bytes.len()
    }
}

/// What the slots come to that were added up last.
impl Scratch {
    /// Probes of the target, and those of them that failed.
    pub fn attempts(&self) -> u64 {
        self.tally.attempts
    }

    pub fn failed(&self) -> u64 {
        self.tally.failed()
    }

    /// Probes that failed for want of something here, which are no attempts.
    pub fn ours(&self) -> u64 {
        self.tally.ours()
    }

    /// Latencies of successful probes, as the middles of buckets, shortest first, and how many there are of each.
    pub fn latencies(&self) -> impl Iterator<Item = (Micros, u64)> {
        let entries = self.histograms[LATENCY].iter();
        entries.map(|(code, count)| (Micros(code::midpoint_us(code)), count))
    }

    /// How many successful probes took at most so long, to the 0.8 % that a bucket is wide.
    pub fn at_most(&self, limit: Micros) -> u64 {
        self.histograms[LATENCY].at_most(limit)
    }

    /// The median latency of those that were the first on their connection; `None` without any.
    pub fn cold_median(&self) -> Option<Micros> {
        let cold = &self.histograms[COLD];
        let [median] = cold.summary([histogram::Quantile::P50]).at;
        (!cold.is_empty()).then_some(median)
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            histograms: std::array::from_fn(|_| Histogram::default()),
            bytes: Vec::new(),
        }
    }
}

impl Scratch {
    /// Adds up the wanted tracks, and the tallies, of `slots`; what was there before is gone.
    pub fn sum<'a>(&mut self, slots: impl Iterator<Item = &'a [u8]>, wanted: Tracks) -> &Self {
        self.tally = Tally::default();
        self.histograms.iter_mut().for_each(Histogram::clear);
        // Windows are chains of rings, which go through themselves faster than they are gone through from outside.
        slots.for_each(|slot| {
            // A damaged slot counts as far as it can be read.
            let _ = self.add(slot, wanted);
        });
        self
    }

    /// Takes any bytes; `None` when they stop making sense.
    fn add(&mut self, slot: &[u8], wanted: Tracks) -> Option<()> {
        let (&mask, mut rest) = slot.split_first_chunk()?;
        let mask = u16::from_le_bytes(mask);
        self.tally.attempts = self.tally.attempts.saturating_add(varint::read(&mut rest)?);
        if mask & TROUBLE != 0 {
            self.tally.add_trouble(&mut rest)?;
        }
        let mut left = mask & !TROUBLE & ((1 << TRACKS) - 1);
        while left & wanted.0 != 0 {
            let track = left.trailing_zeros() as usize;
            left &= left - 1;
            let length = usize::try_from(varint::read(&mut rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            rest = after;
            if wanted.contains(track) {
                self.histograms[track].add_encoded(bytes);
            }
        }
        Some(())
    }

    /// Writes the sum as one slot into `bytes`.
    pub fn encode(&mut self) {
        let mut writer = SlotWriter::begin(&mut self.bytes, &self.tally);
        for (track, histogram) in self.histograms.iter().enumerate() {
            if !histogram.is_empty() {
                writer.track(track, histogram.iter());
            }
        }
    }
}

/// Writes one slot, track by track in ascending order.
pub struct SlotWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> SlotWriter<'a> {
    /// Replaces what `out` held. An empty tally writes nothing, and no track may follow it.
    pub fn begin(out: &'a mut Vec<u8>, tally: &Tally) -> Self {
        out.clear();
        if !tally.is_empty() {
            let mask = if tally.is_untroubled() { 0 } else { TROUBLE };
            out.extend(mask.to_le_bytes());
            varint::write(tally.attempts, out);
            if !tally.is_untroubled() {
                tally.encode_trouble(out);
            }
        }
        Self { out }
    }

    /// `entries` as for [`histogram::encode`].
    pub fn track(&mut self, track: usize, entries: impl Iterator<Item = (u16, u64)>) {
        let Some(mask) = self.out.first_chunk_mut() else { return };
        *mask = (u16::from_le_bytes(*mask) | 1 << track).to_le_bytes();
        // One byte holds the length of most; where it does not, the histogram moves aside.
        let start = self.out.len();
        self.out.push(0);
        histogram::encode(entries, self.out);
        let length = self.out.len() - start - 1;
        if let Ok(length @ 0..0x80) = u8::try_from(length) {
            self.out[start] = length;
            return;
        }
        let mut prefix = Vec::with_capacity(4);
        varint::write(length as u64, &mut prefix);
        self.out.splice(start..=start, prefix);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;
    use crate::sample::FailureKind;

    /// What a scratch holds, to compare.
    fn content(scratch: &Scratch) -> (Tally, Vec<Vec<(u16, u64)>>) {
        let histograms = scratch.histograms.iter().map(|histogram| histogram.iter().collect());
        (scratch.tally.clone(), histograms.collect())
    }

    fn decode(slots: &[&[u8]], wanted: Tracks) -> (Tally, Vec<Vec<(u16, u64)>>) {
        content(Scratch::default().sum(slots.iter().copied(), wanted))
    }

    fn scratches() -> impl Strategy<Value = Scratch> {
        let tracks = vec(btree_map(0_u64..2688, 1_u64..1_000_000, 0..200), TRACKS);
        let failures = vec(prop::sample::select(&FailureKind::ALL[..]), 0..5);
        (1_u64..10_000, 0_u64..3, 0_u64..3, failures, tracks).prop_map(
            |(attempts, overruns, skipped, failures, tracks)| {
                let mut scratch = Scratch::default();
                scratch.tally.attempts = attempts;
                scratch.tally.overruns = overruns;
                (scratch.tally.skipped, scratch.tally.cut_off) = (skipped, overruns + skipped);
                failures.into_iter().for_each(|kind| scratch.tally.fail(kind));
                for (histogram, counts) in scratch.histograms.iter_mut().zip(tracks) {
                    counts.into_iter().for_each(|(code, count)| histogram.add(code, count));
                }
                scratch
            },
        )
    }

    proptest! {
        #[test]
        fn a_slot_decodes_to_what_was_encoded(mut scratch in scratches()) {
            scratch.encode();
            prop_assert_eq!(decode(&[&scratch.bytes], Tracks::ALL), content(&scratch));
        }

        #[test]
        fn a_track_reads_the_same_alone(mut scratch in scratches(), track in 0..TRACKS) {
            scratch.encode();
            let (tally, histograms) = decode(&[&scratch.bytes], Tracks(1 << track));
            prop_assert_eq!(&tally, &scratch.tally);
            for (number, found) in histograms.into_iter().enumerate() {
                let expected = scratch.histograms[number].iter().filter(|_| number == track);
                prop_assert_eq!(found, expected.collect::<Vec<_>>());
            }
        }

        #[test]
        fn any_bytes_decode_without_harm(slots in vec(vec(any::<u8>(), 0..300), 0..5)) {
            let mut scratch = Scratch::default();
            scratch.sum(slots.iter().map(Vec::as_slice), Tracks::ALL);
            scratch.encode();
            prop_assert_eq!(decode(&[&scratch.bytes], Tracks::ALL).0, content(&scratch).0);
        }

        #[test]
        fn a_slot_cut_short_decodes_to_a_part_of_it(mut scratch in scratches(), keep in 0.0..1.0) {
            scratch.encode();
            let kept = (scratch.bytes.len() as f64 * keep) as usize;
            let (tally, histograms) = decode(&[&scratch.bytes[..kept]], Tracks::ALL);
            prop_assert!(tally.attempts <= scratch.tally.attempts);
            for (found, whole) in histograms.iter().zip(&scratch.histograms) {
                prop_assert!(found.is_empty() || found.iter().copied().eq(whole.iter()));
            }
        }
    }

    #[test]
    fn an_idle_second_takes_no_bytes_and_a_healthy_one_few() {
        let mut bytes = vec![1, 2, 3];
        SlotWriter::begin(&mut bytes, &Tally::default());
        assert!(bytes.is_empty());
        let mut tally = Tally::default();
        tally.attempts = 1;
        SlotWriter::begin(&mut bytes, &tally).track(LATENCY, [(1200, 1)].into_iter());
        assert_eq!(bytes.len(), 6);
    }
}
