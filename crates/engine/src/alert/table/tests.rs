//! What the alert table says of alerts that begin, go on and end.

use std::time::Duration;

use probetop_core::sample::{Severity, Subject, TargetId, Unit, Worse};
use probetop_core::snapshot::AlertState;

use super::*;
use crate::alert::source::Source;
use crate::alert::state::Patience;

fn at_once() -> Arc<Policy> {
    Arc::default()
}

fn patient() -> Arc<Policy> {
    let patience = Patience {
        hold: Duration::from_secs(10),
        clear: Duration::ZERO,
    };
    Arc::new(Policy {
        patience,
        ..Policy::default()
    })
}

/// The board once what has ended is filed.
fn filed(table: &mut AlertTable) -> AlertBoard {
    for ended in table.take_ended() {
        table.file(&ended);
    }
    table.board()
}

fn key(id: u32) -> Key {
    Key {
        subject: Subject::Target(TargetId(id)),
        source: Source::Errors,
    }
}

fn finding(severity: Severity, value: f64) -> Finding {
    Finding {
        name: "errors".into(),
        subject: "checkout".into(),
        severity,
        value: Some(value),
        unit: Unit::Ratio,
        worse: Worse::Higher,
        reason: format!("errors {value}").into(),
    }
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_secs(second)
}

#[test]
fn an_alert_keeps_its_worst_value_and_goes_to_the_history_when_it_ends() {
    let mut table = AlertTable::default();
    for (second, value) in [(1, 0.2), (2, 0.9), (3, 0.4)] {
        table.observe(key(1), Condition::True, &at_once(), at(second), || {
            finding(Severity::Warning, value)
        });
    }
    assert_eq!(table.board().active[0].worst, Some(0.9));
    assert_eq!(table.board().active[0].value, Some(0.4));
    table.observe(key(1), Condition::False, &at_once(), at(4), || {
        unreachable!("nothing to say")
    });
    let board = filed(&mut table);
    assert_eq!(board.active, []);
    let ended = &board.history[0];
    assert_eq!(
        (ended.state, ended.since, ended.resolved),
        (AlertState::Resolved, at(1), Some(at(4)))
    );
    assert_eq!(ended.worst, Some(0.9));
}

#[test]
fn an_alert_that_was_only_pending_leaves_no_history() {
    let mut table = AlertTable::default();
    table.observe(key(1), Condition::True, &patient(), at(1), || {
        finding(Severity::Warning, 1.0)
    });
    assert_eq!(table.board().active[0].state, AlertState::Pending);
    table.observe(key(1), Condition::False, &patient(), at(2), || {
        unreachable!("nothing to say")
    });
    assert_eq!(filed(&mut table), AlertBoard::default());
}

#[test]
fn the_board_lists_firing_before_pending_and_worst_first() {
    let mut table = AlertTable::default();
    table.observe(key(1), Condition::True, &patient(), at(1), || {
        finding(Severity::Critical, 1.0)
    });
    table.observe(key(2), Condition::True, &at_once(), at(2), || {
        finding(Severity::Warning, 2.0)
    });
    table.observe(key(3), Condition::True, &at_once(), at(3), || {
        finding(Severity::Critical, 3.0)
    });
    let order: Vec<_> = table
        .board()
        .active
        .iter()
        .map(|alert| alert.target.map(|id| id.0))
        .collect();
    assert_eq!(order, [Some(3), Some(2), Some(1)]);
}

#[test]
fn alerts_of_a_removed_target_are_resolved() {
    let mut table = AlertTable::default();
    table.observe(key(1), Condition::True, &at_once(), at(1), || {
        finding(Severity::Warning, 1.0)
    });
    table.observe(key(2), Condition::True, &at_once(), at(1), || {
        finding(Severity::Warning, 1.0)
    });
    let fate = |kept: &Key| match *kept == key(2) {
        true => Fate::Evaluated,
        false => Fate::Gone("the target is gone"),
    };
    table.retain(fate, at(5));
    let board = filed(&mut table);
    assert_eq!(board.active.len(), 1);
    assert_eq!(board.history[0].target, Some(TargetId(1)));
    let last = board.history[0].timeline.last().unwrap();
    assert_eq!((last.turn, last.text.as_str()), (Turn::Resolved, "the target is gone"));
}

/// The alert table of a night is as small as that of an hour.
#[test]
fn firings_of_alerts_that_ended_are_forgotten_after_the_span() {
    let mut table = AlertTable::default();
    for second in 0..3_000 {
        let condition = match second % 2 {
            0 => Condition::True,
            _ => Condition::False,
        };
        table.tick(at(second));
        table.observe(key(second as u32 / 2), condition, &at_once(), at(second), || {
            finding(Severity::Warning, 1.0)
        });
    }
    assert_eq!(table.take_ended().len(), 1_500);
    let (span, expiry) = (5 * 60, EXPIRY_S as usize);
    assert!(table.memory.len() <= (span + expiry) / 2, "{}", table.memory.len());
}

#[test]
fn the_history_is_bounded() {
    let mut table = AlertTable::default();
    table.damp(None);
    for second in 0..2 * HISTORY_LIMIT as u64 {
        table.observe(key(1), Condition::True, &at_once(), at(second), || {
            finding(Severity::Warning, 1.0)
        });
        table.observe(key(1), Condition::False, &at_once(), at(second), || {
            unreachable!("nothing to say")
        });
    }
    assert_eq!(filed(&mut table).history.len(), HISTORY_LIMIT);
}

#[test]
fn a_severity_that_is_held_says_which_limit_it_comes_from() {
    let calm = Arc::new(Policy {
        patience: Patience {
            hold: Duration::ZERO,
            clear: Duration::from_secs(60),
        },
        ..Policy::default()
    });
    let mut table = AlertTable::default();
    let mut seen = |second, severity, value| {
        let found = || finding(severity, value);
        let entry = table
            .observe(key(1), Condition::True, &calm, at(second), found)
            .unwrap();
        (entry.severity(), entry.reason().to_string())
    };
    let critical = (Severity::Critical, "errors 0.24".to_owned());
    assert_eq!(seen(1, Severity::Critical, 0.24), critical);
    let held = |now| format!("now {now}, was errors 0.24; critical until milder for 1m");
    assert_eq!(seen(2, Severity::Warning, 0.06), (Severity::Critical, held("6.0%")));
    assert_eq!(seen(61, Severity::Warning, 0.07), (Severity::Critical, held("7.0%")));
    assert_eq!(
        seen(62, Severity::Warning, 0.07),
        (Severity::Warning, "errors 0.07".to_owned())
    );
}
