//! Going to the second at which something began, and back.

use probetop_core::snapshot::{Analysis, Anomaly, AnomalyKind, Correlation};

use super::*;

/// [`late`], with an alert that fires, one that is over, an anomaly that is over and something that moves with it.
fn eventful() -> Snapshot {
    let mut snapshot = late();
    let at = Timestamp::from_secs;
    let firing = AlertSnapshot {
        since: at(3_450),
        ..alert(7, Some(TargetId(1)))
    };
    let over = AlertSnapshot {
        since: at(3_300),
        resolved: Some(at(3_320)),
        state: AlertState::Resolved,
        ..alert(8, Some(TargetId(2)))
    };
    snapshot.alerts = Arc::new(AlertBoard {
        active: vec![firing],
        history: [over].into(),
        ..AlertBoard::default()
    });
    let anomaly = Anomaly {
        kind: AnomalyKind::Spike,
        subject: "bravo".into(),
        target: Some(TargetId(3)),
        since: at(3_200),
        until: Some(at(3_210)),
        seen: 4.0,
        usual: 1.0,
        unit: Default::default(),
        score: 9.0,
        text: "p50 4ms against 1ms".into(),
    };
    let correlation = Correlation {
        subject: "bravo".into(),
        target: TargetId(3),
        with: "host cpu".into(),
        coefficient: 0.9,
        ahead: Duration::ZERO,
        points: 60,
        text: Default::default(),
    };
    snapshot.analysis = Arc::new(Analysis {
        anomalies: vec![anomaly],
        correlations: vec![correlation],
        ..Analysis::default()
    });
    snapshot
}

fn second(view: &View) -> Option<u64> {
    match view.travel.feed {
        Feed::Live => None,
        Feed::At(at) => Some(at.second()),
    }
}

#[test]
fn a_key_holds_the_second_at_which_something_began_and_esc_undoes_it() {
    use Pane::{Alerts, Analysis, Overview, Target, Timeline};
    let check = |keys: &str, pane, at| {
        let view = after_on(&eventful(), keys);
        assert_eq!((view.pages.shown, second(&view)), (pane, at), "after {keys:?}");
    };
    check("g", Timeline, Some(3_450));
    check("g esc", Overview, None);
    check("4 g", Timeline, Some(3_450));
    check("4 down g", Timeline, Some(3_300));
    check("4 down g left left esc", Alerts, None);
    check("7 g", Timeline, Some(3_200));
    check("7 g esc", Analysis, None);
    check("2 g", Timeline, Some(3_450));
    check("2 g esc esc", Overview, None);
    // What was looked at before is looked at again.
    check("[ 4 g esc", Alerts, Some(3_599));
    // Another page is looked at as of then; after it nothing is undone, and one goes on to now.
    check("4 g 2", Target, Some(3_450));
    check("4 g 2 esc", Overview, Some(3_450));
    check("4 g 2 esc esc", Overview, None);
    // Where time is the axis, the marks are what began.
    check("9 g", Timeline, Some(3_500));
    check("9 g g", Timeline, Some(3_000));
    check("7 down g", Analysis, None);
}

#[test]
fn whom_it_is_about_is_chosen() {
    let check = |keys: &str, id| {
        let view = after_on(&eventful(), keys);
        assert_eq!(view.targets.selected(), Some(TargetId(id)), "after {keys:?}");
    };
    check("down down g", 1);
    check("4 down g", 2);
    check("7 g", 3);
}

#[test]
fn what_is_over_opens_as_it_was_and_what_lasts_as_it_is() {
    let check = |keys: &str, pane, id, at| {
        let view = after_on(&eventful(), keys);
        let seen = (view.pages.shown, view.targets.selected(), second(&view));
        assert_eq!(seen, (pane, Some(TargetId(id)), at), "after {keys:?}");
    };
    check("4 enter", Pane::Target, 1, None);
    check("4 down enter", Pane::Target, 2, Some(3_300));
    check("4 down enter esc", Pane::Alerts, 2, None);
    check("7 enter", Pane::Target, 3, Some(3_200));
    check("7 down enter", Pane::Target, 3, None);
    // The second looked at stays, where that is not now.
    check("[ 4 down enter", Pane::Target, 2, Some(3_599));
}

#[test]
fn esc_leads_back_to_now_when_there_is_nothing_else_to_leave() {
    let check = |keys: &str, pane, at| {
        let view = after_on(&eventful(), keys);
        assert_eq!((view.pages.shown, second(&view)), (pane, at), "after {keys:?}");
    };
    check("[ esc", Pane::Overview, None);
    check("[ / a enter esc", Pane::Overview, Some(3_599));
    check("[ / a enter esc esc", Pane::Overview, None);
    check("3 [ ? esc", Pane::Machine, Some(3_599));
    check("3 [ ? esc esc esc", Pane::Overview, None);
}

#[test]
fn what_did_not_begin_and_what_is_not_kept_is_said() {
    let check = |snapshot: &Snapshot, keys: &str, words: &str| {
        let view = after_on(snapshot, keys);
        let message = view.said.message.as_ref().expect("it says something");
        assert_eq!(message.text.as_str(), words, "after {keys:?}");
    };
    check(&late(), "g", "no alert has fired");
    check(
        &eventful(),
        "7 down g",
        "this row began at no second: choose an alert, an anomaly or a bottleneck",
    );
    check(&eventful(), "4 g", "11:57:30 echo slow began; esc leads back");
    let mut without = eventful();
    without.monitor.history.oldest = None;
    check(
        &without,
        "4 g",
        "no past is kept: give history a length in the configuration",
    );
    assert_eq!(after_on(&without, "4 g").pages.shown, Pane::Alerts);
}
