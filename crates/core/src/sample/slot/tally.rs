//! Attempts by outcome.

use crate::sample::{FailureKind, varint};

/// How many probes were made, how many failed of what, and how many could not be made or had no need to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub attempts: u64,
    pub overruns: u64,
    pub skipped: u64,
    pub cut_off: u64,
    failures: [u64; FailureKind::ALL.len()],
}

impl Tally {
    pub fn fail(&mut self, kind: FailureKind) {
        self.failures[kind as usize] += 1;
    }

    /// Of the target; what failed for want of something here was not an attempt.
    pub fn failed(&self) -> u64 {
        let kinds = FailureKind::ALL.into_iter().zip(self.failures);
        let of_target = kinds.filter(|(kind, _)| !kind.is_ours());
        of_target.fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// What failed for want of something here.
    pub fn ours(&self) -> u64 {
        let kinds = FailureKind::ALL.into_iter().zip(self.failures);
        let ours = kinds.filter(|(kind, _)| kind.is_ours());
        ours.fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// Whether no count is beyond `limit`.
    pub fn is_at_most(&self, limit: u64) -> bool {
        let counts = [self.attempts, self.overruns, self.skipped, self.cut_off];
        counts.iter().chain(&self.failures).all(|count| *count <= limit)
    }

    /// Takes in what another counted.
    pub fn add(&mut self, other: &Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.attempts, other.attempts);
        add(&mut self.overruns, other.overruns);
        add(&mut self.skipped, other.skipped);
        add(&mut self.cut_off, other.cut_off);
        self.failures
            .iter_mut()
            .zip(other.failures)
            .for_each(|(sum, more)| add(sum, more));
    }

    /// Kinds that occurred, commonest first.
    pub fn by_kind(&self) -> Vec<(FailureKind, u64)> {
        let mut kinds: Vec<_> = FailureKind::ALL
            .into_iter()
            .zip(self.failures)
            .filter(|(_, count)| *count > 0)
            .collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kinds
    }

    pub fn is_empty(&self) -> bool {
        self.attempts == 0 && self.is_untroubled()
    }

    /// Whether there is nothing to say but the number of attempts.
    pub fn is_untroubled(&self) -> bool {
        self.overruns == 0 && self.skipped == 0 && self.cut_off == 0 && self.failures.iter().all(|count| *count == 0)
    }

    /// Appends what is there besides the attempts: overruns, skipped ones, those cut off, a bit for each kind that occurred, their counts.
    pub fn encode_trouble(&self, out: &mut Vec<u8>) {
        varint::write(self.overruns, out);
        varint::write(self.skipped, out);
        varint::write(self.cut_off, out);
        let occurred = self.failures.iter().enumerate();
        let kinds = occurred.fold(0, |kinds, (kind, count)| kinds | u64::from(*count > 0) << kind);
        varint::write(kinds, out);
        for count in self.failures.iter().filter(|count| **count > 0) {
            varint::write(*count, out);
        }
    }

    /// Adds what [`Tally::encode_trouble`] wrote and takes it off the front. `None` when the bytes make no sense.
    pub fn add_trouble(&mut self, bytes: &mut &[u8]) -> Option<()> {
        self.overruns = self.overruns.saturating_add(varint::read(bytes)?);
        self.skipped = self.skipped.saturating_add(varint::read(bytes)?);
        self.cut_off = self.cut_off.saturating_add(varint::read(bytes)?);
        let kinds = varint::read(bytes)?;
        if kinds >> self.failures.len() != 0 {
            return None;
        }
        for (kind, failures) in self.failures.iter_mut().enumerate() {
            if kinds >> kind & 1 == 1 {
                *failures = failures.saturating_add(varint::read(bytes)?);
            }
        }
        Some(())
    }
}
