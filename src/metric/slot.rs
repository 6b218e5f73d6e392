//! What a target did in one stretch of time, as bytes: a tally and up to seven histograms.
//!
//! ```text
//! slot     = nothing                       when nothing happened
//!          | mask  attempts  [trouble]  { length  histogram }
//! mask     = a bit for each track present, and one for trouble
//! trouble  = overruns  kinds  { count }    see `tally`
//! ```
//! All numbers but the mask are varints. The length lets a reader skip the tracks it does not want. Slots add up:
//! decoding several into one [`Scratch`] gives the slot of the time they cover together.

use std::ops::BitOr;

use super::histogram::{self, Histogram};
use super::tally::Tally;
use super::varint;
use crate::sample::Phase;

/// Number of the track of successful probes' latencies.
pub(super) const LATENCY: usize = 0;

/// Number of the track of all attempts' lags.
pub(super) const LAG: usize = 1;

/// How many tracks there are.
pub(super) const TRACKS: usize = 2 + Phase::ALL.len();

/// Number of the track of a phase of successful probes.
pub(super) fn phase_track(phase: Phase) -> usize {
    2 + phase as usize
}

/// Bit of the mask that says there is more to the tally than attempts.
const TROUBLE: u8 = 1 << TRACKS;

/// A choice of distributions: reading fewer costs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracks(u8);

impl Tracks {
    /// Counts alone.
    pub const NONE: Self = Self(0);
    pub const LATENCY: Self = Self(1 << LATENCY);
    pub const LAG: Self = Self(1 << LAG);
    /// All phases.
    pub const PHASES: Self = Self(!Self::LATENCY.0 & !Self::LAG.0 & !TROUBLE);
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

/// Room to add slots up in and to encode; one serves any number of [`Series`](super::Series), one after the other.
#[derive(Clone, Debug)]
pub struct Scratch {
    pub(super) tally: Tally,
    pub(super) histograms: [Histogram; TRACKS],
    /// What was encoded last.
    pub(super) bytes: Vec<u8>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            histograms: std::array::from_fn(|_| Histogram::new()),
            bytes: Vec::new(),
        }
    }
}

impl Scratch {
    /// Adds up the wanted tracks, and the tallies, of `slots`; what was there before is gone.
    pub(super) fn sum<'a>(&mut self, slots: impl Iterator<Item = &'a [u8]>, wanted: Tracks) -> &Self {
        self.tally = Tally::default();
        self.histograms.iter_mut().for_each(Histogram::clear);
        for slot in slots {
            // A damaged slot counts as far as it can be read.
            let _ = self.add(slot, wanted);
        }
        self
    }

    /// Takes any bytes; `None` when they stop making sense.
    fn add(&mut self, slot: &[u8], wanted: Tracks) -> Option<()> {
        let (&mask, mut rest) = slot.split_first()?;
        self.tally.attempts = self.tally.attempts.saturating_add(varint::read(&mut rest)?);
        if mask & TROUBLE != 0 {
            self.tally.add_trouble(&mut rest)?;
        }
        for (track, histogram) in self.histograms.iter_mut().enumerate() {
            if mask & !(TROUBLE | ((1 << track) - 1)) & wanted.0 == 0 {
                return Some(());
            }
            if !Tracks(mask).contains(track) {
                continue;
            }
            let length = usize::try_from(varint::read(&mut rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            rest = after;
            if wanted.contains(track) {
                histogram.add_encoded(bytes);
            }
        }
        Some(())
    }

    /// Writes the sum as one slot into `bytes`.
    pub(super) fn encode(&mut self) {
        let mut writer = SlotWriter::begin(&mut self.bytes, &self.tally);
        for (track, histogram) in self.histograms.iter().enumerate() {
            if !histogram.is_empty() {
                writer.track(track, histogram.iter());
            }
        }
    }
}

/// Writes one slot, track by track in ascending order.
pub(super) struct SlotWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> SlotWriter<'a> {
    /// Replaces what `out` held. An empty tally writes nothing, and no track may follow it.
    pub(super) fn begin(out: &'a mut Vec<u8>, tally: &Tally) -> Self {
        out.clear();
        if !tally.is_empty() {
            out.push(0);
            varint::write(tally.attempts, out);
            if !tally.is_untroubled() {
                out[0] |= TROUBLE;
                tally.encode_trouble(out);
            }
        }
        Self { out }
    }

    /// `entries` as for [`histogram::encode`].
    pub(super) fn track(&mut self, track: usize, entries: impl Iterator<Item = (u16, u64)>) {
        let Some(mask) = self.out.first_mut() else { return };
        *mask |= 1 << track;
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
