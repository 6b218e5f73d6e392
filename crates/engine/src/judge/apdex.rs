//! The application performance index (Apdex technical specification 1.1): how content callers are, in one number.

use std::time::Duration;

use probetop_core::sample::Micros;
use probetop_core::snapshot::Apdex;

/// What satisfies where the target says nothing: the default of load generators.
const THRESHOLD: Duration = Duration::from_millis(500);

/// Up to this many times the threshold is tolerated.
const TOLERANCE: u32 = 4;

/// One slow probe of two is no index.
const PROBES_NEEDED: u64 = 5;

/// What satisfies, and what is tolerated; `target` is what the target aims at.
pub fn limits(target: Option<Duration>) -> [Micros; 2] {
    let satisfies = Micros::from(target.unwrap_or(THRESHOLD));
    [satisfies, Micros(satisfies.0.saturating_mul(TOLERANCE))]
}

/// The index of `attempts` probes, of which as many as `within` says succeeded within the two `limits`. All others, and
/// so the failed ones, frustrate. `None` with fewer than five.
pub fn index(limits: [Micros; 2], within: [u64; 2], attempts: u64) -> Option<Apdex> {
    let [satisfied, tolerated] = within;
    let tolerating = tolerated.saturating_sub(satisfied);
    (attempts >= PROBES_NEEDED).then(|| Apdex {
        score: (satisfied as f64 + tolerating as f64 / 2.0) / attempts as f64,
        threshold: limits[0],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(satisfied: u64, tolerating: u64, frustrated: u64, expected: Option<f64>) {
        let within = [satisfied, satisfied + tolerating];
        let found = index(limits(None), within, satisfied + tolerating + frustrated);
        assert_eq!(found.map(|apdex| (apdex.score * 1000.0).round() / 1000.0), expected);
    }

    #[test]
    fn tolerated_ones_count_half_and_frustrated_ones_not() {
        // The example that most descriptions give: 60 satisfied, 30 tolerating, 10 frustrated.
        check(60, 30, 10, Some(0.75));
        check(170, 20, 10, Some(0.9));
        check(100, 0, 0, Some(1.0));
        check(0, 100, 0, Some(0.5));
        check(0, 0, 100, Some(0.0));
    }

    #[test]
    fn a_few_probes_are_needed() {
        check(0, 0, 0, None);
        check(4, 0, 0, None);
        check(5, 0, 0, Some(1.0));
    }

    #[test]
    fn the_threshold_is_the_targets_own_or_half_a_second() {
        assert_eq!(limits(None), [Micros(500_000), Micros(2_000_000)]);
        assert_eq!(
            limits(Some(Duration::from_millis(50))),
            [Micros(50_000), Micros(200_000)]
        );
        assert_eq!(limits(Some(Duration::MAX)), [Micros(u32::MAX); 2]);
    }
}
