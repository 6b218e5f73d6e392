//! Keys in, state out.

mod began_tests;
mod block_tests;
mod choose_tests;
mod errand_tests;
mod time_tests;

use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Level, Mark, MarkOrigin, Micros, Purpose, TargetId, TargetInfo};
use probetop_core::snapshot::{
    AlertBoard, AlertSnapshot, AlertState, Axis, ComparisonQuery, Quantiles, Query, Rows, Stability, TargetSnapshot,
    WindowStats,
};

use super::*;
use crate::ui::stage::Stage;

/// Five targets: levels, p95 and names in different orders.
pub(super) fn snapshot() -> Snapshot {
    let target = |id: u32, name: &str, level, p95: Option<u32>| TargetSnapshot {
        info: Arc::new(TargetInfo {
            id: TargetId(id),
            name: name.into(),
            url: format!("https://{name}.example/").as_str().into(),
            kind: "http".into(),
            purpose: Purpose::default(),
            host: None,
            group: Some(if id.is_multiple_of(2) { "even" } else { "odd" }.into()),
            interval: std::time::Duration::from_secs(1),
            timeout: std::time::Duration::from_secs(5),
            in_flight: 5,
            phases: probetop_core::sample::Phase::HTTP.into(),
        }),
        level,
        clears: None,
        set_aside: false,
        reason: None,
        errors_level: Level::Ok,
        limits: probetop_core::snapshot::LatencyLimits::default(),
        last: None,
        failing: None,
        apdex: None,
        stats: WindowStats {
            latency: Quantiles {
                p95: p95.map(Micros),
                ..Quantiles::default()
            },
            ..WindowStats::default()
        },
        series: Arc::default(),
        detail: None,
    };
    let mut snapshot = Snapshot::empty(SystemTime::UNIX_EPOCH);
    snapshot.targets = vec![
        target(0, "delta", Level::Ok, Some(40)),
        target(1, "alpha", Level::Critical, None),
        target(2, "echo", Level::Warning, Some(10)),
        target(3, "bravo", Level::Ok, Some(30)),
        target(4, "charlie", Level::Unknown, Some(20)),
    ];
    snapshot
}

fn with_alert(snapshot: Snapshot, target: Option<TargetId>) -> Snapshot {
    with_alerts(snapshot, &[(7, target)])
}

/// Alerts with these ids that fire, worst first, each about a target.
pub(super) fn with_alerts(mut snapshot: Snapshot, alerts: &[(u64, Option<TargetId>)]) -> Snapshot {
    let alert = |(id, target): &(u64, Option<TargetId>)| alert(*id, *target);
    snapshot.alerts = Arc::new(AlertBoard {
        active: alerts.iter().map(alert).collect(),
        ..AlertBoard::default()
    });
    snapshot
}

fn alert(id: u64, target: Option<TargetId>) -> AlertSnapshot {
    AlertSnapshot {
        id: AlertId(id),
        name: "slow".into(),
        subject: "echo".into(),
        target,
        severity: Severity::Critical,
        state: AlertState::Firing,
        since: Timestamp::ZERO,
        fired: Some(Timestamp::ZERO),
        carried: Duration::ZERO,
        resolved: None,
        clears: None,
        value: None,
        worst: None,
        unit: Default::default(),
        reason: "p95 10ms > 5ms".into(),
        action: None,
        steadiness: Stability::Steady,
        suppression: None,
        acknowledged: None,
        timeline: Arc::default(),
    }
}

pub(super) fn after_on(snapshot: &Snapshot, keys: &str) -> Stage {
    let mut view = Stage::new(
        "test".into(),
        Arc::default(),
        Motion::Sweep,
        Window::OneMinute,
        (80, 24),
    );
    view.observe(snapshot);
    for key in keys.split_whitespace() {
        let chord: crate::ui::keys::Chord = key.parse().unwrap();
        if view.is_typing() {
            view.edit(chord.edit(), snapshot);
        } else if let Some(action) = view.action(chord) {
            view.update(action, snapshot);
        }
    }
    view
}

fn after(keys: &str) -> Stage {
    after_on(&snapshot(), keys)
}

pub(super) fn names(view: &Stage, snapshot: &Snapshot) -> String {
    let names: Vec<_> = view
        .targets
        .table
        .rows
        .iter()
        .map(|index| snapshot.targets[*index].info.name.as_str())
        .collect();
    names.join(" ")
}

#[test]
fn keys_lead_from_pane_to_pane() {
    let check = |keys, pane| assert_eq!(after(keys).pages.shown, pane, "after {keys:?}");
    check("", Pane::Overview);
    check("2", Pane::Target);
    check("enter", Pane::Target);
    check("enter esc", Pane::Overview);
    check("tab tab", Pane::Machine);
    check("5", Pane::Objectives);
    check("6", Pane::Health);
    check("tab tab tab tab tab tab", Pane::Analysis);
    check("shift-tab", Pane::Help);
    check("3 ?", Pane::Help);
    check("3 ? ?", Pane::Machine);
    check("3 ? esc", Pane::Machine);
    check("4 esc", Pane::Overview);
    check("4 enter", Pane::Alerts);
    check("3 /", Pane::Machine);
    check("2 /", Pane::Overview);
}

#[test]
fn rows_are_sorted_by_any_column_and_what_is_unknown_comes_last() {
    let check = |keys, expected: &str| assert_eq!(names(&after(keys), &snapshot()), expected, "after {keys:?}");
    check("", "alpha echo charlie delta bravo");
    check("S", "delta bravo charlie echo alpha");
    check("s", "alpha bravo charlie delta echo");
    check("s S", "echo delta charlie bravo alpha");
    check("s s s s s s", "delta bravo charlie echo alpha");
    check("s s s s s s S", "echo charlie bravo delta alpha");
}

#[test]
fn the_selection_stays_with_its_target() {
    let check = |keys, id| assert_eq!(after(keys).targets.selected(), Some(TargetId(id)), "after {keys:?}");
    check("", 1);
    check("down", 2);
    check("down s", 2);
    check("down down up", 2);
    check("G", 3);
    check("G down", 3);
    check("G home", 1);
    check("G pageup", 1);
    check("2 n n p", 2);
    check("/ e c h o enter down", 2);
}

#[test]
fn a_selection_that_is_gone_moves_to_the_first_row() {
    let mut snapshot = snapshot();
    let mut view = after_on(&snapshot, "down");
    snapshot.targets.retain(|target| target.info.id != TargetId(2));
    view.observe(&snapshot);
    assert_eq!(view.targets.selected(), Some(TargetId(1)));
    snapshot.targets.clear();
    view.observe(&snapshot);
    assert_eq!(view.targets.selected(), None);
}

#[test]
fn a_filter_narrows_and_is_taken_back() {
    let check = |keys, expected: &str| assert_eq!(names(&after(keys), &snapshot()), expected, "after {keys:?}");
    check("/ A L", "alpha");
    check("/ o d d enter", "alpha bravo");
    check("/ o d d esc", "alpha echo charlie delta bravo");
    check("/ o d d enter esc", "alpha echo charlie delta bravo");
    check("/ o d d space b r enter", "bravo");
    check("/ o d d ctrl-u", "alpha echo charlie delta bravo");
    check(
        "/ o d d enter / backspace backspace backspace e v e n enter",
        "echo charlie delta",
    );
    check("/ z z enter", "");
}

#[test]
fn the_query_follows_the_view() {
    let query = |keys| after(keys).query(None, &snapshot()).unwrap();
    assert_eq!(
        query(""),
        Query {
            detail: Rows::None,
            comparison: Some(ComparisonQuery::default()),
            ..Query::default()
        }
    );
    assert_eq!(query("w").window, Window::TwoMinutes);
    assert_eq!(query("+").axis, Axis::OneMinute);
    assert_eq!(query("- -").axis, Axis::FifteenMinutes);
    assert_eq!(query("- - - - - -").axis, Axis::OneHour);
    assert_eq!(query("space").feed, Feed::At(snapshot().taken));
    assert_eq!(query("space space").feed, Feed::Live);
    assert_eq!(query("down enter").detail, Rows::Only(vec![TargetId(2)]));
}

#[test]
fn generators_tell_their_load_wherever_a_chart_stands() {
    let mut snapshot = snapshot();
    for (index, kind) in [(0, "k6"), (4, "locust")] {
        let info = Arc::make_mut(&mut snapshot.targets[index].info);
        (info.kind, info.purpose) = (kind.into(), Purpose::Generator);
    }
    let check = |keys: &str, expected: &[u32]| {
        let ids: Vec<_> = expected.iter().copied().map(TargetId).collect();
        let expected = if ids.is_empty() { Rows::None } else { Rows::Only(ids) };
        let query = after_on(&snapshot, keys).query(None, &snapshot).unwrap();
        assert_eq!(query.detail, expected, "after {keys:?}");
    };
    check("", &[0, 4]);
    check("down enter", &[2, 0, 4]);
    check("3", &[]);
    // One that is shown is asked for once.
    check("down down enter", &[4, 0]);
}

#[test]
fn many_targets_get_series_only_where_they_are_seen() {
    let mut snapshot = snapshot();
    let proto = snapshot.targets[0].clone();
    snapshot.targets = (0..1000)
        .map(|id| {
            let info = TargetInfo {
                id: TargetId(id),
                ..(*proto.info).clone()
            };
            TargetSnapshot {
                info: Arc::new(info),
                ..proto.clone()
            }
        })
        .collect();
    let rows = after_on(&snapshot, "").geometry().table.visible();
    let mut view = after_on(&snapshot, "G");
    let asked = view.query(None, &snapshot).unwrap();
    let Rows::Only(ids) = &asked.series else {
        panic!("every series was asked for")
    };
    assert_eq!(ids.len(), 2 * rows + 1);
    assert!(ids.contains(&TargetId(999)) && !ids.contains(&TargetId(0)));

    // A page up is still within what was asked for, two are not.
    view.update(Action::PageUp, &snapshot);
    assert_eq!(view.query(Some(&asked), &snapshot), None);
    view.update(Action::PageUp, &snapshot);
    view.update(Action::PageUp, &snapshot);
    assert!(view.query(Some(&asked), &snapshot).is_some());
}

#[test]
fn nothing_is_asked_twice() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    let asked = view.query(None, &snapshot).unwrap();
    assert_eq!(view.query(Some(&asked), &snapshot), None);
    view.update(Action::WindowNext, &snapshot);
    assert!(view.query(Some(&asked), &snapshot).is_some());
}

#[test]
fn a_paste_is_text_while_typing_and_nothing_otherwise() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    view.paste("q", &snapshot);
    assert_eq!(view.targets.filter.text(), "");
    let mut view = after_on(&snapshot, "/");
    view.paste("ech\no", &snapshot);
    assert_eq!(names(&view, &snapshot), "echo");
}

#[test]
fn what_a_filter_finds_is_what_enter_opens() {
    let snapshot = snapshot();
    let view = after_on(&snapshot, "/ c h a r enter enter");
    assert_eq!(
        (view.pages.shown, view.targets.selected()),
        (Pane::Target, Some(TargetId(4)))
    );
}

#[test]
fn an_alert_leads_to_what_it_is_about() {
    let about = |target| after_on(&with_alert(snapshot(), target), "4 enter");
    let view = about(Some(TargetId(2)));
    assert_eq!(
        (view.pages.shown, view.targets.selected()),
        (Pane::Target, Some(TargetId(2)))
    );
    assert_eq!(about(None).pages.shown, Pane::Machine);
}

/// What the last key asks for.
fn effect_of(snapshot: &Snapshot, keys: &str) -> Option<Effect> {
    let mut view = after_on(snapshot, "");
    let mut effect = None;
    for key in keys.split_whitespace() {
        let chord: crate::ui::keys::Chord = key.parse().unwrap();
        effect = match view.action(chord) {
            _ if view.is_typing() => view.edit(chord.edit(), snapshot),
            Some(action) => view.update(action, snapshot),
            None => None,
        };
    }
    effect
}

#[test]
fn keys_act_on_the_alert_that_is_meant() {
    let snapshot = with_alerts(snapshot(), &[(7, Some(TargetId(1))), (8, Some(TargetId(2))), (9, None)]);
    let check = |keys, id: u64| {
        let expected = Some(Effect::Act(Act::Acknowledge(AlertId(id))));
        assert_eq!(effect_of(&snapshot, keys), expected, "after {keys:?}");
    };
    check("a", 7);
    check("4 a", 7);
    check("4 down a", 8);
    check("4 G a", 9);
    // In the pane of a target it is the worst of that target.
    check("down enter a", 8);
    assert_eq!(effect_of(&snapshot, "3 a"), None);
    assert_eq!(effect_of(&snapshot, "? a"), None);
}

#[test]
fn the_banner_says_which_alert_is_the_worst() {
    let mut snapshot = with_alerts(snapshot(), &[(7, None), (8, None)]);
    Arc::make_mut(&mut snapshot.alerts).causes = vec![probetop_core::snapshot::Cause {
        severity: Severity::Critical,
        since: Timestamp::ZERO,
        carried: Duration::ZERO,
        headline: "host: busy".into(),
        victims: vec!["host".into()],
        alerts: vec![AlertId(8), AlertId(7)],
        quiet: false,
        set_aside: false,
        clears: None,
    }];
    let expected = Some(Effect::Act(Act::Acknowledge(AlertId(8))));
    assert_eq!(effect_of(&snapshot, "a"), expected);
}

#[test]
fn the_chosen_alert_stays_chosen_when_a_worse_one_comes() {
    let before = with_alerts(snapshot(), &[(7, None), (8, None)]);
    let mut view = after_on(&before, "4 down");
    let after = with_alerts(snapshot(), &[(9, None), (7, None), (8, None)]);
    view.observe(&after);
    let acknowledge = |id| Some(Effect::Act(Act::Acknowledge(AlertId(id))));
    assert_eq!(view.update(Action::Acknowledge, &after), acknowledge(8));
    // One that is gone gives its place to another.
    let after = with_alerts(snapshot(), &[(9, None), (7, None)]);
    view.observe(&after);
    assert_eq!(view.update(Action::Acknowledge, &after), acknowledge(7));
}

#[test]
fn an_alert_that_is_over_is_left_in_peace_but_takes_notes() {
    let mut snapshot = with_alerts(snapshot(), &[]);
    Arc::make_mut(&mut snapshot.alerts).history = [AlertSnapshot {
        state: AlertState::Resolved,
        resolved: Some(Timestamp::ZERO),
        ..alert(7, None)
    }]
    .into();
    assert_eq!(effect_of(&snapshot, "4 a"), None);
    assert_eq!(effect_of(&snapshot, "4 z"), None);
    let note = Effect::Act(Act::Note(AlertId(7), "ok".into()));
    assert_eq!(effect_of(&snapshot, "4 N o k enter"), Some(note));
}

#[test]
fn silence_goes_through_its_lengths_and_each_press_says_what_is_so() {
    let snapshot = with_alert(snapshot(), None);
    let mut view = after_on(&snapshot, "");
    let minutes = |minutes: u64| Some(std::time::Duration::from_secs(60 * minutes));
    for (length, words) in [
        (minutes(5), "silenced for 5m: echo slow"),
        (minutes(15), "silenced for 15m: echo slow"),
        (minutes(60), "silenced for 1h: echo slow"),
        (minutes(240), "silenced for 4h: echo slow"),
        (None, "not silenced any more: echo slow"),
        (minutes(5), "silenced for 5m: echo slow"),
    ] {
        let effect = view.update(Action::Silence, &snapshot);
        assert_eq!(effect, Some(Effect::Act(Act::Silence(AlertId(7), length))));
        assert_eq!(
            view.said.message.as_ref().map(|message| message.text.as_str()),
            Some(words)
        );
    }
}

#[test]
fn silence_goes_on_from_what_is_left_of_it() {
    let check = |left_s: u64, expected_min: Option<u64>| {
        let mut snapshot = with_alert(snapshot(), None);
        Arc::make_mut(&mut snapshot.alerts).silences = vec![probetop_core::snapshot::SilenceSnapshot {
            name: "slow".into(),
            subject: "echo".into(),
            until: Timestamp::from_secs(left_s),
        }];
        let length = expected_min.map(|minutes| std::time::Duration::from_secs(60 * minutes));
        let expected = Some(Effect::Act(Act::Silence(AlertId(7), length)));
        assert_eq!(effect_of(&snapshot, "z"), expected, "{left_s} s left");
    };
    check(0, Some(5));
    check(299, Some(5));
    check(300, Some(15));
    check(3_599, Some(60));
    check(14_399, Some(240));
    check(14_400, None);
}

#[test]
fn a_note_is_typed_kept_or_cancelled() {
    let snapshot = with_alert(snapshot(), None);
    let check = |keys, expected: Option<&str>| {
        let expected = expected.map(|note| Effect::Act(Act::Note(AlertId(7), note.into())));
        assert_eq!(effect_of(&snapshot, keys), expected, "after {keys:?}");
    };
    check("N h i enter", Some("hi"));
    check("N q space z enter", Some("q z"));
    check("N h i backspace enter", Some("h"));
    check("N h i esc", None);
    check("N space enter", None);
    check("N h i", None);
    // Nothing was typed into the filter meanwhile.
    assert_eq!(after_on(&snapshot, "N h i enter").targets.filter.text(), "");
}

#[test]
fn without_an_alert_the_keys_say_so() {
    let check = |keys: &str, words: &str| {
        let view = after(keys);
        assert_eq!(
            view.said
                .message
                .as_ref()
                .map(|message| message.text.to_string())
                .as_deref(),
            Some(words),
            "after {keys:?}"
        );
    };
    check("a", "no alert fires");
    check("4 z", "choose an alert first");
    check("2 N", "no alert of this target fires");
    check("7 a", "choose an alert in the pane Alerts first");
}

#[test]
fn actions_for_others_are_effects() {
    let check = |action, expected| assert_eq!(after("").update(action, &snapshot()), expected);
    check(Action::Quit, Some(Effect::Quit));
    check(Action::QuitKeepingFrame, Some(Effect::QuitKeepingFrame));
    check(Action::Suspend, Some(Effect::Suspend));
    check(Action::Export, None);
    check(Action::Reload, Some(Effect::Reload));
    check(Action::Repaint, Some(Effect::Repaint));
    check(Action::Down, None);
}

#[test]
fn a_message_goes_after_five_ticks() {
    let mut snapshot = snapshot();
    let mut view = after("");
    view.tell(Severity::Info, "exported".into());
    let mut tick = || {
        // A second snapshot of the same tick does not count.
        snapshot.now = snapshot.now + std::time::Duration::from_secs(1);
        view.observe(&snapshot);
        view.observe(&snapshot);
        view.said.message.is_some()
    };
    assert_eq!([(); 6].map(|()| tick()), [true, true, true, true, false, false]);
}

#[test]
fn the_mouse_selects_opens_sorts_and_scrolls() {
    let snapshot = snapshot();
    let mut view = after("");
    let mut click = |x, y| {
        view.point(
            Pointer {
                x,
                y,
                kind: PointerKind::Click,
            },
            &snapshot,
        );
        (view.pages.shown, view.targets.selected(), view.targets.table.column)
    };
    // Two rows of header, one of the banner, the headings, then the targets.
    assert_eq!(click(5, 5), (Pane::Overview, Some(TargetId(2)), Column::Level));
    assert_eq!(click(5, 5), (Pane::Target, Some(TargetId(2)), Column::Level));
    assert_eq!(click(1, 0).0, Pane::Overview);
    assert_eq!(click(5, 3).2, Column::Name);
    assert_eq!(click(5, 20), (Pane::Overview, Some(TargetId(2)), Column::Name));
    view.point(
        Pointer {
            x: 5,
            y: 6,
            kind: PointerKind::WheelDown,
        },
        &snapshot,
    );
    assert_eq!(view.targets.table.selected_row(&snapshot), Some(4));
}

#[test]
fn esc_and_the_key_of_a_page_right_behind_it_are_two_keys() {
    let chord = |text: &str| text.parse::<crate::ui::keys::Chord>().unwrap();
    let check = |keys: &str, pressed: &str, expected: Option<&str>| {
        let view = after(keys);
        assert_eq!(
            view.after_escape(chord(pressed)),
            expected.map(chord),
            "{keys:?} {pressed}"
        );
    };
    check("", "alt-4", Some("4"));
    check("/", "alt-4", Some("4"));
    check("", "4", None);
    check("", "alt-q", None);
    check("/", "alt-x", None);
}

#[test]
fn the_page_of_another_target_begins_at_the_top() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "2");
    let first = |view: &View| view.pages.offset_in(Pane::Target);
    view.pages.places[Pane::Target as usize].first = 3;
    let selected = view.targets.selected();
    view.pages.begin_at_top(selected);
    assert_eq!(first(&view), 3, "the same target");
    view.update(Action::NextTarget, &snapshot);
    assert_eq!(first(&view), 0);
}

#[test]
fn a_click_chooses_in_a_list_and_a_second_one_opens() {
    let snapshot = with_alerts(snapshot(), &[(7, Some(TargetId(1))), (8, Some(TargetId(2))), (9, None)]);
    let mut view = after_on(&snapshot, "4");
    let mut click = |y| {
        let kind = PointerKind::Click;
        view.point(Pointer { x: 5, y, kind }, &snapshot);
        (view.pages.shown, view.pages.chosen())
    };
    // Two rows of header, the heading, then the alerts.
    assert_eq!(click(2), (Pane::Alerts, 0));
    assert_eq!(click(4), (Pane::Alerts, 1));
    assert_eq!(click(20), (Pane::Alerts, 1));
    assert_eq!(click(4).0, Pane::Target);
    assert_eq!(view.targets.selected(), Some(TargetId(2)));
}

#[test]
fn the_chosen_row_is_seen_below_a_heading_however_long_the_list() {
    let alerts: Vec<_> = (0..100).map(|id| (id, None)).collect();
    let snapshot = with_alerts(snapshot(), &alerts);
    let mut view = after_on(&snapshot, "4");
    for action in [
        Action::Last,
        Action::Up,
        Action::PageUp,
        Action::PageUp,
        Action::PageDown,
        Action::First,
    ] {
        view.update(action, &snapshot);
        let visible = usize::from(view.geometry().list(view.pages.shown).rows.height);
        // A heading is on top of the list and of what is shown of it.
        let line = view.pages.chosen() + 1;
        let shown = view.pages.offset() + 1..view.pages.offset() + visible;
        assert!(shown.contains(&line), "{action:?}: {line} in {shown:?}");
    }
}

#[test]
fn the_keys_that_sort_act_on_what_is_seen() {
    let snapshot = snapshot();
    let (column, order) = (Column::default(), Order::default());
    let view = after_on(&snapshot, "8 s s S");
    assert_eq!(
        (view.pages.compared.column, view.pages.compared.order),
        (ComparedColumn::Errors, Order::Ascending)
    );
    assert_eq!((view.targets.table.column, view.targets.table.order), (column, order));
    for page in ["4", "5", "6", "0", "?"] {
        let view = after_on(&snapshot, &format!("{page} s S"));
        assert_eq!(
            (view.targets.table.column, view.targets.table.order),
            (column, order),
            "{page}"
        );
        let message = view.said.message.as_ref().map(|message| message.text.as_str());
        assert_eq!(message, Some("nothing is sorted by key here"), "{page}");
    }
}

#[test]
fn an_alert_of_an_objective_leads_to_the_objective() {
    let mut snapshot = with_alerts(snapshot(), &[(7, None)]);
    let objective = |name: &str| probetop_core::snapshot::ObjectiveSnapshot {
        name: name.into(),
        promise: "95% under 2s".into(),
        goal_ratio: 0.95,
        limit: None,
        targets: ["bravo".into(), "alpha".into()].into(),
        period: std::time::Duration::from_secs(3600),
        covered: std::time::Duration::ZERO,
        level: Level::Unknown,
        reason: None,
        events: 0,
        bad: 0,
        attained_ratio: None,
        budget_left_ratio: None,
        burn_down: Arc::default(),
        burn_down_step: std::time::Duration::from_secs(20),
        burn: Vec::new(),
        exhausted_in: None,
        course: Vec::new(),
    };
    // The subject of the alert.
    snapshot.objectives = [objective("shop"), objective("echo")].into();
    let view = after_on(&snapshot, "4 enter");
    assert_eq!((view.pages.shown, view.pages.chosen()), (Pane::Objectives, 1));
    // And the objective to the target that does worst.
    let view = after_on(&snapshot, "4 enter enter");
    assert_eq!(
        (view.pages.shown, view.targets.selected()),
        (Pane::Target, Some(TargetId(1)))
    );
}

/// An hour in, 12:00:00, with two marks and all of the past but its first ten minutes.
pub(super) fn late() -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.wall_origin = SystemTime::UNIX_EPOCH + Duration::from_secs(11 * 3600);
    snapshot.now = Timestamp::from_millis(3_600_200);
    snapshot.taken = snapshot.now;
    snapshot.monitor.history.oldest = Some(Timestamp::from_millis(600_100));
    let mark = |second, label: &str| Mark {
        at: Timestamp::from_secs(second),
        label: label.into(),
        origin: MarkOrigin::Keyboard,
    };
    snapshot.marks = [mark(300, "lost"), mark(3_000, "stage 1"), mark(3_500, "stage 2")].into();
    snapshot
}

#[test]
fn keys_go_back_and_forth_in_the_past() {
    let now = 3_600;
    let check = |keys: &str, second: Option<u64>| {
        let seen = match after_on(&late(), keys).travel.feed {
            Feed::Live => None,
            Feed::At(at) => Some(at.second()),
        };
        assert_eq!(seen, second, "after {keys:?}");
    };
    check("left right pageup home", None);
    check("space", Some(now));
    check("space space", None);
    check("[", Some(now - 1));
    check("[ [ ]", Some(now - 1));
    check("[ ]", None);
    check("space left left", Some(now - 2));
    check("space left right", None);
    check("{", Some(now - 10));
    check("- [", Some(now - 10));
    check("[ pageup pagedown left", Some(now - 2));
    check("- [ pageup", Some(now - 110));
    check("[ pagedown", None);
    check("[ home", Some(600));
    check("[ home left", Some(600));
    check("[ home right", Some(601));
    check("[ home end", None);
    check("(", Some(3_500));
    check("( (", Some(3_000));
    check("( ( (", Some(3_000));
    check("( ( )", Some(3_500));
    check("( )", Some(3_500));
    check(")", None);
    check("T - 5 m enter", Some(now - 300));
    check("T 1 1 : 3 0 enter", Some(now - 1_800));
    check("T 1 1 : 3 0 : 0 7 enter left", Some(now - 1_794));
    check("T 1 1 : 0 0 enter", Some(600));
    check("T 1 1 : 3 0 esc", None);
    check("T x enter", None);
    // In help the keys scroll.
    check("space ? left pageup", Some(now));
}

#[test]
fn what_cannot_be_shown_is_said() {
    let check = |snapshot: &Snapshot, keys: &str, words: &str| {
        let message = after_on(snapshot, keys)
            .said
            .message
            .clone()
            .expect("it says something");
        assert_eq!(message.text.as_str(), words, "after {keys:?}");
    };
    check(&late(), "[ home", "the past begins at 11:10:00");
    check(&late(), "( ( (", "no earlier mark");
    check(&late(), ")", "no later mark");
    check(&late(), "(", "11:58:20 stage 2");
    check(&late(), "T x enter", "\"x\" is not a time: type 12:03, 12:03:44 or -5m");
    assert!(after_on(&late(), "T x enter").is_typing(), "it is there to be mended");
    assert!(!after_on(&late(), "T x enter backspace - 5 m enter").is_typing());
    let mut without = late();
    without.monitor.history.oldest = None;
    check(
        &without,
        "[",
        "no past is kept: give history a length in the configuration",
    );
    assert_eq!(after_on(&without, "[").travel.feed, Feed::Live);
    assert_eq!(after_on(&without, "space left").travel.feed, Feed::At(without.taken));
}

#[test]
fn a_mark_is_set_where_one_looks() {
    let check = |keys: &str, second, label: &str| {
        let effect = Some(Effect::Mark(Timestamp::from_secs(second), label.into()));
        assert_eq!(effect_of(&late(), keys), effect, "after {keys:?}");
    };
    check("m d e p l o y enter", 3_600, "deploy");
    check("m enter", 3_600, "mark 4");
    check("( left m x space enter", 3_499, "x");
    assert_eq!(effect_of(&late(), "m x esc"), None);
}

#[test]
fn an_export_is_chosen_by_a_letter() {
    let check = |keys: &str, form| {
        let effect = effect_of(&late(), keys);
        assert_eq!(effect, Some(Effect::Export(form)), "after {keys:?}");
    };
    check("e j", Form::Snapshot);
    check("e c", Form::Series);
    check("e t", Form::Text);
    check("e x enter p", Form::Picture);
    check("e i", Form::Image);
    assert_eq!(effect_of(&late(), "e esc"), None);
    assert!(!after_on(&late(), "e esc").is_typing());
    let mut view = after_on(&late(), "e");
    view.paste("j", &late());
    assert!(view.is_typing(), "what is pasted chooses nothing");
}
