//! What needs no whole monitor to be shown; the scenes in `tests/fixtures/attention` show the rest.

use std::sync::Arc;

use probetop_core::sample::{TargetId, Unit, Worse};

use super::*;
use crate::alert::entry::Finding;
use crate::alert::policy::Policy;
use crate::alert::state::Condition;

/// Nothing stands behind anything.
struct Plain;

impl Surroundings for Plain {
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

fn observe(book: &mut Book, id: u32, condition: Condition, now: Timestamp) {
    observe_at(Severity::Warning, book, id, condition, now);
}

fn observe_at(severity: Severity, book: &mut Book, id: u32, condition: Condition, now: Timestamp) {
    let policy: Arc<Policy> = Arc::default();
    book.observe(key(id), condition, &policy, now, || Finding {
        name: "errors".into(),
        subject: format!("target-{id}").into(),
        severity,
        value: None,
        unit: Unit::Ratio,
        worse: Worse::Higher,
        reason: "errors 10% > 5%".into(),
    });
}

fn flap(book: &mut Book, steadiness: Steadiness) {
    book.entries_mut().for_each(|(_, entry)| entry.steadiness = steadiness);
}

fn occasions(desk: &mut Desk) -> Vec<Occasion> {
    let told = desk.take_announcements();
    told.into_iter().map(|announcement| announcement.occasion).collect()
}

#[test]
fn flapping_is_told_when_it_begins_and_its_end_is_the_resolve() {
    let (mut desk, mut book) = (Desk::default(), Book::default());
    let flapping = Steadiness::Flapping { turns: 4 };
    let mut told = Vec::new();
    for (second, steadiness) in [Steadiness::Steady, flapping, flapping, Steadiness::Steady, flapping]
        .into_iter()
        .enumerate()
    {
        let now = Timestamp::from_secs(second as u64);
        observe(&mut book, 1, Condition::True, now);
        flap(&mut book, steadiness);
        desk.step(&mut book, &Plain, now);
        told.push(occasions(&mut desk));
    }
    flap(&mut book, Steadiness::Steady);
    observe(&mut book, 1, Condition::False, Timestamp::from_secs(9));
    desk.step(&mut book, &Plain, Timestamp::from_secs(9));
    told.push(occasions(&mut desk));
    use Occasion::{Firing, Flapping, Resolved};
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
    let (mut desk, mut book) = (Desk::default(), Book::default());
    observe(&mut book, 1, Condition::True, Timestamp::ZERO);
    flap(&mut book, Steadiness::Flapping { turns: 4 });
    desk.step(&mut book, &Plain, Timestamp::ZERO);
    desk.step(&mut book, &Plain, Timestamp::from_secs(1));
    desk.step(&mut book, &Plain, Timestamp::from_secs(2));
    assert_eq!(occasions(&mut desk), [Occasion::Firing, Occasion::Flapping]);
}

#[test]
fn a_timeline_names_only_whom_the_configuration_has() {
    let check = |usual, route: Route, expected: &[&str]| {
        let (mut desk, mut book) = (Desk::default(), Book::default());
        let route = Some(route);
        let telling = Telling {
            route,
            ..Telling::default()
        };
        desk.configure(telling, usual);
        observe(&mut book, 1, Condition::True, Timestamp::ZERO);
        desk.step(&mut book, &Plain, Timestamp::ZERO);
        assert_eq!(
            occasions(&mut desk),
            [Occasion::Firing],
            "channels may be added by a reload"
        );
        let board = book.board();
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
    let (mut desk, mut book) = (Desk::default(), Book::default());
    (0..100).for_each(|id| observe(&mut book, id, Condition::True, Timestamp::ZERO));
    desk.step(&mut book, &Plain, Timestamp::ZERO);
    assert_eq!(occasions(&mut desk).len(), 100);
    desk.step(&mut book, &Plain, Timestamp::from_secs(1));
    assert!(occasions(&mut desk).is_empty());
}

#[test]
fn nothing_is_new_to_remember_while_nothing_happens() {
    let (mut desk, mut book) = (Desk::default(), Book::default());
    observe(&mut book, 1, Condition::True, Timestamp::ZERO);
    desk.step(&mut book, &Plain, Timestamp::ZERO);
    let revision = desk.revision();
    for second in 1..100 {
        let now = Timestamp::from_secs(second);
        observe(&mut book, 1, Condition::True, now);
        desk.step(&mut book, &Plain, now);
    }
    assert_eq!(desk.revision(), revision);
    let id = book.entries().map(|(_, entry)| entry.id).next().unwrap();
    desk.act(
        &mut book,
        Act::Silence(id, Some(Duration::from_secs(5))),
        Timestamp::from_secs(100),
    );
    assert_ne!(desk.revision(), revision);
}

#[test]
fn the_end_of_what_got_milder_is_as_grave_as_the_worst_that_was_told() {
    let (mut desk, mut book) = (Desk::default(), Book::default());
    let mut told = Vec::new();
    for (second, severity, condition) in [
        (0, Severity::Warning, Condition::True),
        (1, Severity::Critical, Condition::True),
        (2, Severity::Warning, Condition::True),
        (3, Severity::Warning, Condition::False),
    ] {
        let now = Timestamp::from_secs(second);
        observe_at(severity, &mut book, 1, condition, now);
        desk.step(&mut book, &Plain, now);
        let announced = desk.take_announcements().into_iter();
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
    let (mut desk, mut book) = (Desk::default(), Book::default());
    book.tick(Timestamp::ZERO);
    observe(&mut book, 1, Condition::True, Timestamp::ZERO);
    desk.step(&mut book, &Plain, Timestamp::ZERO);
    let mut check = |now, happens: &dyn Fn(&mut Desk, &mut Book, Timestamp)| {
        let (before, now) = (desk.revision(), Timestamp::from_secs(now));
        happens(&mut desk, &mut book, now);
        desk.step(&mut book, &Plain, now);
        assert_ne!(desk.revision(), before, "{now:?}");
    };
    let id = AlertId(1);
    check(1, &|desk, book, now| desk.act(book, Act::Acknowledge(id), now));
    check(2, &|_, book, now| {
        observe_at(Severity::Critical, book, 1, Condition::True, now)
    });
    check(3, &|_, book, now| {
        observe_at(Severity::Warning, book, 1, Condition::True, now)
    });
    check(4, &|desk, book, now| {
        desk.act(book, Act::Note(id, "looking".into()), now)
    });
    check(5, &|desk, book, now| desk.mark(book, now, &"stage 2".into()));
    check(6, &|desk, book, now| desk.act(book, Act::Silence(id, None), now));
    check(60, &|_, book, now| book.tick(now));
    check(61, &|_, book, now| observe(book, 1, Condition::False, now));
}

#[test]
fn a_note_is_written_into_what_goes_on_and_into_what_has_ended() {
    let (mut desk, mut book) = (Desk::default(), Book::default());
    let mut step = |book: &mut Book, second, condition, note: &str| {
        let now = Timestamp::from_secs(second);
        observe(book, 1, condition, now);
        desk.step(book, &Plain, now);
        desk.act(book, Act::Note(AlertId(1), note.into()), now);
    };
    step(&mut book, 0, Condition::True, "looking");
    step(&mut book, 60, Condition::False, "was the cache");
    let board = book.board();
    let [ended] = &*board.history else { panic!("{board:?}") };
    let notes = ended.timeline.iter().filter(|entry| entry.turn == Turn::Noted);
    let notes: Vec<_> = notes.map(|entry| entry.text.as_str()).collect();
    assert_eq!(notes, ["looking", "was the cache"]);
}

#[test]
fn an_act_about_an_alert_that_is_not_there_does_nothing() {
    let (mut desk, mut book) = (Desk::default(), Book::default());
    for act in [
        Act::Acknowledge(AlertId(9)),
        Act::Silence(AlertId(9), Some(Duration::MAX)),
        Act::Silence(AlertId(9), None),
        Act::Note(AlertId(9), "x".into()),
    ] {
        desk.act(&mut book, act, Timestamp::ZERO);
    }
    assert_eq!(desk.silences(), []);
}
