//! Keys in, spans out.

use std::sync::Arc;

use probetop_core::sample::{Mark, MarkOrigin, TargetId, Unit};
use probetop_core::snapshot::{
    Change, Comparison, ComparisonQuery, ComparisonRow, Feed, FigureChange, Rows, Side, Significance,
};

use super::*;
use crate::ui::action::Action;
use crate::ui::stage::Stage;
use crate::ui::view::Column;
use crate::ui::view::tests::{after_on, late, snapshot};

/// After keys at 12:00:00; `@3500` looks at that second and answers with it.
fn after(keys: &str) -> (Stage, Snapshot) {
    let mut snapshot = late();
    let mut view = after_on(&snapshot, "");
    for key in keys.split_whitespace() {
        if let Some(second) = key.strip_prefix('@') {
            snapshot.taken = Timestamp::from_secs(second.parse().unwrap());
            view.travel.feed = Feed::At(snapshot.taken);
            view.observe(&snapshot);
        } else {
            view.update(view.action(key.parse().unwrap()).unwrap(), &snapshot);
        }
    }
    (view, snapshot)
}

fn seconds(span: Option<Span>) -> Option<(u64, u64)> {
    span.map(|span| (span.from.second(), span.to.second()))
}

#[test]
fn a_span_reaches_from_where_it_began_to_where_one_looks() {
    let check = |keys: &str, expected| assert_eq!(seconds(after(keys).0.spans.chosen), expected, "after {keys:?}");
    check("v", None);
    check("v @3500", Some((3500, 3600)));
    check("@3000 v @3100 v", Some((3000, 3100)));
    check("@3000 v @3100 v @3200", Some((3000, 3100)));
    check("@3000 v @3100 @2900", Some((2900, 3000)));
    check("@3000 v @3100 v v", None);
    check("@3000 v @3100 v esc", None);
    check("@3000 v esc @3100", None);
    check("@3000 v @3100 v v @3050", Some((3050, 3100)));
    check("@3000 v v", None);
}

#[test]
fn a_is_the_span_else_the_window_and_a_second_press_drops_it() {
    let check = |keys: &str, expected| assert_eq!(seconds(after(keys).0.spans.baseline), expected, "after {keys:?}");
    check("b", Some((3540, 3600)));
    check("b b", None);
    check("w w w b", Some((2700, 3600)));
    check("w w b", Some((3300, 3600)));
    check("@3000 b", Some((2940, 3000)));
    check("@3000 v @3100 v b", Some((3000, 3100)));
    check("b @3000 v @3100 v b", Some((3000, 3100)));
    check("@3000 v @3100 b", Some((3000, 3100)));
    check("@0 b", None);
    assert_eq!(after("@3000 v @3100 v b").0.spans.chosen, None, "it is used up");
}

#[test]
fn b_is_the_span_else_the_window_and_without_it_the_time_after_a() {
    let check = |keys: &str, expected| assert_eq!(seconds(after(keys).0.spans.against), expected, "after {keys:?}");
    check("b", None);
    check("B", Some((3540, 3600)));
    check("B B", None);
    check("@3000 v @3100 v B", Some((3000, 3100)));
    check("B @3000 v @3100 v B", Some((3000, 3100)));
}

#[test]
fn before_and_after_the_nearest_mark_are_compared() {
    let check = |keys: &str, mark: u64| {
        let view = after(keys).0;
        assert_eq!(view.pages.shown, Pane::Compare);
        assert_eq!(seconds(view.spans.baseline), Some((mark - 60, mark)), "after {keys:?}");
        assert_eq!(seconds(view.spans.against), Some((mark, mark + 60)), "after {keys:?}");
    };
    check("M", 3500);
    check("@3100 M", 3000);
    check("@3250 M", 3500);
    let mut eventful = late();
    let alert = |mark: &Mark| Mark {
        at: mark.at + Duration::from_secs(5),
        origin: MarkOrigin::Alert,
        ..mark.clone()
    };
    let alerts: Vec<_> = eventful.marks.iter().map(alert).collect();
    eventful.marks = eventful.marks.iter().cloned().chain(alerts).collect();
    let view = after_on(&eventful, "M");
    assert_eq!(
        seconds(view.spans.baseline),
        Some((3440, 3500)),
        "an alert is nobody's mark"
    );
    let mut unmarked = late();
    unmarked.marks = unmarked.marks.iter().map(alert).collect();
    assert_eq!(after_on(&unmarked, "M").pages.shown, Pane::Overview);
}

#[test]
fn what_is_compared_is_asked_for_where_it_is_shown() {
    let asked = |keys: &str| after(keys).0.query(None, &snapshot()).unwrap().comparison;
    let unpinned = ComparisonQuery::default();
    assert_eq!(asked(""), Some(unpinned.clone()), "there may be a loaded one");
    assert_eq!(asked("8"), Some(unpinned));
    let pinned = ComparisonQuery {
        before: Some(Span {
            from: Timestamp::from_secs(3540),
            to: Timestamp::from_secs(3600),
        }),
        after: None,
        targets: Rows::All,
    };
    assert_eq!(asked("b"), Some(pinned.clone()));
    assert_eq!(asked("b 8"), Some(pinned));
    assert_eq!(asked("b 3"), None, "nobody sees it");
}

#[test]
fn what_is_written_is_the_baseline_else_the_span_else_the_window() {
    let check = |keys: &str, expected| {
        let (view, snapshot) = after(keys);
        assert_eq!(seconds(view.baseline_to_write(&snapshot)), expected, "after {keys:?}");
    };
    check("", Some((3540, 3600)));
    check("@3000 v @3100 v", Some((3000, 3100)));
    check("b @3000 v @3100 v", Some((3540, 3600)));
    check("@0", None);
}

#[test]
fn the_column_of_changes_is_sorted_by_where_there_is_one() {
    let columns = |snapshot: &Snapshot| -> Vec<_> {
        let mut view = after_on(snapshot, "");
        let mut press = |_| {
            view.update(Action::SortNext, snapshot);
            view.targets.table.column
        };
        (0..12).map(&mut press).collect()
    };
    let mut snapshot = late();
    assert!(!columns(&snapshot).contains(&Column::Delta));
    let row = |id: u32, before: f64, after: f64| ComparisonRow {
        subject: "x".into(),
        target: Some(TargetId(id)),
        attempts: Some([60, 60]),
        figures: vec![FigureChange {
            name: "p95",
            unit: Unit::Microseconds,
            change: Change {
                before: Some(before),
                after: Some(after),
                shift: Some(after - before),
                p_value: Some(0.5),
                significance: Significance::Same,
                lack: None,
            },
        }],
        spread: Vec::new(),
    };
    let side = Side {
        from: std::time::SystemTime::UNIX_EPOCH,
        length: Duration::from_secs(60),
        file: None,
    };
    let rows = vec![row(0, 10.0, 5.0), row(2, 10.0, 30.0), row(4, 10.0, 11.0)];
    snapshot.comparison = Some(Arc::new(Comparison::of(side.clone(), side, rows)));
    assert!(columns(&snapshot).contains(&Column::Delta));
    let mut view = after_on(&snapshot, "");
    view.targets.table.sort_by(Column::Delta);
    view.observe(&snapshot);
    let ids: Vec<_> = view
        .targets
        .table
        .rows
        .iter()
        .map(|index| snapshot.targets[*index].info.id.0)
        .collect();
    assert_eq!(ids, [2, 4, 0, 1, 3], "worst first, those without a figure last");
}
