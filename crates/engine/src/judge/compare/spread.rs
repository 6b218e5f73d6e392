//! How the latencies of both sides are spread, in the bins of a chart that shows them over each other.

use probetop_core::snapshot::{SharedBin, Spreads};

use super::pooled::{bucket_of, low_of};

/// Bins of a row: as many as a chart has columns of dots for, and 1 kB, for ten thousand targets are compared as well.
const BINS_LIMIT: usize = 64;

/// Buckets of a bin at least, as a power of two: eight bins an octave, as everywhere else.
const LEAST_BITS: u32 = 3;

/// From the fastest to the slowest of both sides, without gaps; all are of the same width on a logarithmic axis.
pub fn spread(sides: [&Spreads; 2]) -> Vec<SharedBin> {
    let buckets = |side: usize| {
        let entries = sides[side].iter().flatten();
        entries.map(move |(latency, count)| (side, bucket_of(*latency), *count))
    };
    let all = || buckets(0).chain(buckets(1));
    let least = all().map(|(_, bucket, _)| bucket).min();
    let Some((least, most)) = least.zip(all().map(|(_, bucket, _)| bucket).max()) else {
        return Vec::new();
    };
    let count = |bits: u32| (most >> bits) - (least >> bits) + 1;
    let bits = (LEAST_BITS..)
        .find(|bits| count(*bits) <= BINS_LIMIT)
        .unwrap_or(LEAST_BITS);
    let first = least >> bits;
    let bin = |number: usize| SharedBin {
        low: low_of((first + number) << bits),
        high: low_of((first + number + 1) << bits),
        counts: [0; 2],
    };
    let mut bins: Vec<SharedBin> = (0..count(bits)).map(bin).collect();
    for (side, bucket, count) in all() {
        let counts = &mut bins[(bucket >> bits) - first].counts;
        counts[side] = counts[side].saturating_add(count);
    }
    bins
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::Micros;

    use super::*;

    fn spreads(latencies: &[(u32, u32)]) -> Spreads {
        let mut spreads = Spreads::default();
        latencies
            .iter()
            .for_each(|(us, count)| spreads.push([(Micros(*us), *count)]));
        spreads
    }

    #[test]
    fn every_latency_is_in_the_bin_that_holds_it() {
        let (a, b) = (spreads(&[(1000, 5), (1100, 2), (9000, 1)]), spreads(&[(2000, 4)]));
        let bins = spread([&a, &b]);
        let counted: Vec<_> = bins.iter().filter(|bin| bin.counts != [0; 2]).collect();
        assert_eq!(counted.iter().map(|bin| bin.counts[0]).sum::<u32>(), 8);
        assert_eq!(counted.iter().map(|bin| bin.counts[1]).sum::<u32>(), 4);
        for us in [1000, 1100, 2000, 9000] {
            let holds = |bin: &&&SharedBin| (bin.low..bin.high).contains(&Micros(us));
            assert_eq!(counted.iter().filter(holds).count(), 1, "{us} in {counted:?}");
        }
        assert!(bins.windows(2).all(|pair| pair[0].high == pair[1].low), "{bins:?}");
    }

    #[test]
    fn there_are_no_more_bins_than_are_kept_however_far_apart_latencies_are() {
        let none = Spreads::default();
        assert_eq!(spread([&none, &none]), []);
        let far = spreads(&[(1, 1), (u32::MAX, u32::MAX), (u32::MAX, 1)]);
        let bins = spread([&far, &none]);
        assert!((16..=BINS_LIMIT).contains(&bins.len()), "{}", bins.len());
        assert_eq!(bins.last().unwrap().counts, [u32::MAX, 0]);
        assert_eq!(spread([&none, &spreads(&[(500, 3)])]).len(), 1);
    }
}
