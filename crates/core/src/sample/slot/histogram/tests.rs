//! Counts in, ranks and sums out, beside what sorting says.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

fn of(entries: impl IntoIterator<Item = (u16, u64)>) -> Histogram {
    let mut histogram = Histogram::default();
    for (code, count) in entries {
        histogram.add(u64::from(code), count);
    }
    histogram
}

fn encoded(histogram: &Histogram) -> Vec<u8> {
    let mut out = Vec::new();
    encode(histogram.iter(), &mut out);
    out
}

proptest! {
    #[test]
    fn encoding_and_decoding_gives_the_same_counts(counts in btree_map(0..CODES as u16, 1_u64.., 0..300)) {
        let mut decoded = Histogram::default();
        decoded.add_encoded(&encoded(&of(counts.clone())));
        prop_assert_eq!(decoded.iter().collect::<Vec<_>>(), Vec::from_iter(counts));
    }

    #[test]
    fn merging_encoded_histograms_equals_counting_afresh(parts in vec(vec(0..CODES as u16, 0..50), 0..10)) {
        let mut merged = Histogram::default();
        for part in &parts {
            merged.add_encoded(&encoded(&of(part.iter().map(|&code| (code, 1)))));
        }
        let afresh = of(parts.into_iter().flatten().map(|code| (code, 1)));
        prop_assert!(merged.iter().eq(afresh.iter()));
        prop_assert_eq!(merged.quantiles(), afresh.quantiles());
    }

    #[test]
    fn any_bytes_decode_to_some_histogram(bytes in vec(any::<u8>(), 0..2000)) {
        let mut histogram = Histogram::default();
        histogram.add_encoded(&bytes);
        let quantiles = histogram.quantiles();
        prop_assert!(quantiles.min <= quantiles.max);
        prop_assert!(histogram.iter().count() <= CODES);
        histogram.clear();
        prop_assert!(histogram.is_empty() && histogram.iter().next().is_none());
    }

    #[test]
    fn a_distribution_holds_every_sample_in_its_eighth_of_an_octave(codes in vec(0..CODES as u16, 0..200)) {
        let buckets = of(codes.iter().map(|&code| (code, 1))).distribution();
        for pair in buckets.windows(2) {
            prop_assert!(pair[0].high <= pair[1].low);
        }
        for bucket in &buckets {
            let inside = codes.iter().filter(|&&code| {
                (bucket.low.0..bucket.high.0).contains(&code::low_us(code))
            });
            prop_assert_eq!(inside.count() as u64, bucket.count);
            prop_assert!(bucket.high.0 - bucket.low.0 == 1 || (bucket.high.0 - bucket.low.0) * 8 <= bucket.low.0);
        }
        prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), codes.len() as u64);
    }
}

/// Samples of 1 to `count` microseconds, each once.
fn check(count: u16, expected: [Option<u32>; 8]) {
    let quantiles = of((1..=count).map(|micros| (micros, 1))).quantiles();
    let found = [
        quantiles.p10,
        quantiles.p25,
        quantiles.p50,
        quantiles.p75,
        quantiles.p90,
        quantiles.p95,
        quantiles.p99,
        quantiles.p99_9,
    ];
    assert_eq!(found, expected.map(|value| value.map(Micros)), "{count} samples");
}

#[test]
fn a_quantile_is_the_nearest_rank_and_needs_enough_samples() {
    check(0, [None; 8]);
    check(1, [None; 8]);
    check(2, [None, None, Some(1), None, None, None, None, None]);
    check(3, [None, None, Some(2), None, None, None, None, None]);
    check(4, [None, Some(1), Some(2), Some(3), None, None, None, None]);
    check(10, [Some(1), Some(3), Some(5), Some(8), Some(9), None, None, None]);
    check(
        20,
        [Some(2), Some(5), Some(10), Some(15), Some(18), Some(19), None, None],
    );
    check(
        101,
        [
            Some(11),
            Some(26),
            Some(51),
            Some(76),
            Some(91),
            Some(96),
            Some(100),
            None,
        ],
    );
}

#[test]
fn a_count_up_to_a_limit_takes_the_limits_own_bucket_in() {
    let some = of([(10, 3), (20, 1), (255, 2)]);
    let at_most = [0, 9, 10, 19, 20, 254, 255, u32::MAX].map(|limit| some.at_most(Micros(limit)));
    assert_eq!(at_most, [0, 0, 3, 3, 4, 4, 6, 6]);
}

#[test]
fn the_last_permille_shows_from_a_thousand_samples_on() {
    let p99_9 = |slow| of([(1, 1000 - slow), (200, slow)]).quantiles().p99_9;
    assert_eq!(p99_9(1), Some(Micros(1)));
    assert_eq!(p99_9(2), Some(Micros(200)));
    assert_eq!(of([(1, 999)]).quantiles().p99_9, None);
}

#[test]
fn extremes_and_mean_need_one_sample() {
    let quantiles = of([(100, 1)]).quantiles();
    let expected = Some(Micros(100));
    assert_eq!(
        (quantiles.min, quantiles.mean, quantiles.max),
        (expected, expected, expected)
    );
    assert_eq!(
        of([(10, 3), (20, 1)]).quantiles().mean,
        Some(Micros(13)),
        "12.5 is rounded"
    );
}

#[test]
fn ranks_of_the_largest_counts_do_not_overflow() {
    assert_eq!(Quantile::P99_9.rank(u64::MAX), u64::MAX - u64::MAX / 1000);
    assert_eq!(of([(5, u64::MAX), (6, u64::MAX)]).quantiles().p50, Some(Micros(5)));
}
