//! The latencies of both sides as one distribution: the ranks of latencies in it, and where it is cut for a quantile.

use probetop_core::sample::Micros;
use probetop_core::snapshot::Spreads;

/// Sixty-four buckets an octave, at most 1.6 % wide: a third of the least change that is told.
const OCTAVE_BITS: u32 = 6;

/// Bits of a number's mantissa that are below a bucket.
const SHIFT: u32 = f32::MANTISSA_DIGITS - 1 - OCTAVE_BITS;

/// The number of the last bucket is that of 2³² µs.
const BUCKETS: usize = (32 << OCTAVE_BITS) + 1;

/// The exponent of a binary number is the whole part of its logarithm, and its mantissa goes on nearly evenly.
pub(super) fn bucket_of(latency: Micros) -> usize {
    let bits = |number: f32| number.to_bits() >> SHIFT;
    (bits(latency.0.max(1) as f32) - bits(1.0)) as usize
}

/// The least latency of a bucket.
pub(super) fn low_of(bucket: usize) -> Micros {
    let bits = 1.0_f32.to_bits() + ((bucket as u32) << SHIFT);
    Micros(f32::from_bits(bits).ceil() as u32)
}

/// Both sides together.
#[derive(Debug)]
pub(super) struct Pooled {
    counts: Vec<u64>,
    pub total: u64,
}

impl Pooled {
    pub(super) fn of(sides: [&Spreads; 2]) -> Self {
        let mut pooled = Self {
            counts: vec![0; BUCKETS],
            total: 0,
        };
        for (latency, count) in sides.into_iter().flat_map(Spreads::iter).flatten() {
            pooled.counts[bucket_of(*latency)] += u64::from(*count);
            pooled.total += u64::from(*count);
        }
        pooled
    }

    /// For each bucket the middle of its ranks, as a share of all.
    pub(super) fn ranks(&self) -> Vec<f64> {
        let mut below = 0;
        let rank = |count: &u64| {
            let rank = (below as f64 + *count as f64 / 2.0) / self.total.max(1) as f64;
            below += count;
            rank
        };
        self.counts.iter().map(rank).collect()
    }

    /// The bucket from which on there are as nearly `wanted` latencies as can be; `None`: all are alike.
    pub(super) fn cut(&self, wanted: f64) -> Option<usize> {
        let filled = self.counts.iter().enumerate().rev().filter(|(_, count)| **count > 0);
        let mut above = 0;
        let mut best: Option<(f64, usize)> = None;
        for (bucket, count) in filled {
            above += count;
            let off = (above as f64 - wanted).abs();
            if above == self.total || best.is_some_and(|(least, _)| off >= least) {
                break;
            }
            best = Some((off, bucket));
        }
        best.map(|(_, bucket)| bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spreads(latencies: &[u32]) -> Spreads {
        let mut spreads = Spreads::default();
        latencies.iter().for_each(|us| spreads.push([(Micros(*us), 1)]));
        spreads
    }

    #[test]
    fn buckets_are_in_order_and_narrow() {
        let mut before = 0;
        for us in (0..32).flat_map(|octave| (0..256).map(move |part| (1_u64 << octave) * (256 + part) / 256)) {
            let bucket = bucket_of(Micros(us as u32));
            assert!(bucket >= before && bucket < BUCKETS);
            assert!((low_of(bucket)..=low_of(bucket + 1)).contains(&Micros(us as u32)));
            before = bucket;
        }
        assert_ne!(bucket_of(Micros(100_000)), bucket_of(Micros(101_600)));
        assert!(bucket_of(Micros(u32::MAX)) < BUCKETS);
    }

    #[test]
    fn a_cut_is_as_near_as_equal_latencies_allow() {
        let pooled = |latencies: &[u32]| Pooled::of([&spreads(latencies), &Spreads::default()]);
        let even: Vec<u32> = (1..=10).map(|place| place * 1000).collect();
        assert_eq!(pooled(&even).cut(3.0), Some(bucket_of(Micros(8000))));
        assert_eq!(
            pooled(&[1000, 1000, 1000, 1000, 9000]).cut(2.5),
            Some(bucket_of(Micros(9000)))
        );
        assert_eq!(
            pooled(&[1000, 9000, 9000, 9000, 9000]).cut(1.0),
            Some(bucket_of(Micros(9000)))
        );
        assert_eq!(pooled(&[1000; 5]).cut(2.0), None);
        assert_eq!(pooled(&[]).cut(0.0), None);
    }

    #[test]
    fn equal_latencies_share_their_ranks() {
        let pooled = Pooled::of([&spreads(&[1000, 5000]), &spreads(&[1000, 9000])]);
        let ranks = pooled.ranks();
        let of = |us| ranks[bucket_of(Micros(us))];
        assert_eq!([of(1000), of(5000), of(9000)], [0.25, 0.625, 0.875]);
    }
}
