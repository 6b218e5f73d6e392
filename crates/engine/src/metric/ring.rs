//! The newest slots of one resolution, one after the other in one stretch of bytes.

use std::collections::VecDeque;
use std::ops::Range;

/// Numbered slots, ascending and without gaps; the oldest leaves when there are more than `limit`.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    limit: usize,
    /// The number of the slot that comes next.
    next: u64,
    /// The slots, oldest first, behind what has left but was not cleared away yet.
    bytes: Vec<u8>,
    /// Where the oldest slot begins in `bytes`.
    head: usize,
    /// How long each slot is.
    lengths: VecDeque<u16>,
}

/// Growing by a little instead of by doubling bounds what lies idle; 10,000 targets pay for it 30,000 times.
const SLACK_DIVISOR: usize = 32;

/// While slots are still to come more than lies idle for long: every second would find the room too small again.
const GROWTH_DIVISOR: usize = 8;

impl Ring {
    pub(super) fn new(limit: usize, next: u64) -> Self {
        Self {
            limit,
            next,
            bytes: Vec::new(),
            head: 0,
            lengths: VecDeque::with_capacity(limit),
        }
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes.len() + self.lengths.len() * size_of::<u16>()
    }

    /// The number of the slot that comes next.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The number of the oldest slot that is kept.
    pub(super) fn first(&self) -> u64 {
        self.next - self.lengths.len() as u64
    }

    /// A slot beyond 64 KiB is cut off, which leaves whole tracks readable. It takes all seven tracks with every bucket
    /// in use and counts of 16,384 and more to get there.
    pub(super) fn push(&mut self, slot: &[u8]) {
        let length = u16::try_from(slot.len()).unwrap_or(u16::MAX);
        let slot = &slot[..usize::from(length)];
        if self.lengths.len() == self.limit {
            self.head += self.lengths.pop_front().map_or(0, usize::from);
        }
        self.make_room(slot.len());
        self.bytes.extend_from_slice(slot);
        self.lengths.push_back(length);
        self.next += 1;
    }

    /// As `count` times an empty slot, at the cost of no more than the ring has.
    pub(super) fn push_empty(&mut self, count: u64) {
        let pushed = count.min(self.limit as u64);
        for _ in 0..pushed {
            self.push(&[]);
        }
        self.next += count - pushed;
    }

    /// The slots with these numbers, oldest first; those that have left or are to come are left out.
    pub(super) fn range(&self, numbers: Range<u64>) -> impl Iterator<Item = &[u8]> {
        let first = self.first();
        let from = numbers.start.clamp(first, self.next) - first;
        let to = numbers.end.clamp(first, self.next) - first;
        let (from, to) = (from as usize, (to.max(from)) as usize);
        // Windows end at the newest slot, so their beginning is nearer from behind.
        let behind: usize = self.lengths.range(from..).copied().map(usize::from).sum();
        let mut rest = &self.bytes[self.bytes.len() - behind..];
        self.lengths.range(from..to).map(move |length| {
            let (slot, after) = rest.split_at(usize::from(*length));
            rest = after;
            slot
        })
    }

    /// Clears away what has left once that is worth the move, and grows a little where that is not enough.
    fn make_room(&mut self, needed: usize) {
        let live = self.bytes.len() - self.head;
        let slack = live / SLACK_DIVISOR;
        if self.head > slack {
            self.bytes.drain(..self.head);
            self.head = 0;
            self.bytes.shrink_to(live + needed + 2 * slack);
        }
        if self.bytes.capacity() - self.bytes.len() < needed {
            let is_full = self.lengths.len() + 1 >= self.limit;
            let ahead = if is_full { slack } else { live / GROWTH_DIVISOR };
            self.bytes.reserve_exact(needed.max(ahead));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(ring: &Ring, numbers: Range<u64>) -> Vec<Vec<u8>> {
        ring.range(numbers).map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn the_oldest_slot_leaves_when_the_ring_is_full() {
        let mut ring = Ring::new(3, 10);
        for byte in 0..5 {
            ring.push(&[byte; 2]);
        }
        assert_eq!(ring.next(), 15);
        assert_eq!(slots(&ring, 0..100), [[2, 2], [3, 3], [4, 4]]);
        assert_eq!(slots(&ring, 13..14), [[3, 3]]);
        assert!(slots(&ring, 0..12).is_empty() && slots(&ring, 15..20).is_empty());
    }

    #[test]
    fn a_gap_longer_than_the_ring_empties_it() {
        let mut ring = Ring::new(3, 0);
        ring.push(&[1]);
        ring.push_empty(u64::from(u32::MAX));
        assert_eq!(ring.next(), 1 + u64::from(u32::MAX));
        assert_eq!(slots(&ring, 0..u64::MAX), vec![Vec::<u8>::new(); 3]);
    }

    #[test]
    fn the_bytes_held_stay_near_what_the_slots_need() {
        let mut ring = Ring::new(100, 0);
        for number in 0..100_000_u32 {
            ring.push(&vec![number as u8; 10 + number as usize % 20]);
        }
        let held: usize = ring.range(0..u64::MAX).map(<[u8]>::len).sum();
        assert_eq!(slots(&ring, 99_999..100_000), [vec![159; 29]]);
        assert!(
            ring.bytes.capacity() * 6 <= held * 7,
            "{} for {held}",
            ring.bytes.capacity()
        );
    }

    #[test]
    fn a_slot_beyond_the_limit_is_cut_off_and_disturbs_no_other() {
        let mut ring = Ring::new(2, 0);
        ring.push(&[1; 100_000]);
        ring.push(&[2; 3]);
        assert_eq!(slots(&ring, 0..2), [vec![1; 65_535], vec![2; 3]]);
        ring.push(&[]);
        assert_eq!(slots(&ring, 0..9), [vec![2; 3], vec![]]);
    }

    #[test]
    fn one_large_slot_is_not_paid_for_ever_after() {
        let mut ring = Ring::new(10, 0);
        ring.push(&[0; 50_000]);
        for _ in 0..100 {
            ring.push(&[0; 10]);
        }
        assert!(ring.bytes.capacity() < 1000, "{}", ring.bytes.capacity());
    }
}
