//! Ranks: what robust statistics see of a series. Takes numbers; gives their places in order.

/// The rank of each value, from 1; equal values share the mean of their places.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut place = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let shared = place as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|at| ranks[*at] = shared);
        place += equal.len();
    }
    ranks
}

/// The median; of an even number the mean of the two in the middle. `None` of nothing. Reorders.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    if values.is_empty() {
        return None;
    }
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_places() {
        let check = |values: &[f64], expected: &[f64]| assert_eq!(ranks(values), expected);
        check(&[], &[]);
        check(&[3.0, 1.0, 2.0], &[3.0, 1.0, 2.0]);
        check(&[5.0, 5.0, 1.0], &[2.5, 2.5, 1.0]);
        check(&[7.0; 4], &[2.5; 4]);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        let check = |values: &[f64], expected| assert_eq!(median(&mut values.to_vec()), expected);
        check(&[], None);
        check(&[4.0], Some(4.0));
        check(&[9.0, 1.0], Some(5.0));
        check(&[9.0, 1.0, 2.0], Some(2.0));
        check(&[1.0, 100.0, 3.0, 2.0], Some(2.5));
    }
}
