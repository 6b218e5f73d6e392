//! Whether a run did worse than its baseline.

use probetop_core::snapshot::{Comparison, ComparisonRow, Significance};

use crate::export::table;

/// Why a run that must not be worse than its baseline fails: a target did worse, or no target at all could be compared,
/// which keeps no promise. What the machine did differently is shown, and fails no run: no promise is made about it.
pub(super) fn found(comparison: Option<&Comparison>) -> Option<String> {
    let rows = comparison.into_iter().flat_map(|comparison| &comparison.rows);
    let targets: Vec<_> = rows.filter(|row| row.target.is_some()).collect();
    if let Some(worse) = targets.iter().find(|row| row.significance() == Significance::Worse) {
        let changes = table::changes(worse);
        return Some(format!("{} is worse than the baseline: {changes}", worse.subject));
    }
    let is_judged = |row: &&ComparisonRow| row.significance() != Significance::TooLittle;
    (!targets.iter().any(is_judged)).then(|| {
        "no target could be held against the baseline; run longer, or write the baseline again with --save-baseline"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use probetop_core::sample::{TargetId, Text, Unit};
    use probetop_core::snapshot::{Change, FigureChange, Side};

    use super::*;

    fn row(target: Option<u32>, p95_ms: [f64; 2], significance: Significance) -> ComparisonRow {
        let [before, after] = p95_ms.map(|p95_ms| Some(p95_ms * 1000.0));
        let change = Change {
            before,
            after,
            shift: after.zip(before).map(|(after, before)| after - before),
            p_value: Some(0.001),
            significance,
            lack: None,
        };
        ComparisonRow {
            subject: Text::clean(if target.is_some() { "checkout" } else { "host" }),
            target: target.map(TargetId),
            attempts: target.map(|_| [100, 100]),
            figures: vec![FigureChange {
                name: "p95",
                unit: Unit::Microseconds,
                change,
            }],
            spread: Vec::new(),
        }
    }

    fn check(rows: Vec<ComparisonRow>, expected: Option<&str>) {
        let side = Side {
            from: SystemTime::UNIX_EPOCH,
            length: Duration::from_secs(60),
            file: None,
        };
        let comparison = Comparison::of(side.clone(), side, rows);
        let found = found(Some(&comparison));
        match expected {
            Some(words) => assert!(found.as_ref().is_some_and(|found| found.contains(words)), "{found:?}"),
            None => assert_eq!(found, None),
        }
    }

    #[test]
    fn a_target_that_did_worse_fails_the_run() {
        let same = row(Some(0), [100.0, 101.0], Significance::Same);
        let worse = row(Some(1), [100.0, 180.0], Significance::Worse);
        check(vec![same, worse], Some("checkout is worse than the baseline: p95"));
    }

    #[test]
    fn what_is_better_same_or_of_the_machine_does_not() {
        let better = row(Some(0), [100.0, 50.0], Significance::Better);
        let machine = row(None, [1.0, 2.0], Significance::Worse);
        check(vec![better, machine], None);
    }

    #[test]
    fn a_comparison_of_nothing_fails_the_run() {
        let unknown = row(Some(0), [100.0, 500.0], Significance::TooLittle);
        check(vec![unknown], Some("run longer"));
        check(vec![row(None, [1.0, 1.0], Significance::Same)], Some("run longer"));
        assert!(found(None).is_some());
    }
}
