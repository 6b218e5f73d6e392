//! Whatever is evaluated, and whenever: no alert turns before its time, each firing ends once, and counting is counting.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, Subject, TargetId, Unit, Worse};
use probetop_core::snapshot::Turn;
use probetop_engine::alert::entry::Finding;
use probetop_engine::alert::flap::Flapping;
use probetop_engine::alert::policy::Policy;
use probetop_engine::alert::source::{Key, Source};
use probetop_engine::alert::state::{Condition, Patience, State};
use probetop_engine::alert::table::{AlertTable, LATE_TICK};
use probetop_engine::alert::trigger::{Evaluations, Trigger};
use proptest::prelude::*;

/// Seconds since the evaluation before, and what it found.
type Step = (u64, Condition);

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        4 => Just(Condition::True),
        4 => Just(Condition::False),
        1 => Just(Condition::Unknown),
    ]
}

/// Mostly a second after the other, in runs; now and then a late tick, or a gap.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pace = prop_oneof![20 => Just(1_u64), 2 => 2_u64..=5, 1 => 6_u64..400];
    let run = (pace, condition(), 1_usize..8);
    prop::collection::vec(run, 1..60).prop_map(|runs| {
        let run = |(pace, condition, length): (u64, Condition, usize)| {
            (0..length).map(move |at| (if at == 0 { pace } else { 1 }, condition))
        };
        runs.into_iter().flat_map(run).collect()
    })
}

fn patience() -> impl Strategy<Value = Patience> {
    (0_u64..8, 0_u64..8).prop_map(|(hold, clear)| Patience {
        hold: Duration::from_secs(hold),
        clear: Duration::from_secs(clear),
    })
}

fn finding() -> Finding {
    Finding {
        name: "errors".into(),
        subject: "checkout".into(),
        severity: Severity::Warning,
        value: None,
        unit: Unit::Ratio,
        worse: Worse::Higher,
        reason: "errors".into(),
    }
}

/// Plays the steps; gives, after each, how the alert stands, and every turn with its time.
fn play(steps: &[Step], policy: Policy, flapping: Option<Flapping>) -> (Vec<bool>, Vec<(u64, Turn)>) {
    let policy = Arc::new(policy);
    let mut book = AlertTable::default();
    book.damp(flapping);
    let (mut second, mut firing, mut turns) = (0, Vec::new(), Vec::new());
    for (pace, condition) in steps {
        second += pace;
        let now = Timestamp::from_secs(second);
        let key = Key {
            subject: Subject::Target(TargetId(1)),
            source: Source::Errors,
        };
        book.tick(now);
        book.observe(key, *condition, &policy, now, finding);
        let ended = book.take_ended();
        let active = book.entries_mut().map(|(_, entry)| &*entry);
        for entry in ended.iter().map(|ended| &ended.entry).chain(active) {
            let entries = entry.timeline.entries();
            let new = entries.iter().filter(|entry| entry.at == now);
            turns.extend(new.map(|entry| (second, entry.turn)));
        }
        let is_firing = book
            .entries_mut()
            .any(|(_, entry)| matches!(entry.state, State::Firing { .. }));
        firing.push(is_firing);
    }
    (firing, turns)
}

/// For how long, up to and with `at`, every evaluation found `wanted`, without a gap. `None`: this one did not.
fn lasted(steps: &[Step], at: usize, wanted: Condition) -> Option<Duration> {
    let mut length = Duration::ZERO;
    let mut here = at;
    if steps[here].1 != wanted {
        return None;
    }
    while here > 0 && steps[here - 1].1 == wanted && Duration::from_secs(steps[here].0) <= LATE_TICK {
        length += Duration::from_secs(steps[here].0);
        here -= 1;
    }
    Some(length)
}

/// The same, said plainly: it fires once true for long enough, and stays until false for long enough.
fn reference(steps: &[Step], patience: Patience) -> Vec<bool> {
    let mut firing = false;
    let mut all = Vec::new();
    for at in 0..steps.len() {
        let (wanted, needed) = match firing {
            false => (Condition::True, patience.hold),
            true => (Condition::False, patience.clear),
        };
        if lasted(steps, at, wanted).is_some_and(|lasted| lasted >= needed) {
            firing = !firing;
        }
        all.push(firing);
    }
    all
}

fn count(turns: &[(u64, Turn)], wanted: Turn) -> usize {
    turns.iter().filter(|(_, turn)| *turn == wanted).count()
}

proptest! {
    #[test]
    fn an_alert_turns_when_its_condition_has_lasted_and_never_before(steps in steps(), patience in patience()) {
        let policy = Policy { patience, ..Policy::default() };
        let (firing, _) = play(&steps, policy, None);
        prop_assert_eq!(firing, reference(&steps, patience));
    }

    #[test]
    fn every_firing_has_exactly_one_resolve(
        steps in steps(),
        patience in patience(),
        flapping in prop::option::of((2_u32..5, 5_u64..60)),
    ) {
        let policy = Policy { patience, ..Policy::default() };
        let flapping = flapping.map(|(turns, within)| Flapping { turns, within: Duration::from_secs(within) });
        let (firing, turns) = play(&steps, policy, flapping);
        let mut open = false;
        for (_, turn) in &turns {
            match turn {
                Turn::Fired => prop_assert!(!std::mem::replace(&mut open, true), "fired twice: {turns:?}"),
                Turn::Resolved => prop_assert!(std::mem::replace(&mut open, false), "resolved unfired: {turns:?}"),
                _ => {}
            }
        }
        prop_assert_eq!(Some(open), firing.last().copied());
        prop_assert_eq!(count(&turns, Turn::Fired), count(&turns, Turn::Resolved) + usize::from(open));
    }

    /// What fires undamped fires damped too, and calm for long enough ends it: no resolve is lost.
    #[test]
    fn flapping_holds_on_and_never_loses_a_resolve(steps in steps(), patience in patience(), turns in 2_u32..5) {
        let policy = Policy { patience, ..Policy::default() };
        let flapping = Flapping { turns, within: Duration::from_secs(30) };
        let (plain, _) = play(&steps, policy.clone(), None);
        let (damped, _) = play(&steps, policy.clone(), Some(flapping));
        for (at, (plain, damped)) in plain.iter().zip(&damped).enumerate() {
            prop_assert!(!plain | damped, "silent at step {at}");
        }
        let calm = patience.clear.max(flapping.within);
        for at in 0..steps.len() {
            let is_calm = lasted(&steps, at, Condition::False).is_some_and(|lasted| lasted >= calm);
            prop_assert!(plain[at] || !damped[at] || !is_calm, "it holds on at step {at} although all is calm");
            prop_assert!(!damped[at] || plain[..=at].contains(&true), "it fires at step {at} for nothing");
        }
        let calm = calm.as_secs();
        let mut steps = steps;
        steps.extend(vec![(1, Condition::False); usize::try_from(calm).unwrap() + 1]);
        let (damped, turns) = play(&steps, policy, Some(flapping));
        prop_assert_eq!(damped.last(), Some(&false));
        prop_assert_eq!(count(&turns, Turn::Fired), count(&turns, Turn::Resolved));
        prop_assert_eq!(count(&turns, Turn::FlappingBegan), count(&turns, Turn::FlappingEnded));
    }

    #[test]
    fn k_of_n_counts(found in prop::collection::vec(condition(), 0..80), of in 1_u32..=64, count in 1_u32..=64) {
        let count = count.min(of);
        let mut evaluations = Evaluations::default();
        for condition in &found {
            evaluations.record(*condition);
        }
        let last: Vec<_> = found.iter().rev().take(of as usize).collect();
        let of_them = |wanted| last.iter().filter(|condition| ***condition == wanted).count() as u32;
        // Every evaluation that is not known might have been true, or false.
        let could_be_true = of - of_them(Condition::False);
        let expected = if of_them(Condition::True) >= count {
            Condition::True
        } else if could_be_true < count {
            Condition::False
        } else {
            Condition::Unknown
        };
        prop_assert_eq!(evaluations.settle(Trigger { count, of }), expected);
    }

    /// The alert table remembers evaluations only where they matter; it must make no difference.
    #[test]
    fn an_alert_by_k_of_n_is_one_by_what_they_come_to(
        steps in steps(),
        patience in patience(),
        of in 1_u32..8,
        count in 1_u32..8,
    ) {
        let trigger = Trigger { count: count.min(of), of };
        let mut evaluations = Evaluations::default();
        let settled: Vec<_> = steps
            .iter()
            .map(|(pace, condition)| {
                if Duration::from_secs(*pace) > LATE_TICK {
                    evaluations = Evaluations::default();
                }
                evaluations.record(*condition);
                (*pace, evaluations.settle(trigger))
            })
            .collect();
        let plain = Policy { patience, ..Policy::default() };
        let policy = Policy { trigger: Some(trigger), ..plain.clone() };
        prop_assert_eq!(play(&steps, policy, None).0, play(&settled, plain, None).0);
    }
}
