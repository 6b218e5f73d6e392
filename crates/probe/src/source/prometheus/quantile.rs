//! Quantiles of a histogram with cumulative buckets, as Prometheus' `histogram_quantile` has them
//! (promql/quantile.go, `BucketQuantile`): linear within the bucket, from zero in the lowest one.

/// Upper bound of a bucket and how many observations were at most that; `buckets` ascends in both.
pub type Bucket = (f64, f64);

/// The `quantile` (0 to 1). `None` without observations, or without the bucket that holds them all (`+Inf`). In the
/// highest bucket it is that bucket's lower bound, because nobody knows where it ends.
pub fn of_buckets(quantile: f64, buckets: &[Bucket]) -> Option<f64> {
    let (last, finite) = buckets.split_last()?;
    let (bound, observations) = *last;
    if bound != f64::INFINITY || finite.is_empty() || observations.is_nan() || observations <= 0.0 {
        return None;
    }
    let rank = quantile * observations;
    let Some(index) = finite.iter().position(|(_, count)| *count >= rank) else {
        return finite.last().map(|(bound, _)| *bound);
    };
    let (end, count) = *finite.get(index)?;
    let (start, below) = match index.checked_sub(1).and_then(|lower| finite.get(lower)) {
        Some(lower) => *lower,
        // Nothing is known of the lowest bucket's other end, and latencies begin at zero.
        None if end <= 0.0 => return Some(end),
        None => (0.0, 0.0),
    };
    let within = count - below;
    let share = if within > 0.0 { (rank - below) / within } else { 1.0 };
    Some(start + (end - start) * share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INF: f64 = f64::INFINITY;

    fn check(quantile: f64, buckets: &[Bucket], expected: Option<f64>) {
        let read = of_buckets(quantile, buckets);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let same = matches!((read, expected), (Some(a), Some(b)) if close(a, b)) || read == expected;
        assert!(same, "{quantile} of {buckets:?}: {read:?} instead of {expected:?}");
    }

    /// The cases with positive buckets of Prometheus' own promqltest/testdata/histograms.test.
    #[test]
    fn quantiles_are_those_of_prometheus() {
        let positive = [(0.1, 5.0), (0.2, 7.0), (1e0, 11.0), (INF, 12.0)];
        check(0.0, &positive, Some(0.0));
        check(0.2, &positive, Some(0.048));
        check(0.5, &positive, Some(0.15));
        check(0.8, &positive, Some(0.72));
        check(1.0, &positive, Some(1.0));
        let negative = [(-0.2, 1.0), (-0.1, 2.0), (0.3, 2.0), (INF, 3.0)];
        check(0.2, &negative, Some(-0.2));
        check(0.5, &negative, Some(-0.15));
        check(0.8, &negative, Some(0.3));
    }

    #[test]
    fn a_histogram_that_tells_nothing_has_no_quantiles() {
        check(0.5, &[], None);
        check(0.5, &[(INF, 5.0)], None);
        check(0.5, &[(1.0, 5.0)], None);
        check(0.5, &[(1.0, 0.0), (INF, 0.0)], None);
        check(0.5, &[(1.0, f64::NAN), (INF, f64::NAN)], None);
        check(0.5, &[(1.0, 0.0), (INF, 3.0)], Some(1.0));
    }

    proptest! {
        #[test]
        fn a_quantile_lies_within_the_buckets_and_ascends(
            widths in proptest::collection::vec((0.001_f64..10.0, 0_u16..50), 1..20),
            a in 0.0_f64..=1.0,
            b in 0.0_f64..=1.0,
        ) {
            let (mut bound, mut count) = (0.0, 0.0);
            let mut buckets: Vec<Bucket> = widths.iter().map(|(width, more)| {
                bound += width;
                count += f64::from(*more);
                (bound, count)
            }).collect();
            buckets.push((INF, count + 1.0));
            let (low, high) = (of_buckets(a.min(b), &buckets).unwrap(), of_buckets(a.max(b), &buckets).unwrap());
            prop_assert!(0.0 <= low && low <= high + 1e-9 && high <= bound + 1e-9, "{low} {high} {buckets:?}");
        }
    }
}
