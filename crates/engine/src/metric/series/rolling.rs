//! How the figures of a window went: as of the end of each step of a time axis.

use probetop_core::sample::Window;
use probetop_core::sample::slot::{Scratch, Tracks};

use super::{MINUTE, Series, TEN};
use crate::metric::step::Step;

impl Series {
    /// What `figure` makes, with the seconds it covers, of the window that ended with each of the newest `count` steps, oldest first; `None` where it has
    /// nothing to say, or the window reaches farther back than is kept. A window that begins before the seconds that are kept
    /// begins with a multiple of ten of them, as long ones always do: see [`Series::read`].
    pub fn rolling(
        &self,
        window: Window,
        step: Step,
        count: usize,
        scratch: &mut Scratch,
        figure: impl Fn(&Scratch, u64) -> Option<f64>,
    ) -> Vec<Option<f32>> {
        let value = |number: u64| {
            let end = number.saturating_add(1).saturating_mul(step.seconds()).min(self.open);
            let sum = scratch.sum(self.slots_before(end, window)?, Tracks::LATENCY);
            figure(sum, self.covered(end, window)).map(|value| value as f32)
        };
        self.steps(step, count).map(value).collect()
    }

    /// How many seconds of the window that ended with second `end` the series was there for.
    fn covered(&self, end: u64, window: Window) -> u64 {
        let watched = end.saturating_sub(self.started.second());
        window.length().map_or(watched, |length| watched.min(length.as_secs()))
    }

    /// The slots of the window that ended with second `end`; `None`: they are not kept any more.
    fn slots_before(&self, end: u64, window: Window) -> Option<impl Iterator<Item = &[u8]>> {
        let begin = end
            .saturating_sub(window.length()?.as_secs())
            .max(self.started.second());
        let (first_ten, last_ten) = (begin.div_ceil(TEN), end / TEN);
        let (first_minute, last_minute) = (begin.div_ceil(MINUTE), end / MINUTE);
        let seconds_kept = self.seconds.first();
        let none = 0..0;
        let (minutes, before, tens, after) = if first_ten >= last_ten {
            (none.clone(), begin..end, none, end..end)
        } else if first_ten >= self.tens.first() {
            let before = if begin < seconds_kept {
                none.clone()
            } else {
                begin..first_ten * TEN
            };
            (none, before, first_ten..last_ten, last_ten * TEN..end)
        } else if first_minute < last_minute && first_minute >= self.minutes.first() {
            (first_minute..last_minute, none.clone(), none, end..end)
        } else {
            return None;
        };
        let is_kept = |seconds: &std::ops::Range<u64>| seconds.is_empty() || seconds.start >= seconds_kept;
        if !is_kept(&before) || !is_kept(&after) {
            return None;
        }
        let rolled = self.minutes.range(minutes).chain(self.seconds.range(before));
        Some(rolled.chain(self.tens.range(tens)).chain(self.seconds.range(after)))
    }
}
