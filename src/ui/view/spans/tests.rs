//! Keys in, spans out.

use super::*;
use crate::snapshot::{Feed, Rows, Versus};
use crate::ui::view::tests::{after_on, late, snapshot};

/// After keys at 12:00:00; `@3500` looks at that second and answers with it.
fn after(keys: &str) -> (View, Snapshot) {
    let mut snapshot = late();
    let mut view = after_on(&snapshot, "");
    for key in keys.split_whitespace() {
        if let Some(second) = key.strip_prefix('@') {
            snapshot.taken = Timestamp::from_secs(second.parse().unwrap());
            view.feed = Feed::At(snapshot.taken);
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
    let check = |keys: &str, expected| assert_eq!(seconds(after(keys).0.span), expected, "after {keys:?}");
    check("v", None);
    check("v @3500", Some((3500, 3600)));
    check("@3000 v @3100 v", Some((3000, 3100)));
    check("@3000 v @3100 v @3200", Some((3000, 3100)));
    check("@3000 v @3100 @2900", Some((2900, 3000)));
    check("@3000 v @3100 v v", None);
    check("@3000 v @3100 v v @3050", Some((3050, 3100)));
    check("@3000 v v", None);
}

#[test]
fn a_is_the_span_else_the_window_and_a_second_press_drops_it() {
    let check = |keys: &str, expected| assert_eq!(seconds(after(keys).0.baseline), expected, "after {keys:?}");
    check("b", Some((3540, 3600)));
    check("b b", None);
    check("w w b", Some((2700, 3600)));
    check("w w w b", Some((3300, 3600)));
    check("@3000 b", Some((2940, 3000)));
    check("@3000 v @3100 v b", Some((3000, 3100)));
    check("b @3000 v @3100 v b", Some((3000, 3100)));
    check("@3000 v @3100 b", Some((3000, 3100)));
    check("@0 b", None);
    assert_eq!(after("@3000 v @3100 v b").0.span, None, "it is used up");
}

#[test]
fn b_is_the_span_else_the_window_and_without_it_the_time_after_a() {
    let check = |keys: &str, expected| assert_eq!(seconds(after(keys).0.against), expected, "after {keys:?}");
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
        assert_eq!(view.pane, Pane::Compare);
        assert_eq!(seconds(view.baseline), Some((mark - 60, mark)), "after {keys:?}");
        assert_eq!(seconds(view.against), Some((mark, mark + 60)), "after {keys:?}");
    };
    check("M", 3500);
    check("@3100 M", 3000);
    check("@3250 M", 3500);
    let mut unmarked = late();
    unmarked.marks = [].into();
    assert_eq!(after_on(&unmarked, "M").pane, Pane::Overview);
}

#[test]
fn what_is_compared_is_asked_for_where_it_is_shown() {
    let asked = |keys: &str| after(keys).0.query(None, &snapshot()).unwrap().comparison;
    let unpinned = Versus::default();
    assert_eq!(asked(""), Some(unpinned.clone()), "there may be a loaded one");
    assert_eq!(asked("8"), Some(unpinned));
    let pinned = Versus {
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
