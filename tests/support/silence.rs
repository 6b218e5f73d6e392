//! Probes whose time limit has to pass, on a machine of any speed.

use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::Attempt;

/// Limits to try one after the other. When the first passes, a probe on a busy machine may not have come as far as it
/// should; it is made again with more room, and under the last limit nothing excuses it.
const LIMITS_MS: [u64; 4] = [200, 1_000, 5_000, 25_000];

/// Probes until an attempt is as wanted under the limit it had, and returns both; the last one whatever it is.
pub async fn with_room(
    probe: impl AsyncFn(Duration) -> Attempt,
    is_wanted: impl Fn(&Attempt, Duration) -> bool,
) -> (Attempt, Duration) {
    let [shorter @ .., last] = LIMITS_MS.map(Duration::from_millis);
    for limit in shorter {
        let attempt = probe(limit).await;
        if is_wanted(&attempt, limit) {
            return (attempt, limit);
        }
    }
    (probe(last).await, last)
}

/// Asserts that a probe ends because its time is over, in this phase and with this message, in which `LIMIT` stands for
/// the time it had.
pub async fn assert_times_out(
    phase: Phase,
    message: &str,
    probe: impl AsyncFn(Duration) -> Attempt,
) -> (Attempt, Duration) {
    let expected = |limit| message.replace("LIMIT", &humantime::format_duration(limit).to_string());
    let found = |attempt: &Attempt| {
        let failure = attempt.outcome.failure();
        let failure = failure.unwrap_or_else(|| panic!("it did not fail: {attempt:?}"));
        (failure.kind, failure.phase, failure.message.to_string())
    };
    let wanted = |limit| (FailureKind::Timeout, Some(phase), expected(limit));
    let (attempt, limit) = with_room(probe, |attempt, limit| found(attempt) == wanted(limit)).await;
    assert_eq!(found(&attempt), wanted(limit));
    (attempt, limit)
}
