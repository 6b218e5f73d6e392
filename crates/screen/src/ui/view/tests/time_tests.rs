//! The cursor of the panes that have time as their axis, and the mouse on it.

use probetop_core::snapshot::Course;

use super::*;
use crate::ui::geometry::Spot;
use crate::ui::layout;

/// [`late`], with a course to show.
fn timed() -> Snapshot {
    let mut snapshot = late();
    snapshot.axis_end = snapshot.taken.second() - 1;
    snapshot.course = Some(Arc::new(Course::default()));
    snapshot
}

/// What the pane asks for, as a second.
fn asked(view: &Stage, snapshot: &Snapshot) -> Option<u64> {
    match view.query(None, snapshot).expect("nothing was asked before").feed {
        Feed::Live => None,
        Feed::At(at) => Some(at.second()),
    }
}

const NOW: u64 = 3_600;

#[test]
fn the_axis_stays_until_the_second_looked_at_would_leave_it() {
    let back = "pageup ".repeat(12);
    let check = |keys: &str, ends: Option<u64>| {
        for pane in ["9", "0"] {
            let view = after_on(&timed(), &format!("{pane} {keys}"));
            assert_eq!(asked(&view, &timed()), ends, "after {pane} {keys:?}");
        }
    };
    check("", None);
    check("left left pageup", None);
    check("pageup ".repeat(11).as_str(), None);
    check(&back, Some(NOW - 120 + 90));
    check(&format!("{back} right left left pageup"), Some(NOW - 30));
    check(&format!("{back} pagedown pagedown pagedown"), Some(NOW - 30));
    let forward = "pagedown ".repeat(9);
    check(&format!("{back} {forward} right"), None);
    check(&format!("T 1 1 : 3 0 enter {forward}"), Some(1_890));
    check(&format!("T 1 1 : 3 0 enter {forward} right"), Some(1_891 + 30));
    check("home", Some(690));
    check("home end", None);
    check("home T 1 1 : 3 0 enter", Some(1_830));
    check("T 1 1 : 3 0 enter home", Some(690));
    check("T 1 1 : 3 0 enter T - 1 0 s enter", None);
    check("( (", Some(3_090));
    check("space", Some(NOW));
    check("space left", Some(NOW));
    check("space space", None);
    // A longer axis has room for what a shorter one has left behind.
    check("- - home", Some(600 + 675));
    check("- - T - 5 m enter", None);
    check("T - 5 m enter + left", Some(NOW - 300 + 45));
}

#[test]
fn every_other_pane_shows_the_second_itself() {
    let check = |keys: &str, second| {
        let view = after_on(&timed(), keys);
        assert_eq!(asked(&view, &timed()), second, "after {keys:?}");
    };
    check("9 left 1", Some(NOW - 1));
    check("9 home 2", Some(600));
    check("1 [ [ 9", None);
    check("9 left end 1", None);
}

#[test]
fn an_axis_that_goes_on_does_not_lose_the_cursor() {
    let mut snapshot = timed();
    let mut view = after_on(&snapshot, "9 left left");
    let mut after_seconds = |seconds: u64| {
        snapshot.now = Timestamp::from_secs(NOW + seconds);
        view.observe(&snapshot);
        asked(&view, &snapshot)
    };
    assert_eq!(after_seconds(117), None);
    assert_eq!(after_seconds(118), Some(NOW - 2 + 90));
    assert_eq!(after_seconds(1_000), Some(NOW - 2 + 90));
}

#[test]
fn the_cursor_is_where_the_second_is_and_nowhere_while_that_is_the_newest() {
    let check = |keys: &str, step, second| {
        let (view, snapshot) = (after_on(&timed(), keys), timed());
        assert_eq!(view.cursor_step(&snapshot), step, "after {keys:?}");
        assert_eq!(view.looked_at(&snapshot), second, "after {keys:?}");
    };
    check("9", None, None);
    check("9 space", None, Some(NOW));
    check("9 left", Some(NOW - 2), Some(NOW - 1));
    check("0 left left", Some(NOW - 3), Some(NOW - 2));
    check("9 (", Some(3_499), Some(3_500));
    // Until the answer is there the snapshot shows another time.
    check("9 home", None, Some(600));
    check("1 left", None, None);
}

/// What a click there is on.
fn spot(view: &Stage, snapshot: &Snapshot, x: u16, y: u16) -> Option<Spot> {
    let kind = PointerKind::Click;
    layout::touch(Pointer { x, y, kind }, view.geometry(), snapshot, view).spot
}

/// Columns and rows of the mouse on the timeline, by step.
fn point(view: &mut Stage, snapshot: &Snapshot, kind: PointerKind, step: u64) {
    let places = (0..80).find(|x| spot(view, snapshot, *x, 10) == Some(Spot::Step(step)));
    let x = places.expect("the newest step of a cell is on the axis");
    view.point(Pointer { x, y: 10, kind }, snapshot);
}

/// A step that is the newest one in its cell, near `step`.
fn step_near(view: &Stage, snapshot: &Snapshot, step: u64) -> u64 {
    let steps = (0..80).filter_map(|x| match spot(view, snapshot, x, 10)? {
        Spot::Step(step) => Some(step),
        _ => None,
    });
    steps
        .min_by_key(|found| found.abs_diff(step))
        .expect("something is on the axis")
}

#[test]
fn a_click_looks_at_the_second_under_it() {
    let snapshot = timed();
    let mut view = after_on(&snapshot, "9");
    let step = step_near(&view, &snapshot, 3_540);
    point(&mut view, &snapshot, PointerKind::Click, step);
    assert_eq!(view.cursor_step(&snapshot), None, "not before the button is up");
    point(&mut view, &snapshot, PointerKind::Release, step);
    assert_eq!(view.cursor_step(&snapshot), Some(step));
    assert_eq!(view.spans.chosen, None);
    let newest = step_near(&view, &snapshot, u64::MAX);
    point(&mut view, &snapshot, PointerKind::Click, newest);
    point(&mut view, &snapshot, PointerKind::Release, newest);
    assert_eq!(view.travel.feed, Feed::Live);
}

#[test]
fn a_drag_takes_the_span_for_the_axis_and_a_right_click_lets_it_go() {
    let snapshot = timed();
    let mut view = after_on(&snapshot, "9");
    let (from, to) = (step_near(&view, &snapshot, 3_510), step_near(&view, &snapshot, 3_550));
    // From right to left is the same span.
    point(&mut view, &snapshot, PointerKind::Click, to);
    point(&mut view, &snapshot, PointerKind::Drag, from);
    assert_eq!(view.drag, Some(Drag { from: to, to: from }));
    point(&mut view, &snapshot, PointerKind::Release, from);
    assert_eq!((view.drag, view.charts.axis), (None, Axis::OneMinute));
    assert_eq!(asked(&view, &snapshot), Some(to + 1));
    let span = view.spans.chosen.expect("a drag leaves a span");
    assert_eq!(span.length(), Duration::from_secs(to + 1 - from));
    assert_eq!(span.to.second(), to + 1);
    point(&mut view, &snapshot, PointerKind::RightClick, from);
    assert_eq!(
        (view.charts.axis, asked(&view, &snapshot)),
        (Axis::TwoMinutes, Some(to + 1))
    );
}

#[test]
fn a_button_that_went_down_elsewhere_drags_nothing() {
    let snapshot = timed();
    let mut view = after_on(&snapshot, "9");
    let step = step_near(&view, &snapshot, 3_540);
    point(&mut view, &snapshot, PointerKind::Drag, step);
    point(&mut view, &snapshot, PointerKind::Release, step);
    assert_eq!((view.drag, view.travel.feed), (None, Feed::Live));
    point(&mut view, &snapshot, PointerKind::Click, step);
    view.update(Action::Overview, &snapshot);
    assert_eq!(view.drag, None, "another pane has nothing to drag");
}

#[test]
fn a_chart_among_other_blocks_is_pointed_at_as_the_timeline_is() {
    let snapshot = timed();
    for keys in ["", "F F f", "2", "H", "O l a t e n c y enter"] {
        let mut view = after_on(&snapshot, keys);
        let mut blocks = view.geometry().blocks().iter();
        let (_, chart) = *blocks.find(|(block, _)| *block == Block::Chart).unwrap();
        let y = chart.y + 2;
        let step_at = |x, view: &Stage| match spot(view, &snapshot, x, y)? {
            Spot::Step(step) => Some((x, step)),
            _ => None,
        };
        let steps: Vec<_> = (0..80).filter_map(|x| step_at(x, &view)).collect();
        let (from, to) = (steps[steps.len() / 3], steps[steps.len() / 2]);
        let point = |view: &mut Stage, x, kind| view.point(Pointer { x, y, kind }, &snapshot);
        point(&mut view, to.0, PointerKind::Click);
        point(&mut view, to.0, PointerKind::Release);
        assert_eq!(view.pages.focus(), Some(Block::Chart), "{keys:?}");
        assert_eq!(asked(&view, &snapshot), Some(to.1 + 1), "{keys:?}");
        point(&mut view, from.0, PointerKind::Click);
        point(&mut view, to.0, PointerKind::Drag);
        point(&mut view, to.0, PointerKind::Release);
        let span = view.spans.chosen.expect("it was dragged over");
        let (first, last) = (from.1.min(to.1), from.1.max(to.1));
        assert_eq!((span.from.second(), span.to.second()), (first, last + 1), "{keys:?}");
        point(&mut view, to.0, PointerKind::RightClick);
        assert!(view.charts.axis.length() > Axis::OneMinute.length(), "{keys:?}");
    }
}
