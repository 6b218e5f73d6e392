//! Attempts by outcome.

use super::varint;
use crate::sample::FailureKind;

/// How many probes were made, how many failed of what, and how many could not be made or had no need to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) attempts: u64,
    pub(super) overruns: u64,
    pub(super) skipped: u64,
    pub(super) cut_off: u64,
    failures: [u64; FailureKind::ALL.len()],
}

impl Tally {
    pub(super) fn fail(&mut self, kind: FailureKind) {
        self.failures[kind as usize] += 1;
    }

    /// Of the target; what failed for want of something here was no attempt.
    pub(super) fn failed(&self) -> u64 {
        let kinds = FailureKind::ALL.into_iter().zip(self.failures);
        let of_target = kinds.filter(|(kind, _)| !kind.is_ours());
        of_target.fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// Kinds that occurred, commonest first.
    pub(super) fn by_kind(&self) -> Vec<(FailureKind, u64)> {
        let mut kinds: Vec<_> = FailureKind::ALL
            .into_iter()
            .zip(self.failures)
            .filter(|(_, count)| *count > 0)
            .collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kinds
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attempts == 0 && self.is_untroubled()
    }

    /// Whether there is nothing to say but the number of attempts.
    pub(super) fn is_untroubled(&self) -> bool {
        self.overruns == 0 && self.skipped == 0 && self.cut_off == 0 && self.failures.iter().all(|count| *count == 0)
    }

    /// Appends what is there besides the attempts: overruns, skipped ones, those cut off, a bit for each kind that occurred, their counts.
    pub(super) fn encode_trouble(&self, out: &mut Vec<u8>) {
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
    pub(super) fn add_trouble(&mut self, bytes: &mut &[u8]) -> Option<()> {
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
