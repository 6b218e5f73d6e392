//! How much counters grew between two pages: each series for itself, and only then added up, as PromQL has
//! `sum(increase(…))`. A sum that is compared as a whole takes the restart of one server for a loss of all the others.

use super::collection::{Series, Total};
use super::quantile::Bucket;

/// What the series that are on both pages grew by. `None` when none is: one that has just appeared has nothing to be
/// compared with, and one that is gone tells nothing any more.
pub(super) fn of_values(before: &Total, after: &Total, of: impl Fn(&Series) -> Option<f64>) -> Option<f64> {
    let grown = both(before, after).filter_map(|(before, after)| Some(grown(of(before)?, of(after)?)));
    grown.reduce(|sum, grown| sum + grown)
}

/// What was observed between two pages, by bucket. `None` when no histogram is on both, with the same buckets.
pub(super) fn of_buckets(before: &Total, after: &Total) -> Option<Vec<Bucket>> {
    let each: Vec<_> = both(before, after)
        .filter_map(|(before, after)| observed(&before.buckets, &after.buckets))
        .collect();
    (!each.is_empty()).then(|| sum(&each))
}

fn both<'a>(before: &'a Total, after: &'a Total) -> impl Iterator<Item = (&'a Series, &'a Series)> {
    let after = after.series.iter();
    after.filter_map(|(labels, after)| Some((before.series.get(labels)?, after)))
}

/// A counter that went backwards began anew, at zero.
fn grown(before: f64, after: f64) -> f64 {
    if after < before { after } else { after - before }
}

/// The buckets of one histogram that grew, made ascending where a reading was torn. A histogram of which one bucket went
/// backwards began anew as a whole. `None` without buckets, or when they were laid out anew.
fn observed(before: &[Bucket], after: &[Bucket]) -> Option<Vec<Bucket>> {
    let pairs = || before.iter().zip(after);
    if after.is_empty() || before.len() != after.len() || pairs().any(|((before, _), (after, _))| before != after) {
        return None;
    }
    let began_anew = pairs().any(|((_, before), (_, after))| after < before);
    let mut highest = 0.0_f64;
    let grown = pairs().map(|((_, before), (bound, after))| {
        highest = highest.max(if began_anew { *after } else { after - before });
        (*bound, highest)
    });
    Some(grown.collect())
}

/// Histograms added up. One that has no bucket at a bound of another has at least as many observations there as at its
/// own bound below.
fn sum(each: &[Vec<Bucket>]) -> Vec<Bucket> {
    let mut bounds: Vec<f64> = each.iter().flatten().map(|(bound, _)| *bound).collect();
    bounds.sort_unstable_by(f64::total_cmp);
    bounds.dedup();
    let up_to = |buckets: &[Bucket], bound: f64| {
        let within = buckets.partition_point(|(other, _)| *other <= bound);
        within.checked_sub(1).map_or(0.0, |last| buckets[last].1)
    };
    let total = |bound: f64| (bound, each.iter().map(|buckets| up_to(buckets, bound)).sum());
    bounds.into_iter().map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn counters(series: &[(&str, f64)]) -> Total {
        let one = |(labels, value): &(&str, f64)| {
            let series = Series {
                value: Some(*value),
                ..Series::default()
            };
            ((*labels).into(), series)
        };
        Total {
            series: series.iter().map(one).collect(),
            ..Total::default()
        }
    }

    fn histograms(series: &[(&str, &[Bucket])]) -> Total {
        let one = |(labels, buckets): &(&str, &[Bucket])| {
            let series = Series {
                buckets: buckets.to_vec(),
                ..Series::default()
            };
            ((*labels).into(), series)
        };
        Total {
            series: series.iter().map(one).collect(),
            ..Total::default()
        }
    }

    fn check(before: &[(&str, f64)], after: &[(&str, f64)], expected: Option<f64>) {
        let grown = of_values(&counters(before), &counters(after), |series| series.value);
        assert_eq!(grown, expected, "{before:?} {after:?}");
    }

    #[test]
    fn the_restart_of_one_series_takes_nothing_from_the_others() {
        check(
            &[("a", 1000.0), ("b", 200.0)],
            &[("a", 1500.0), ("b", 0.0)],
            Some(500.0),
        );
        check(
            &[("a", 1000.0), ("b", 200.0)],
            &[("a", 1500.0), ("b", 30.0)],
            Some(530.0),
        );
        check(&[("a", 10.0)], &[("a", 30.0)], Some(20.0));
    }

    #[test]
    fn a_series_that_appears_or_is_gone_is_no_growth() {
        check(&[("a", 10.0)], &[("a", 12.0), ("b", 9000.0)], Some(2.0));
        check(&[("a", 10.0), ("b", 9000.0)], &[("a", 12.0)], Some(2.0));
        check(&[("a", 10.0)], &[("b", 12.0)], None);
        check(&[], &[("b", 12.0)], None);
        check(&[("a", 10.0)], &[], None);
    }

    #[test]
    fn histograms_grow_each_for_itself() {
        let check = |before: &[(&str, &[Bucket])], after: &[(&str, &[Bucket])], expected: Option<&[Bucket]>| {
            let grown = of_buckets(&histograms(before), &histograms(after));
            assert_eq!(grown.as_deref(), expected, "{before:?} {after:?}");
        };
        let before: &[Bucket] = &[(1.0, 5.0), (INF, 9.0)];
        check(
            &[("a", before)],
            &[("a", &[(1.0, 8.0), (INF, 13.0)])],
            Some(&[(1.0, 3.0), (INF, 4.0)]),
        );
        check(&[("a", before)], &[("a", before)], Some(&[(1.0, 0.0), (INF, 0.0)]));
        // Two buckets began anew, and so did the one that seems to have grown.
        check(
            &[("a", &[(1.0, 0.0), (2.0, 50.0), (INF, 90.0)])],
            &[("a", &[(1.0, 2.0), (2.0, 3.0), (INF, 4.0)])],
            Some(&[(1.0, 2.0), (2.0, 3.0), (INF, 4.0)]),
        );
        check(
            &[("a", before), ("b", &[(1.0, 70.0), (INF, 80.0)])],
            &[("a", &[(1.0, 6.0), (INF, 11.0)]), ("b", &[(1.0, 1.0), (INF, 2.0)])],
            Some(&[(1.0, 2.0), (INF, 4.0)]),
        );
        check(&[("a", before)], &[("a", &[(2.0, 8.0), (INF, 13.0)])], None);
        check(&[("a", before)], &[("a", &[(INF, 13.0)])], None);
        check(&[("a", before)], &[("b", before)], None);
        // Read while it was counted.
        check(
            &[("a", before)],
            &[("a", &[(1.0, 15.0), (INF, 13.0)])],
            Some(&[(1.0, 10.0), (INF, 10.0)]),
        );
    }

    #[test]
    fn histograms_with_other_bounds_are_added_up_where_each_is_known() {
        let summed = sum(&[vec![(0.1, 3.0), (1.0, 4.0), (INF, 5.0)], vec![(0.5, 10.0), (INF, 12.0)]]);
        assert_eq!(summed, [(0.1, 3.0), (0.5, 13.0), (1.0, 14.0), (INF, 17.0)]);
    }
}
