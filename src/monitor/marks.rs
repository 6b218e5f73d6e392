//! The marks on the time axis: those that were asked for, and those the monitor sets itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Monitor;
use crate::clock::Timestamp;
use crate::sample::{Mark, MarkOrigin, Sample, Severity, TargetId, TargetInfo, Text, Tick};
use crate::snapshot::{AlertBoard, AlertSnapshot};

/// Marks that are kept: more than anybody sets in a night.
const MARKS_LIMIT: usize = 500;

/// The wall clock may be slewed by this much from one tick to the next without anybody having set it.
const JUMP: Duration = Duration::from_secs(1);

/// What a generator calls the state it is in.
const STATE: &str = "state";

/// Marks, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    list: Arc<[Mark]>,
    last_tick: Option<(Timestamp, SystemTime)>,
    /// The state each load generator told last.
    states: HashMap<TargetId, Text>,
}

impl Marks {
    pub fn set(&mut self, mark: Mark) {
        let oldest_left_out = usize::from(self.list.len() == MARKS_LIMIT);
        let mut list = self.list[oldest_left_out..].to_vec();
        // Who looks at the past may mark it.
        let place = list.partition_point(|earlier| earlier.at <= mark.at);
        list.insert(place, mark);
        self.list = list.into();
    }

    /// Without a copy: every snapshot shows them, and few are set.
    pub fn list(&self) -> Arc<[Mark]> {
        Arc::clone(&self.list)
    }

    /// Marks a jump of the wall clock against the monotonic one.
    pub fn tick(&mut self, tick: &Tick) {
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
    pub fn alerts(&mut self, board: &AlertBoard, now: Timestamp) {
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

    /// Marks that a load generator tells another state than before.
    pub fn sample(&mut self, info: &TargetInfo, sample: &Sample) {
        let facts = sample.answer.as_deref().map_or(&[][..], |answer| &answer.facts);
        let Some(state) = facts.iter().find(|fact| fact.name == STATE) else {
            return;
        };
        if self.states.get(&info.id) == Some(&state.value) {
            return;
        }
        let before = self.states.insert(info.id, state.value.clone());
        if before.is_some() {
            self.set(Mark {
                at: sample.ended(),
                label: format!("{}: {}", info.name, state.value).into(),
                origin: MarkOrigin::Generator,
            });
        }
    }
}

impl Monitor {
    /// Sets a mark that somebody asked for; it belongs to the story of every alert that is on.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.desk.mark(&mut self.book, mark.at, &mark.label);
        self.marks.set(mark);
    }
}

fn seconds(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::sample::OwnUsage;

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
