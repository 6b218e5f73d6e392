//! The history of one gauge of the machine, at the same resolutions as that of a target.

use std::collections::VecDeque;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Window;

use super::step::Step;

/// A gauge by second, by ten seconds and by minute. A longer step is the mean of the seconds that were read; what was
/// not read stays missing, but for the seconds that the newest reading is held.
#[derive(Clone, Debug)]
pub struct GaugeHistory {
    /// Number of the second that collects.
    open: u64,
    collecting: Mean,
    /// For how many seconds a reading stands in for those that do not come.
    hold_seconds: u32,
    held: Option<Held>,
    seconds: VecDeque<Option<f32>>,
    tens: VecDeque<Option<f32>>,
    minutes: VecDeque<Option<f32>>,
}

impl GaugeHistory {
    pub fn new(started: Timestamp) -> Self {
        Self {
            open: started.second(),
            collecting: Mean::default(),
            hold_seconds: 0,
            held: None,
            seconds: VecDeque::new(),
            tens: VecDeque::new(),
            minutes: VecDeque::new(),
        }
    }

    /// One in which a reading that comes late leaves no hole: the one before it is held for so many seconds.
    pub fn holding(started: Timestamp, seconds: u32) -> Self {
        Self {
            hold_seconds: seconds,
            ..Self::new(started)
        }
    }

    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        let steps = self.seconds.len() + self.tens.len() + self.minutes.len();
        steps * size_of::<Option<f32>>()
    }

    /// Counts a reading in the second that is open; several have their mean. What is not a number counts as not read.
    pub fn record(&mut self, value: f32) {
        self.collecting.add(value);
    }

    /// Closes every second that has ended by `now`; a `now` before the last one changes nothing.
    pub fn rotate(&mut self, now: Timestamp) {
        let target = now.second();
        self.skip_long_gap(target);
        while self.open < target {
            self.close_second();
        }
    }

    /// The newest `count` steps, oldest first, fewer when the history is younger or [`Step::kept`] is less. The last one
    /// is [`Step::newest`] at the last rotation; until it has ended it holds what is closed of it.
    pub fn points(&self, step: Step, count: usize) -> Vec<Option<f32>> {
        let ring = match step {
            Step::Second => &self.seconds,
            Step::TenSeconds => &self.tens,
            Step::Minute => &self.minutes,
        };
        let closed_of_newest = self.open % step.seconds();
        let unfinished = (closed_of_newest > 0 && !self.seconds.is_empty()).then(|| self.mean(closed_of_newest));
        let finished = count.min(step.kept()).saturating_sub(usize::from(unfinished.is_some()));
        let skipped = ring.len().saturating_sub(finished);
        let newest = unfinished.filter(|_| count > 0);
        ring.iter().skip(skipped).copied().chain(newest).collect()
    }

    /// The mean over `window`, as far as it is kept; `None`: nothing was read in it.
    pub fn mean_over(&self, window: Window) -> Option<f32> {
        let (step, count) = match window {
            Window::TenSeconds => (Step::Second, 10),
            Window::OneMinute => (Step::Second, 60),
            Window::TwoMinutes => (Step::TenSeconds, 12),
            Window::FiveMinutes => (Step::TenSeconds, 30),
            Window::FifteenMinutes => (Step::TenSeconds, 90),
            Window::Run => (Step::Minute, Step::Minute.kept()),
        };
        let mut mean = Mean::default();
        let points = self.points(step, count);
        points.into_iter().flatten().for_each(|value| mean.add(value));
        mean.value()
    }

    fn close_second(&mut self) {
        let value = self.value_of_second();
        push(&mut self.seconds, Step::Second, value);
        self.collecting = Mean::default();
        self.open += 1;
        if self.open.is_multiple_of(Step::TenSeconds.seconds()) {
            let mean = self.mean(Step::TenSeconds.seconds());
            push(&mut self.tens, Step::TenSeconds, mean);
        }
        if self.open.is_multiple_of(Step::Minute.seconds()) {
            let mean = self.mean(Step::Minute.seconds());
            push(&mut self.minutes, Step::Minute, mean);
        }
    }

    /// What was read in the second that ends, or the reading that is held over it.
    fn value_of_second(&mut self) -> Option<f32> {
        if let Some(value) = self.collecting.value() {
            self.held = (self.hold_seconds > 0).then_some(Held {
                value,
                left_seconds: self.hold_seconds,
            });
            return Some(value);
        }
        let held = self.held.as_mut()?;
        let value = held.value;
        held.left_seconds -= 1;
        if held.left_seconds == 0 {
            self.held = None;
        }
        Some(value)
    }

    /// Of a gap that no ring reaches across only the end is walked through.
    fn skip_long_gap(&mut self, target: u64) {
        let reach = Step::Minute.seconds() * (Step::Minute.kept() as u64 + 1);
        let start = target.saturating_sub(reach);
        if start > self.open {
            self.collecting = Mean::default();
            self.held = None;
            self.open = start;
        }
    }

    /// The mean of the newest seconds that were read.
    fn mean(&self, seconds: u64) -> Option<f32> {
        let mut mean = Mean::default();
        self.seconds
            .iter()
            .rev()
            .take(seconds as usize)
            .flatten()
            .for_each(|value| mean.add(*value));
        mean.value()
    }
}

/// A reading that stands in for those that do not come.
#[derive(Clone, Copy, Debug)]
struct Held {
    value: f32,
    /// More than 0.
    left_seconds: u32,
}

/// The mean of what was read, if anything was.
#[derive(Clone, Debug, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f32) {
        if value.is_finite() {
            self.sum += f64::from(value);
            self.count += 1;
        }
    }

    fn value(&self) -> Option<f32> {
        (self.count > 0).then(|| (self.sum / f64::from(self.count)) as f32)
    }
}

fn push(ring: &mut VecDeque<Option<f32>>, step: Step, value: Option<f32>) {
    if ring.len() == step.kept() {
        ring.pop_front();
    }
    ring.push_back(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Begins at `started` and records each value in a second of its own.
    fn history(started: u64, values: impl IntoIterator<Item = Option<f32>>) -> GaugeHistory {
        let mut history = GaugeHistory::new(Timestamp::from_secs(started));
        for (number, value) in (started..).zip(values) {
            if let Some(value) = value {
                history.record(value);
            }
            history.rotate(Timestamp::from_secs(number + 1));
        }
        history
    }

    #[test]
    fn seconds_that_were_not_read_stay_missing() {
        let history = history(3, [Some(1.0), None, Some(f32::NAN), Some(4.0)]);
        assert_eq!(history.points(Step::Second, 60), [Some(1.0), None, None, Some(4.0)]);
        assert_eq!(history.points(Step::Second, 2), [None, Some(4.0)]);
        assert!(history.points(Step::Second, 0).is_empty());
    }

    #[test]
    fn a_late_reading_leaves_no_hole_but_one_that_stays_out_does() {
        let mut history = GaugeHistory::holding(Timestamp::ZERO, 3);
        let values = [None, Some(1.0), None, Some(2.0), None, None, None, None, Some(3.0)];
        for (value, second) in values.into_iter().zip(1..) {
            if let Some(value) = value {
                history.record(value);
            }
            history.rotate(Timestamp::from_secs(second));
        }
        // A tick that comes late closes several seconds at once.
        history.rotate(Timestamp::from_secs(11));
        let shown = [0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 0.0, 3.0, 3.0, 3.0];
        let expected = shown.map(|value| (value > 0.0).then_some(value));
        assert_eq!(history.points(Step::Second, 60), expected);
        history.rotate(Timestamp::from_secs(3 * 86_400));
        assert_eq!(
            history.points(Step::Second, usize::MAX),
            vec![None; Step::Second.kept()]
        );
    }

    #[test]
    fn several_readings_in_a_second_have_their_mean() {
        let mut history = GaugeHistory::new(Timestamp::ZERO);
        history.record(1.0);
        history.record(2.0);
        history.rotate(Timestamp::from_secs(1));
        assert_eq!(history.points(Step::Second, 1), [Some(1.5)]);
    }

    #[test]
    fn a_longer_step_is_the_mean_of_what_was_read_so_far() {
        let values = (0..75).map(|second| (second % 2 == 0).then_some(second as f32));
        let history = history(0, values);
        let tens = [4.0, 14.0, 24.0, 34.0, 44.0, 54.0, 64.0, 72.0];
        assert_eq!(history.points(Step::TenSeconds, 90), tens.map(Some));
        assert_eq!(history.points(Step::TenSeconds, 2), [Some(64.0), Some(72.0)]);
        assert_eq!(history.points(Step::TenSeconds, 0), []);
        assert_eq!(history.points(Step::Minute, 60), [Some(29.0), Some(67.0)]);
    }

    #[test]
    fn nothing_is_drawn_before_the_first_second_is_closed() {
        let mut history = GaugeHistory::new(Timestamp::from_secs(15));
        history.record(1.0);
        for step in [Step::Second, Step::TenSeconds, Step::Minute] {
            assert!(history.points(step, 10).is_empty());
        }
    }

    #[test]
    fn each_resolution_keeps_its_share_and_no_more() {
        let history = history(0, (0..10_000).map(|second| Some(second as f32)));
        for step in [Step::Second, Step::TenSeconds, Step::Minute] {
            assert_eq!(history.points(step, usize::MAX).len(), step.kept());
        }
    }

    #[test]
    fn a_gap_of_days_leaves_missing_values() {
        let mut history = history(0, (0..200).map(|_| Some(1.0)));
        history.rotate(Timestamp::from_secs(3 * 86_400));
        for step in [Step::Second, Step::TenSeconds, Step::Minute] {
            assert_eq!(history.points(step, usize::MAX), vec![None; step.kept()]);
        }
        history.record(2.0);
        history.rotate(Timestamp::from_secs(3 * 86_400 + 1));
        assert_eq!(history.points(Step::Minute, 1), [Some(2.0)]);
    }
}
