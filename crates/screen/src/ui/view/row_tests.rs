//! Which rows and columns there are, and which row is chosen: keys in, state out.

use std::time::Duration;

use probetop_core::sample::{Level, Micros, TargetId};
use probetop_core::snapshot::Apdex;

use super::list::Row;
use super::tests::{after_on, names, snapshot, with_alerts};
use super::*;
use crate::ui::stage::Stage;

/// A view with `text` typed into the filter and kept.
fn filtered(text: &str, snapshot: &Snapshot) -> Stage {
    let mut view = after_on(snapshot, "/");
    view.paste(text, snapshot);
    view.edit(crate::ui::keys::Edit::Accept, snapshot);
    view
}

fn message(view: &Stage) -> Option<&str> {
    view.said.message.as_ref().map(|message| message.text.as_str())
}

#[test]
fn rows_meet_the_condition_that_is_typed() {
    let mut snapshot = snapshot();
    let stats = &mut snapshot.targets[2].stats;
    (stats.attempts, stats.failed, stats.covered) = (40, 10, Duration::from_secs(20));
    let check = |text: &str, expected: &str| {
        let view = filtered(text, &snapshot);
        assert_eq!(names(&view, &snapshot), expected, "{text}");
        assert_eq!(message(&view), None, "{text}");
    };
    let all = "alpha echo charlie delta bravo";
    check("= level == 'critical'", "alpha");
    check("=level!='ok'", "alpha echo charlie");
    check("= p95 > duration('20us')", "delta bravo");
    check("= level == 'critical' || p95 > duration('20us')", "alpha delta bravo");
    // What is not known matches neither a condition nor its opposite.
    check("= p95 <= duration('20us')", "echo charlie");
    check("= !(p95 <= duration('20us'))", "delta bravo");
    check("= name.startsWith('c') || group == 'odd'", "alpha charlie bravo");
    check(
        "= kind == 'http' && url.contains('.example') && interval == duration('1s')",
        all,
    );
    check("= errors > 0.2", "echo");
    check("= error_ratio > 0.2 && availability == success_ratio", "echo");
    check("= rate == 2.0 && attempts == 40 && failed == 10", "echo");
    check("= apdex < 0.9", "");
    check("=", all);
    check("  ", all);
    check("even = e", "");
}

#[test]
fn a_condition_that_is_not_understood_is_told_and_the_last_one_holds() {
    let snapshot = snapshot();
    let check = |text: &str, rows: &str, words: &str| {
        let mut view = filtered("= level == 'ok'", &snapshot);
        view.update(Action::Filter, &snapshot);
        view.edit(crate::ui::keys::Edit::Clear, &snapshot);
        view.paste(text, &snapshot);
        view.edit(crate::ui::keys::Edit::Accept, &snapshot);
        let problem = view.targets.filter.problem().map(ToString::to_string);
        assert_eq!(problem.as_deref(), Some(words), "{text}");
        assert!(view.is_typing(), "{text}");
        assert_eq!(names(&view, &snapshot), rows, "{text}");
        assert_eq!(view.targets.filter.text(), text, "what was typed is there to be mended");
    };
    // Clearing the line shows every row; what is understood on the way holds.
    let all = "alpha echo charlie delta bravo";
    check("= p95 >", all, "at 8: the condition ends too early");
    check(
        "= failed > 0 && p59",
        "",
        "at 17: there is no \"p59\" here; did you mean \"p50\"?",
    );
    check("= é", all, "at 3: 'é' does not belong here");
    check("= rate > 'x'", all, "at 3: double and string do not go together");
}

#[test]
fn every_filter_belongs_to_its_pane() {
    let snapshot = with_alerts(snapshot(), &[(7, None), (8, None)]);
    let check = |keys: &str, pane, text: &str| {
        let view = after_on(&snapshot, keys);
        assert_eq!(
            (view.pages.shown, view.pane_filter().text()),
            (pane, text),
            "after {keys:?}"
        );
    };
    check("3 / a b enter", Pane::Machine, "ab");
    check("3 / a b esc", Pane::Machine, "");
    check("3 / a b enter 4", Pane::Alerts, "");
    check("3 / a b enter 4 / c enter 3", Pane::Machine, "ab");
    check("3 / a b enter esc", Pane::Machine, "");
    check("3 / a b enter esc esc", Pane::Overview, "");
    check("4 / x enter 1 / y enter 4", Pane::Alerts, "x");
    check("/ y enter 2", Pane::Target, "y");
    check("/ y enter 2 esc", Pane::Overview, "y");
    check("/ y enter 2 /", Pane::Overview, "y");
    check("/ = enter esc", Pane::Overview, "");
}

#[test]
fn a_list_is_narrowed_to_rows_that_contain_the_words() {
    let mut snapshot = with_alerts(snapshot(), &[(7, None), (8, None), (9, None)]);
    let active = &mut Arc::make_mut(&mut snapshot.alerts).active;
    active[1].subject = "bravo".into();
    active[2].subject = "charlie".into();
    let check = |keys: &str, expected: &[usize], chosen: usize| {
        let view = after_on(&snapshot, keys);
        let rows = view.rows(view.pages.shown, &snapshot);
        let found: Vec<_> = list::items(&rows).map(|(_, index)| index).collect();
        assert_eq!(
            (found.as_slice(), view.pages.chosen()),
            (expected, chosen),
            "after {keys:?}"
        );
        let headings = rows.iter().filter(|row| matches!(row, Row::Heading(_))).count();
        assert_eq!(headings, usize::from(!expected.is_empty()), "after {keys:?}");
    };
    check("4 / b r a v o enter", &[1], 0);
    check("4 / C R I T space h a r enter", &[2], 0);
    check("4 / z z enter", &[], 0);
    // The chosen row stays chosen while rows around it go and come.
    check("4 down down / c h a", &[2], 0);
    check("4 down down / c h a enter esc", &[0, 1, 2], 2);
}

#[test]
fn columns_are_turned_on_and_off_while_the_list_stays() {
    let snapshot = snapshot();
    let check = |keys: &str, expected: &str| {
        let view = after_on(&snapshot, keys);
        let shown: Vec<_> = view.targets.columns.shown().into_iter().map(Column::name).collect();
        assert_eq!(shown.join(" "), expected, "after {keys:?}");
    };
    let usual = "level name rate errors p50 p90 p95 p99 max delta history scale";
    check("", usual);
    check("c space", "name rate errors p50 p90 p95 p99 max delta history scale");
    check("c space space", usual);
    check("c down space", usual);
    check(
        "c down down enter down space esc",
        "level name group kind rate errors p50 p90 p95 p99 max delta history scale",
    );
    check(
        "c a p d e x space",
        "level name rate errors apdex p50 p90 p95 p99 max delta history scale",
    );
    assert!(after_on(&snapshot, "c space").is_typing());
    assert!(!after_on(&snapshot, "c space esc").is_typing());
    let mut view = after_on(&snapshot, "c");
    view.paste(" ", &snapshot);
    assert!(
        view.targets.columns.is_on(Column::Level),
        "what is pasted chooses nothing"
    );
}

#[test]
fn the_key_that_sorts_goes_through_the_columns_that_are_there() {
    let snapshot = snapshot();
    let check = |keys: &str, expected| {
        assert_eq!(
            after_on(&snapshot, keys).targets.table.column,
            expected,
            "after {keys:?}"
        );
    };
    check("s s", Column::Rate);
    check("c down down space esc s s", Column::Group);
    check("s s s s s s s s s", Column::Level);
    // A column that is gone is not sorted by.
    check("c space esc", Column::Name);
    check("c space esc s", Column::Rate);
}

#[test]
fn configured_columns_stand_in_their_order_and_the_others_where_they_belong() {
    let columns = Columns::new(&[Column::P95, Column::Name, Column::Max]);
    assert_eq!(columns.shown(), [Column::P95, Column::Name, Column::Max]);
    let place = |column| columns.all().iter().position(|other| *other == column).unwrap();
    assert_eq!(place(Column::P99), place(Column::P95) + 1);
    assert_eq!(place(Column::Group), place(Column::Name) + 1);
    assert_eq!(columns.all().len(), Column::all().count());
}

#[test]
fn a_saved_filter_is_chosen_by_its_name() {
    let snapshot = snapshot();
    let check = |keys: &str, text: &str, expected: &str| {
        let view = after_on(&snapshot, keys);
        assert_eq!(view.targets.filter.text(), text, "after {keys:?}");
        assert_eq!(names(&view, &snapshot), expected, "after {keys:?}");
    };
    let all = "alpha echo charlie delta bravo";
    check("@ down enter", "= level != 'ok'", "alpha echo charlie");
    check("@ c r i t enter", "= level == 'critical'", "alpha");
    check("@ down enter @ enter", "", all);
    check("@ down esc", "", all);
    assert_eq!(after_on(&snapshot, "4 @").pages.shown, Pane::Overview);
}

/// `snapshot` a while later.
fn later(snapshot: &Snapshot, seconds: u64) -> Snapshot {
    Snapshot {
        now: snapshot.now + Duration::from_secs(seconds),
        ..snapshot.clone()
    }
}

#[test]
fn the_worst_is_followed_until_another_is_chosen() {
    let snapshot = snapshot();
    let check = |keys: &str, id: u32, is_following: bool| {
        let view = after_on(&snapshot, keys);
        let found = (view.targets.selected(), view.targets.is_following());
        assert_eq!(found, (Some(TargetId(id)), is_following), "after {keys:?}");
    };
    check("down down", 4, false);
    check("down down W", 1, true);
    check("down down W W", 1, false);
    check("W down", 2, false);
    check("W enter", 1, true);
    check("W enter n", 2, false);
    check("W s w 3 1", 1, true);
    // Among what the filter leaves.
    check("W / e v e n enter", 2, true);
}

#[test]
fn the_chosen_one_is_the_gravest_until_somebody_moves() {
    let graver = |snapshot: &Snapshot, index: usize| {
        let mut snapshot = later(snapshot, 1);
        for (at, target) in snapshot.targets.iter_mut().enumerate() {
            target.level = if at == index { Level::Critical } else { Level::Ok };
        }
        snapshot
    };
    let check = |keys: &str, expected: u32| {
        let snapshot = graver(&snapshot(), 0);
        let mut view = after_on(&snapshot, keys);
        for index in [3, 2] {
            view.observe(&graver(&later(&snapshot, 10 - index as u64), index));
        }
        assert_eq!(view.targets.selected(), Some(TargetId(expected)), "after {keys:?}");
    };
    check("", 2);
    check("s w", 2);
    check("down up", 0);
    // Nobody who reads of one is shown another.
    check("enter", 0);
}

#[test]
fn following_leaves_time_to_read_but_not_when_it_gets_worse() {
    let mut snapshot = snapshot();
    for target in &mut snapshot.targets {
        target.level = Level::Warning;
        target.apdex = Some(Apdex {
            score: 1.0,
            threshold: Micros(10),
        });
    }
    let mut view = after_on(&snapshot, "W");
    let mut check = |seconds: u64, change: &dyn Fn(&mut Snapshot), expected: u32| {
        snapshot = later(&snapshot, seconds);
        change(&mut snapshot);
        view.observe(&snapshot);
        assert_eq!(view.targets.selected(), Some(TargetId(expected)), "{seconds} s later");
    };
    let p95 = |index: usize, us: u32| {
        move |snapshot: &mut Snapshot| snapshot.targets[index].stats.latency.p95 = Some(Micros(us))
    };
    // 40 us against a threshold of 10 is the worst.
    check(1, &|_| {}, 0);
    check(1, &p95(2, 80), 0);
    check(2, &|_| {}, 0);
    check(1, &|_| {}, 2);
    // Within a tenth it is not worth the change, however long.
    check(60, &p95(0, 87), 2);
    check(1, &p95(0, 89), 0);
    check(1, &|snapshot| snapshot.targets[4].level = Level::Critical, 4);
    check(1, &|snapshot| snapshot.targets[3].level = Level::Critical, 4);
    // Every third probe fails: as bad as 33 times the threshold.
    let failing = |snapshot: &mut Snapshot| {
        let stats = &mut snapshot.targets[3].stats;
        (stats.attempts, stats.failed) = (30, 10);
    };
    check(4, &failing, 3);
    // A frozen screen stays as it is.
    check(
        9,
        &|snapshot| {
            snapshot.targets[0].level = Level::Critical;
            snapshot.targets[0].stats.latency.p95 = Some(Micros(9_000));
            snapshot.feed = Feed::At(snapshot.taken);
        },
        3,
    );
}

#[test]
fn whoever_looks_back_stays_with_the_target() {
    let mut snapshot = super::tests::late();
    let mut view = after_on(&snapshot, "9 W left");
    assert_eq!(view.targets.selected(), Some(TargetId(1)));
    snapshot = later(&snapshot, 10);
    snapshot.targets[1].level = Level::Ok;
    view.observe(&snapshot);
    assert_eq!(view.targets.selected(), Some(TargetId(1)));
    view.update(Action::Live, &snapshot);
    view.observe(&later(&snapshot, 1));
    assert_eq!(view.targets.selected(), Some(TargetId(2)));
}

/// Three that ended of one name about one subject, one of another, and one that fires.
fn flapping() -> Snapshot {
    let mut snapshot = with_alerts(snapshot(), &[(7, None), (8, None), (9, None), (10, None), (11, None)]);
    let board = Arc::make_mut(&mut snapshot.alerts);
    let mut ended: Vec<_> = board.active.drain(1..).collect();
    ended[1].name = "errors".into();
    for alert in &mut ended {
        alert.state = probetop_core::snapshot::AlertState::Resolved;
    }
    board.history = ended.into();
    snapshot
}

#[test]
fn alerts_that_come_and_go_are_one_row_that_can_be_opened() {
    use list::Section::{ActiveAlerts, EndedAlerts, EndedTurns};
    let snapshot = flapping();
    let check = |keys: &str, expected: &[(list::Section, usize)], chosen: usize| {
        let view = after_on(&snapshot, keys);
        let rows = view.rows(Pane::Alerts, &snapshot);
        let found: Vec<_> = list::items(&rows).collect();
        assert_eq!(
            (found.as_slice(), view.pages.chosen()),
            (expected, chosen),
            "after {keys:?}"
        );
    };
    let folded = [(ActiveAlerts, 0), (EndedAlerts, 0), (EndedAlerts, 1)];
    check("4", &folded, 0);
    let unfolded = [
        (ActiveAlerts, 0),
        (EndedAlerts, 0),
        (EndedTurns, 0),
        (EndedTurns, 2),
        (EndedTurns, 3),
        (EndedAlerts, 1),
    ];
    check("4 down enter", &unfolded, 1);
    check("4 down enter down down", &unfolded, 3);
    check("4 down enter enter", &folded, 1);
    // One that stands for itself opens what it is about.
    let view = after_on(&snapshot, "4 down down enter");
    assert_eq!(view.pages.shown, Pane::Machine);
}

#[test]
fn an_alert_that_ends_is_found_in_the_row_it_is_folded_into() {
    let mut snapshot = flapping();
    let mut view = after_on(&snapshot, "4");
    let board = Arc::make_mut(&mut snapshot.alerts);
    let over = board.active.remove(0);
    board.history = [over].into_iter().chain(board.history.iter().cloned()).collect();
    view.observe(&snapshot);
    view.update(Action::Down, &snapshot);
    view.update(Action::Up, &snapshot);
    let rows = view.rows(Pane::Alerts, &snapshot);
    assert_eq!(
        list::items(&rows).nth(view.pages.chosen()),
        Some((list::Section::EndedAlerts, 0))
    );
}
