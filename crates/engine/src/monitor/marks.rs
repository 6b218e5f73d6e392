//! The marks on the time axis: those that were asked for, and those the monitor sets itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    GENERATOR_STATE, Mark, MarkOrigin, Outcome, Purpose, Sample, Severity, TargetId, TargetInfo, Text, Tick,
};
use probetop_core::snapshot::{AlertBoard, AlertSnapshot};

use super::Monitor;
use crate::judge::presence;

/// Marks that are kept: more than anybody sets in a night.
pub const MARKS_LIMIT: usize = 500;

/// The wall clock may be slewed by this much from one tick to the next without anybody having set it.
const JUMP: Duration = Duration::from_secs(1);

/// A load that stood as long as this is a stage.
const STAGE: Duration = Duration::from_secs(10);

/// The gauge by which stages are told apart, and by how much of the greater they differ.
const USERS: &str = "users";
const STAGES_DIFFER: f64 = 0.1;

/// What was heard of a load generator.
#[derive(Clone, Debug, Default)]
struct Heard {
    /// Whether it was ever there.
    was_there: bool,
    state: Option<Text>,
    /// Users of the last stage.
    stage: Option<f64>,
    /// Users as they are told now, and since when.
    users: Option<(f64, Timestamp)>,
}

impl Heard {
    /// The beginning of a stage that has now stood long enough, and its users. The one that is met first is known, but
    /// nobody knows when it began.
    fn stage(&mut self, users: f64, at: Timestamp) -> Option<(Timestamp, f64)> {
        let since = match self.users {
            Some((before, since)) if before == users => since,
            Some(_) | None => at,
        };
        self.users = Some((users, since));
        let before = *self.stage.get_or_insert(users);
        let differs = (users - before).abs() > STAGES_DIFFER * users.abs().max(before.abs());
        if !differs || at.since(since) < STAGE {
            return None;
        }
        self.stage = Some(users);
        Some((since, users))
    }
}

/// Marks, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    list: Arc<[Mark]>,
    last_tick: Option<(Timestamp, SystemTime)>,
    /// Of each load generator.
    heard: HashMap<TargetId, Heard>,
}

impl Marks {
    pub(super) fn set(&mut self, mark: Mark) {
        let oldest_left_out = usize::from(self.list.len() == MARKS_LIMIT);
        let mut list = self.list[oldest_left_out..].to_vec();
        // Who looks at the past may mark it.
        let place = list.partition_point(|earlier| earlier.at <= mark.at);
        list.insert(place, mark);
        self.list = list.into();
    }

    /// Without a copy: every snapshot shows them, and few are set.
    pub(super) fn list(&self) -> Arc<[Mark]> {
        Arc::clone(&self.list)
    }

    /// Forgets what was heard of load generators that are not watched any more.
    pub(super) fn retain(&mut self, is_watched: impl Fn(TargetId) -> bool) {
        self.heard.retain(|id, _| is_watched(*id));
    }

    /// Marks a jump of the wall clock against the monotonic one.
    pub(super) fn tick(&mut self, tick: &Tick) {
        let before = self.last_tick.replace((tick.now, tick.wall));
        let Some((now, wall)) = before else { return };
        let expected = wall.checked_add(tick.now.since(now)).unwrap_or(wall);
        let label = match tick.wall.duration_since(expected) {
            Ok(ahead) if ahead > JUMP => format!("clock {} ahead: it was set, or the machine slept", seconds(ahead)),
            Err(behind) if behind.duration() > JUMP => format!("clock set back by {}", seconds(behind.duration())),
            Ok(_) | Err(_) => return,
        };
        self.set(Mark {
            at: tick.now,
            label: label.into(),
            origin: MarkOrigin::Clock,
        });
    }

    /// Marks that alerts began to fire in this tick: one mark, however many they are.
    pub(super) fn alerts(&mut self, board: &AlertBoard, now: Timestamp) {
        let is_news = |alert: &&AlertSnapshot| alert.fired == Some(now) && alert.severity > Severity::Info;
        let mut fired = board.firing().filter(is_news);
        let Some(worst) = fired.next() else { return };
        let others = match fired.count() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        self.set(Mark {
            at: now,
            label: format!("{}: {}{others}", worst.subject, worst.name).into(),
            origin: MarkOrigin::Alert,
        });
    }

    /// Marks that a load generator tells another state than before, its start and its end among them, and that its users
    /// stand at another number.
    ///
    /// One that is not there has not failed: the sample then tells so.
    pub(super) fn sample(&mut self, info: &TargetInfo, sample: &mut Sample) {
        if info.purpose != Purpose::Generator {
            return;
        }
        let heard = self.heard.entry(info.id).or_default();
        heard.was_there |= sample.outcome.is_ok();
        if let Some(answer) = presence::absent(info.purpose, &sample.outcome, heard.was_there) {
            sample.outcome = Outcome::Ok;
            sample.answer = Some(Box::new(answer));
        }
        let Some(answer) = sample.answer.as_deref() else { return };
        let mut news = Vec::new();
        let state = answer.facts.iter().find(|fact| fact.name == GENERATOR_STATE);
        if let Some(state) = state.filter(|state| heard.state.as_ref() != Some(&state.value)) {
            let before = heard.state.replace(state.value.clone());
            news.extend(before.map(|_| (sample.ended(), state.value.to_string())));
        }
        let users = answer.gauges.iter().find(|gauge| gauge.name.as_str() == USERS);
        let stage = users.and_then(|users| heard.stage(users.value, sample.ended()));
        news.extend(stage.map(|(since, users)| (since, format!("{users} users"))));
        for (at, what) in news {
            self.set(Mark {
                at,
                label: format!("{}: {what}", info.name).into(),
                origin: MarkOrigin::Generator,
            });
        }
    }
}

impl Monitor {
    /// Sets a mark that somebody asked for; it belongs to the story of every alert that is on.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.announcer.mark(&mut self.table, mark.at, &mark.label);
        self.marks.set(mark);
    }
}

fn seconds(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::OwnUsage;

    use super::*;

    fn tick(second: u64, wall: u64) -> Tick {
        Tick {
            now: Timestamp::from_secs(second),
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(wall),
            dropped: 0,
            own: OwnUsage::default(),
        }
    }

    fn check(ticks: &[(u64, u64)], expected: &[&str]) {
        let mut marks = Marks::default();
        ticks
            .iter()
            .for_each(|(second, wall)| marks.tick(&tick(*second, *wall)));
        let labels: Vec<_> = marks.list().iter().map(|mark| mark.label.to_string()).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_jump_of_the_wall_clock_is_marked_and_a_late_tick_is_not() {
        check(&[(1, 101), (2, 102), (9, 109)], &[]);
        check(
            &[(1, 101), (2, 3702)],
            &["clock 1h ahead: it was set, or the machine slept"],
        );
        check(&[(1, 101), (2, 42)], &["clock set back by 1m"]);
        check(&[(1, 101), (2, 103)], &[]);
    }

    #[test]
    fn users_that_stand_at_another_number_are_a_stage_from_its_beginning() {
        let check = |users: &[(u64, f64)], expected: &[(u64, f64)]| {
            let mut heard = Heard::default();
            let stages = users
                .iter()
                .filter_map(|(at, users)| heard.stage(*users, Timestamp::from_secs(*at)));
            let stages: Vec<_> = stages.map(|(since, users)| (since.second(), users)).collect();
            assert_eq!(stages, expected, "{users:?}");
        };
        let standing = |from: u64, users: f64| (from..from + 15).map(move |at| (at, users));
        let steps: Vec<_> = [(0, 10.0), (15, 50.0), (30, 52.0), (45, 0.0)]
            .into_iter()
            .flat_map(|(from, users)| standing(from, users))
            .collect();
        check(&steps, &[(15, 50.0), (45, 0.0)]);
        let ramp: Vec<_> = (0..60).map(|at| (at, at as f64)).collect();
        check(&ramp, &[]);
    }

    #[test]
    fn the_oldest_marks_give_way() {
        let mut marks = Marks::default();
        for second in 0..=MARKS_LIMIT as u64 {
            marks.set(Mark {
                at: Timestamp::from_secs(second),
                label: "stage".into(),
                origin: MarkOrigin::Script,
            });
        }
        assert_eq!(marks.list().len(), MARKS_LIMIT);
        assert_eq!(marks.list()[0].at, Timestamp::from_secs(1));
    }
}
