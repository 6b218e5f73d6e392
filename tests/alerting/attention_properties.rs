//! What holds of announcements whatever happens: targets that come and go, people who act, restarts and jumps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use probetop_core::sample::Act;
use probetop_core::snapshot::{AlertState, AnnouncementReason, Suppression};
use proptest::prelude::*;

use crate::support::scene::{Answer, Scene};

const CONFIG: &str = r#"
host = false
[alerts]
remind = { first = "5s", longest = "20s" }
escalate = [{ after = "7s", severity = "critical", notify = ["pager"] }]
[[target]]
name = "gateway"
url = "http://gateway.example"
errors = { window = "10s" }
[[target]]
name = "checkout"
url = "http://checkout.example"
errors = { window = "10s" }
depends_on = ["gateway"]
[[target]]
name = "search"
url = "http://search.example"
errors = { window = "10s" }
[[alert]]
name = "slow"
when = "max > duration('200ms')"
window = "10s"
clear_for = "2s"
[[maintenance]]
name = "window"
on = ["search"]
daily = "00:02"
duration = "30s"
"#;

const TARGETS: [&str; 3] = ["gateway", "checkout", "search"];
const ALERTS: [&str; 2] = ["errors", "slow"];

/// One thing that happens, and how many seconds pass after it.
#[derive(Clone, Debug)]
enum Event {
    Answer(usize, Answer),
    Acknowledge(usize, usize),
    Silence(usize, usize, Option<u64>),
    Jump(bool, u64),
    Stop(u64),
    Restart(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        4 => Just(Answer::Ok),
        3 => Just(Answer::Refused),
        2 => Just(Answer::Slow),
        1 => Just(Answer::Silent),
    ];
    prop_oneof![
        8 => (0..3_usize, answer).prop_map(|(target, answer)| Event::Answer(target, answer)),
        1 => (0..3_usize, 0..2_usize).prop_map(|(target, alert)| Event::Acknowledge(target, alert)),
        2 => (0..3_usize, 0..2_usize, prop::option::of(1..40_u64)).prop_map(|(t, a, s)| Event::Silence(t, a, s)),
        1 => (any::<bool>(), 1..100_u64).prop_map(|(forward, by)| Event::Jump(forward, by)),
        1 => (1..30_u64).prop_map(Event::Stop),
        1 => (1..30_u64).prop_map(Event::Restart),
    ]
}

/// Plays the events, and holds every announcement against what the board says in the same second.
struct Witness {
    scene: Scene,
    /// Alerts whose beginning was told and whose end was not, by name and subject.
    open: BTreeMap<(String, String), bool>,
}

impl Witness {
    fn new() -> Self {
        let begins = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
        Self {
            scene: Scene::new(CONFIG, begins),
            open: BTreeMap::new(),
        }
    }

    fn happen(&mut self, event: &Event) {
        let find = |scene: &Scene, target: usize, alert: usize| scene.alert(ALERTS[alert], TARGETS[target]);
        match *event {
            Event::Answer(target, answer) => self.scene.answer(TARGETS[target], answer),
            Event::Acknowledge(target, alert) => {
                if let Some(id) = find(&self.scene, target, alert) {
                    self.scene.act(Act::Acknowledge(id));
                }
            }
            Event::Silence(target, alert, length) => {
                if let Some(id) = find(&self.scene, target, alert) {
                    self.scene.act(Act::Silence(id, length.map(Duration::from_secs)));
                }
            }
            Event::Jump(forward, by) => self.scene.jump(forward, Duration::from_secs(by)),
            Event::Stop(seconds) => self.scene.stop(seconds),
            Event::Restart(pause) => self.scene.restart(Duration::from_secs(pause), None),
        }
    }

    fn tick(&mut self) -> Result<(), TestCaseError> {
        self.scene.tick();
        let hushed: BTreeSet<_> = self
            .scene
            .board()
            .active
            .iter()
            .filter(|alert| alert.suppression.is_some())
            .map(|alert| (alert.name.to_string(), alert.subject.to_string()))
            .collect();
        for (second, told) in std::mem::take(&mut self.scene.told) {
            let key = (told.alert.name.to_string(), told.alert.subject.to_string());
            let context = format!("{:?} of {key:?} at {second}s", told.occasion);
            match told.occasion {
                AnnouncementReason::Firing => {
                    prop_assert!(self.open.insert(key.clone(), true).is_none(), "twice: {context}")
                }
                AnnouncementReason::Resolved => {
                    prop_assert!(self.open.remove(&key).is_some(), "never began: {context}")
                }
                AnnouncementReason::Worsened { before } => {
                    prop_assert!(before < told.alert.severity, "no worse than before: {context}");
                    prop_assert!(self.open.contains_key(&key), "before its beginning: {context}");
                }
                AnnouncementReason::Reminder(_) | AnnouncementReason::Escalation(_) | AnnouncementReason::Flapping => {
                    prop_assert!(self.open.contains_key(&key), "before its beginning: {context}");
                }
            }
            if told.occasion != AnnouncementReason::Resolved {
                // What was told before this tick may have been silenced since.
                let is_new = told.at == self.scene.monitor.now();
                prop_assert!(!(is_new && hushed.contains(&key)), "though it is hushed: {context}");
                prop_assert_eq!(&told.alert.suppression, &None, "though it is hushed: {}", context);
            }
        }
        self.check_board()
    }

    /// A child is quiet while its parent has an alert, and a silence is kept.
    fn check_board(&self) -> Result<(), TestCaseError> {
        let board = self.scene.board();
        let parent_is_down = board.active.iter().any(|alert| alert.subject.as_str() == "gateway");
        for alert in board.active.iter().filter(|alert| alert.state == AlertState::Firing) {
            let of_alert = |silence: &&probetop_core::snapshot::SilenceSnapshot| {
                silence.name == alert.name && silence.subject == alert.subject
            };
            let silence = board.silences.iter().find(of_alert);
            let expected = silence.map(|silence| Suppression::Silenced { until: silence.until });
            if expected.is_some() {
                prop_assert_eq!(&alert.suppression, &expected);
            } else if parent_is_down && alert.subject.as_str() == "checkout" {
                prop_assert!(
                    matches!(alert.suppression, Some(Suppression::Behind { .. })),
                    "{:?}",
                    alert.suppression
                );
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_beginning_has_one_end_and_what_is_hushed_is_not_told(
        events in prop::collection::vec((event(), 0..12_u32), 1..40)
    ) {
        let mut witness = Witness::new();
        for (event, seconds) in &events {
            witness.happen(event);
            for _ in 0..*seconds {
                witness.tick()?;
            }
        }
        // Everything gets well, and every silence and window ends.
        witness.scene.answer_all(Answer::Ok);
        for _ in 0..400 {
            witness.tick()?;
        }
        prop_assert_eq!(witness.scene.board().active.len(), 0);
        prop_assert!(witness.open.is_empty(), "never ended: {:?}", witness.open);
    }
}
