//! What needs no whole monitor to be shown; the scenes in `tests/fixtures/attention` show the rest.

use std::sync::Arc;

use probetop_core::sample::{FailureKind, Subject, TargetId, Unit, Worse};

use super::*;
use crate::alert::entry::Finding;
use crate::alert::policy::Policy;
use crate::alert::source::Source;
use crate::alert::state::Condition;

/// Nothing stands behind anything.
struct Plain;

impl SubjectContext for Plain {
    fn parents(&self, _of: Subject) -> &[Subject] {
        &[]
    }

    fn name(&self, _of: Subject) -> Text {
        "checkout".into()
    }

    fn last_probe_failed(&self, _of: Subject) -> bool {
        false
    }

    fn was_heard_since(&self, _of: Subject, _since: Timestamp) -> bool {
        true
    }

    fn maintenance(&self, _of: Subject) -> Option<(Text, Timestamp)> {
        None
    }

    fn host(&self, _of: Subject) -> Option<&Text> {
        None
    }

    fn failure(&self, _of: Subject) -> Option<FailureKind> {
        None
    }
}

fn key(id: u32) -> Key {
    Key {
        subject: Subject::Target(TargetId(id)),
        source: Source::Errors,
    }
}

fn observe(table: &mut AlertTable, id: u32, condition: Condition, now: Timestamp) {
    observe_at(Severity::Warning, table, id, condition, now);
}

fn observe_at(severity: Severity, table: &mut AlertTable, id: u32, condition: Condition, now: Timestamp) {
    let policy: Arc<Policy> = Arc::default();
    table.observe(key(id), condition, &policy, now, || Finding {
        name: "errors".into(),
        subject: format!("target-{id}").into(),
        severity,
        value: None,
        unit: Unit::Ratio,
        worse: Worse::Higher,
        reason: "errors 10% > 5%".into(),
    });
}

fn flap(table: &mut AlertTable, steadiness: Stability) {
    table.entries_mut().for_each(|(_, entry)| entry.steadiness = steadiness);
}

fn occasions(announcer: &mut Announcer) -> Vec<AnnouncementReason> {
    let told = announcer.take_announcements();
    told.into_iter().map(|announcement| announcement.occasion).collect()
}

#[test]
fn flapping_is_told_when_it_begins_and_its_end_is_the_resolve() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    let flapping = Stability::Flapping { turns: 4 };
    let mut told = Vec::new();
    for (second, steadiness) in [Stability::Steady, flapping, flapping, Stability::Steady, flapping]
        .into_iter()
        .enumerate()
    {
        let now = Timestamp::from_secs(second as u64);
        observe(&mut table, 1, Condition::True, now);
        flap(&mut table, steadiness);
        announcer.step(&mut table, &Plain, now);
        told.push(occasions(&mut announcer));
    }
    flap(&mut table, Stability::Steady);
    observe(&mut table, 1, Condition::False, Timestamp::from_secs(9));
    announcer.step(&mut table, &Plain, Timestamp::from_secs(9));
    told.push(occasions(&mut announcer));
    use AnnouncementReason::{Firing, Flapping, Resolved};
    assert_eq!(
        told,
        [
            vec![Firing],
            vec![Flapping],
            vec![],
            vec![],
            vec![Flapping],
            vec![Resolved]
        ]
    );
}

#[test]
fn an_alert_that_flaps_from_the_first_is_told_firing_and_then_flapping() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    observe(&mut table, 1, Condition::True, Timestamp::ZERO);
    flap(&mut table, Stability::Flapping { turns: 4 });
    announcer.step(&mut table, &Plain, Timestamp::ZERO);
    announcer.step(&mut table, &Plain, Timestamp::from_secs(1));
    announcer.step(&mut table, &Plain, Timestamp::from_secs(2));
    assert_eq!(
        occasions(&mut announcer),
        [AnnouncementReason::Firing, AnnouncementReason::Flapping]
    );
}

#[test]
fn a_timeline_names_only_whom_the_configuration_has() {
    let check = |usual, route: Route, expected: &[&str]| {
        let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
        let route = Some(route);
        let telling = NotifyPolicy {
            route,
            ..NotifyPolicy::default()
        };
        announcer.configure(telling, usual);
        observe(&mut table, 1, Condition::True, Timestamp::ZERO);
        announcer.step(&mut table, &Plain, Timestamp::ZERO);
        assert_eq!(
            occasions(&mut announcer),
            [AnnouncementReason::Firing],
            "channels may be added by a reload"
        );
        let board = table.board();
        let timeline = board.active[0].timeline.iter();
        let announced = timeline.filter(|entry| entry.turn == Turn::Announced);
        let whom: Vec<_> = announced.map(|entry| entry.text.as_str()).collect();
        assert_eq!(whom, expected);
    };
    let pager = || vec!["pager".into()];
    check(Usual::Channels, Route::Usual, &["the usual channels"]);
    check(
        Usual::Channels,
        Route::UsualAnd(pager()),
        &["the usual channels and pager"],
    );
    check(Usual::Nobody, Route::Usual, &[]);
    check(Usual::Nobody, Route::UsualAnd(pager()), &["pager"]);
    check(Usual::Nobody, Route::Named(pager()), &["pager"]);
}

#[test]
fn announcements_are_handed_out_once_and_do_not_pile_up() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    (0..100).for_each(|id| observe(&mut table, id, Condition::True, Timestamp::ZERO));
    announcer.step(&mut table, &Plain, Timestamp::ZERO);
    assert_eq!(occasions(&mut announcer).len(), 100);
    announcer.step(&mut table, &Plain, Timestamp::from_secs(1));
    assert!(occasions(&mut announcer).is_empty());
}

#[test]
fn nothing_is_new_to_remember_while_nothing_happens() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    observe(&mut table, 1, Condition::True, Timestamp::ZERO);
    announcer.step(&mut table, &Plain, Timestamp::ZERO);
    let revision = announcer.revision();
    for second in 1..100 {
        let now = Timestamp::from_secs(second);
        observe(&mut table, 1, Condition::True, now);
        announcer.step(&mut table, &Plain, now);
    }
    assert_eq!(announcer.revision(), revision);
    let id = table.entries().map(|(_, entry)| entry.id).next().unwrap();
    announcer.act(
        &mut table,
        Act::Silence(id, Some(Duration::from_secs(5))),
        Timestamp::from_secs(100),
    );
    assert_ne!(announcer.revision(), revision);
}

#[test]
fn the_end_of_what_got_milder_is_as_grave_as_the_worst_that_was_told() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    let mut told = Vec::new();
    for (second, severity, condition) in [
        (0, Severity::Warning, Condition::True),
        (1, Severity::Critical, Condition::True),
        (2, Severity::Warning, Condition::True),
        (3, Severity::Warning, Condition::False),
    ] {
        let now = Timestamp::from_secs(second);
        observe_at(severity, &mut table, 1, condition, now);
        announcer.step(&mut table, &Plain, now);
        let announced = announcer.take_announcements().into_iter();
        told.extend(announced.map(|announcement| (announcement.occasion.name(), announcement.alert.severity)));
    }
    use Severity::{Critical, Warning};
    assert_eq!(
        told,
        [("firing", Warning), ("worsened", Critical), ("resolved", Critical)]
    );
}

#[test]
fn what_happens_to_an_alert_is_remembered_though_nobody_is_told() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    table.tick(Timestamp::ZERO);
    observe(&mut table, 1, Condition::True, Timestamp::ZERO);
    announcer.step(&mut table, &Plain, Timestamp::ZERO);
    let mut check = |now, happens: &dyn Fn(&mut Announcer, &mut AlertTable, Timestamp)| {
        let (before, now) = (announcer.revision(), Timestamp::from_secs(now));
        happens(&mut announcer, &mut table, now);
        announcer.step(&mut table, &Plain, now);
        assert_ne!(announcer.revision(), before, "{now:?}");
    };
    let id = AlertId(1);
    check(1, &|announcer, table, now| {
        announcer.act(table, Act::Acknowledge(id), now)
    });
    check(2, &|_, table, now| {
        observe_at(Severity::Critical, table, 1, Condition::True, now)
    });
    check(3, &|_, table, now| {
        observe_at(Severity::Warning, table, 1, Condition::True, now)
    });
    check(4, &|announcer, table, now| {
        announcer.act(table, Act::Note(id, "looking".into()), now)
    });
    check(5, &|announcer, table, now| {
        announcer.mark(table, now, &"stage 2".into())
    });
    check(6, &|announcer, table, now| {
        announcer.act(table, Act::Silence(id, None), now)
    });
    check(60, &|_, table, now| table.tick(now));
    check(61, &|_, table, now| observe(table, 1, Condition::False, now));
}

#[test]
fn a_note_is_written_into_what_goes_on_and_into_what_has_ended() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    let mut step = |table: &mut AlertTable, second, condition, note: &str| {
        let now = Timestamp::from_secs(second);
        observe(table, 1, condition, now);
        announcer.step(table, &Plain, now);
        announcer.act(table, Act::Note(AlertId(1), note.into()), now);
    };
    step(&mut table, 0, Condition::True, "looking");
    step(&mut table, 60, Condition::False, "was the cache");
    let board = table.board();
    let [ended] = &*board.history else { panic!("{board:?}") };
    let notes = ended.timeline.iter().filter(|entry| entry.turn == Turn::Noted);
    let notes: Vec<_> = notes.map(|entry| entry.text.as_str()).collect();
    assert_eq!(notes, ["looking", "was the cache"]);
}

#[test]
fn an_act_about_an_alert_that_is_not_there_does_nothing() {
    let (mut announcer, mut table) = (Announcer::default(), AlertTable::default());
    for act in [
        Act::Acknowledge(AlertId(9)),
        Act::Silence(AlertId(9), Some(Duration::MAX)),
        Act::Silence(AlertId(9), None),
        Act::Note(AlertId(9), "x".into()),
    ] {
        announcer.act(&mut table, act, Timestamp::ZERO);
    }
    assert_eq!(announcer.silences(), []);
}
