//! When each target is due: an absolute, open-loop timetable. Pure; the clock is an argument.
//!
//! Starts are spread over the interval by the additive recurrence of the golden ratio (a Kronecker sequence), which
//! stays even for any number of targets, so that a target that joins or leaves moves none of the others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{TargetId, TargetMap};

/// Starts fall on this grid of the clock, whenever a target joins, so that ten thousand targets wake the scheduler a thousand
/// times a second at most. Were it a grid of each target's own, they would wake it ten thousand times.
const GRID: Duration = Duration::from_millis(1);

/// However long the interval, a target is first probed this soon: a screen that stays empty for a minute looks broken.
const FIRST_PROBE_WITHIN: Duration = Duration::from_secs(1);

/// Fractional part of the golden ratio, scaled to the whole range of `u32`.
const GOLDEN_STEP: u32 = 2_654_435_769;

/// A start that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub target: TargetId,
    pub intended: Timestamp,
    /// Earlier starts of this target that passed unused because nobody asked in time.
    pub missed: u32,
}

/// The timetable of all targets.
#[derive(Debug, Default)]
pub struct Schedule {
    queue: BinaryHeap<Reverse<(Timestamp, TargetId)>>,
    entries: TargetMap<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    interval: Duration,
    next: Timestamp,
    /// The first start of the regular grid; only the very first probe may lie before it.
    grid: Timestamp,
}

impl Schedule {
    /// Adds a target, or changes the interval of one that is there.
    pub fn insert(&mut self, target: TargetId, interval: Duration, now: Timestamp) {
        let share = share_of(target);
        let joined = next_on_grid(now);
        let first = joined + on_grid(interval.min(FIRST_PROBE_WITHIN), share);
        let mut grid = joined + on_grid(interval, share);
        if grid > first && grid.since(first) < interval / 2 {
            grid = grid + interval;
        }
        self.entries.insert(
            target,
            Entry {
                interval,
                next: first,
                grid,
            },
        );
        self.queue.push(Reverse((first, target)));
    }

    pub fn remove(&mut self, target: TargetId) {
        self.entries.remove(&target);
    }

    /// When the next start is due; `None` without targets.
    pub fn next_due(&mut self) -> Option<Timestamp> {
        loop {
            let Reverse((due, target)) = *self.queue.peek()?;
            if self.is_current(due, target) {
                return Some(due);
            }
            self.queue.pop();
        }
    }

    /// Takes one start that is due by `now`. Of several missed starts of a target only the newest is given; the others
    /// are counted, because probes that all start at once would not show what callers see.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<Due> {
        let due = self.next_due().filter(|due| *due <= now)?;
        let Reverse((_, target)) = self.queue.pop()?;
        let entry = self.entries.get_mut(&target)?;
        let before_grid = due < entry.grid;
        let behind = now.since(due).as_nanos() / entry.interval.as_nanos().max(1);
        let missed = if before_grid {
            0
        } else {
            u32::try_from(behind).unwrap_or(u32::MAX)
        };
        let intended = due + entry.interval.saturating_mul(missed);
        entry.next = if before_grid {
            entry.grid
        } else {
            intended + entry.interval
        };
        self.queue.push(Reverse((entry.next, target)));
        Some(Due {
            target,
            intended,
            missed,
        })
    }

    /// Entries of the queue are left behind when a target is removed or changed; they are recognised here.
    fn is_current(&self, due: Timestamp, target: TargetId) -> bool {
        self.entries.get(&target).is_some_and(|entry| entry.next == due)
    }
}

/// Where in its interval the target starts, as a share of `u32::MAX`.
fn share_of(target: TargetId) -> u32 {
    target.0.wrapping_mul(GOLDEN_STEP)
}

/// The first point of the grid that is not before `now`.
fn next_on_grid(now: Timestamp) -> Timestamp {
    Timestamp::from_nanos(now.as_nanos().next_multiple_of(GRID.as_nanos() as u64))
}

fn on_grid(span: Duration, share: u32) -> Duration {
    let offset = span.as_nanos() as u64 as u128 * u128::from(share) / (1 << 32);
    let grid = GRID.as_nanos();
    Duration::from_nanos((offset / grid * grid) as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn starts(schedule: &mut Schedule, until: Timestamp) -> Vec<Due> {
        let mut all = Vec::new();
        while let Some(due) = schedule.next_due().filter(|due| *due <= until) {
            all.push(schedule.pop_due(due).expect("it is due"));
        }
        all
    }

    #[test]
    fn starts_are_an_interval_apart_and_never_drift() {
        let mut schedule = Schedule::default();
        schedule.insert(TargetId(3), Duration::from_millis(10), at(0));
        let starts = starts(&mut schedule, at(1000));
        assert!((99..=101).contains(&starts.len()));
        for pair in starts.windows(2) {
            assert_eq!(pair[1].intended.since(pair[0].intended), Duration::from_millis(10));
        }
        assert!(starts.iter().all(|due| due.missed == 0));
    }

    #[test]
    fn ten_thousand_starts_spread_evenly_over_the_interval() {
        let mut schedule = Schedule::default();
        for id in 0..10_000 {
            schedule.insert(TargetId(id), SECOND, at(0));
        }
        let mut per_slot = [0_u32; 100];
        for due in starts(&mut schedule, at(999)) {
            per_slot[(due.intended.as_nanos() / 10_000_000) as usize] += 1;
        }
        assert_eq!(per_slot.iter().sum::<u32>(), 10_000);
        assert!(per_slot.iter().all(|n| (95..=105).contains(n)), "{per_slot:?}");
    }

    #[test]
    fn targets_that_join_at_any_time_are_due_on_one_grid() {
        let mut schedule = Schedule::default();
        for id in 0..10_000 {
            schedule.insert(TargetId(id), SECOND, Timestamp::from_nanos(u64::from(id) * 1_237));
        }
        let starts = starts(&mut schedule, at(1999));
        let times: HashSet<_> = starts.iter().map(|due| due.intended).collect();
        assert!(starts.len() >= 10_000 && times.len() <= 2_000, "{}", times.len());
    }

    #[test]
    fn a_long_interval_still_probes_within_the_first_second_and_then_spreads() {
        let mut schedule = Schedule::default();
        let minute = Duration::from_secs(60);
        for id in 0..100 {
            schedule.insert(TargetId(id), minute, at(0));
        }
        let all = starts(&mut schedule, at(200_000));
        for id in 0..100 {
            let mine: Vec<_> = all
                .iter()
                .filter(|due| due.target == TargetId(id))
                .map(|due| due.intended)
                .collect();
            assert!(mine[0] < at(1000));
            let gap = mine[1].since(mine[0]);
            assert!(gap >= minute / 2 && gap <= minute * 3 / 2, "target {id}: {gap:?}");
            assert_eq!(mine[2].since(mine[1]), minute);
        }
    }

    #[test]
    fn starts_missed_while_held_up_are_counted_and_the_newest_is_made() {
        let mut schedule = Schedule::default();
        schedule.insert(TargetId(0), SECOND, at(0));
        assert_eq!(schedule.pop_due(at(0)).map(|due| due.missed), Some(0));
        let late = schedule.pop_due(at(4500)).expect("four starts are due");
        assert_eq!(
            late,
            Due {
                target: TargetId(0),
                intended: at(4000),
                missed: 3
            }
        );
        assert_eq!(schedule.pop_due(at(4500)), None);
        assert_eq!(schedule.next_due(), Some(at(5000)));
    }

    #[test]
    fn a_removed_target_is_never_due_and_the_others_keep_their_times() {
        let mut schedule = Schedule::default();
        for id in 0..3 {
            schedule.insert(TargetId(id), SECOND, at(0));
        }
        let before: Vec<_> = starts(&mut schedule, at(999));
        schedule.remove(TargetId(1));
        schedule.insert(TargetId(7), SECOND, at(1000));
        let after = starts(&mut schedule, at(1999));
        assert!(after.iter().all(|due| due.target != TargetId(1)));
        for id in [0, 2] {
            let time = |starts: &[Due]| {
                starts
                    .iter()
                    .find(|due| due.target == TargetId(id))
                    .map(|due| due.intended.as_nanos() % 1_000_000_000)
            };
            assert_eq!(time(&before), time(&after));
        }
    }

    #[test]
    fn a_changed_interval_replaces_the_old_timetable() {
        let mut schedule = Schedule::default();
        schedule.insert(TargetId(0), SECOND, at(0));
        schedule.pop_due(at(0));
        schedule.insert(TargetId(0), SECOND / 10, at(500));
        assert_eq!(starts(&mut schedule, at(1500)).len(), 11);
    }
}
