//! The timetable of the open model: when each request is due.
//!
//! Over a stage in which the rate goes from `r0` to `r1` within `T`, `N(t) = r0 t + (r1 - r0) t² / 2T` requests have been
//! due by `t`. Send `k`, counted from 0, is due at the first nanosecond at which `N` has reached `k`, and what a stage
//! leaves of a whole request is carried into the next. All of it is whole numbers: thousandths of a request a second times
//! nanoseconds are 10⁻¹² requests, and twice as many make halves whole. So a rate of 500/s over 30 s is 15,000 requests
//! and not one more, and no machine rounds it otherwise.

use std::time::Duration;

use super::Stage;

/// As finely as `N` is counted.
const PARTS: i128 = 2_000_000_000_000;

/// When every request of a run is due.
#[derive(Clone, Debug)]
pub struct Arrivals {
    legs: Vec<Leg>,
}

/// One request, due so long after the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub stage: u16,
    pub after: Duration,
}

/// One stage, in nanoseconds, thousandths a second and parts of a request.
#[derive(Clone, Copy, Debug)]
struct Leg {
    start: i128,
    length: i128,
    /// Rates at both ends.
    from: i128,
    to: i128,
    /// `N` at both ends, over the whole run.
    before: i128,
    by_end: i128,
}

impl Arrivals {
    pub fn of(stages: &[Stage]) -> Self {
        let mut legs = Vec::with_capacity(stages.len());
        let (mut start, mut before) = (0, 0);
        for stage in stages {
            let length = stage.length.as_nanos() as i128;
            let (from, to) = (stage.from.thousandths().into(), stage.to.thousandths().into());
            let by_end = before + (from + to) * length;
            legs.push(Leg {
                start,
                length,
                from,
                to,
                before,
                by_end,
            });
            (start, before) = (start + length, by_end);
        }
        Self { legs }
    }

    /// How long all of it takes.
    pub fn length(&self) -> Duration {
        let nanos = self.legs.last().map_or(0, |leg| leg.start + leg.length);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many requests there are.
    pub fn count(&self) -> u64 {
        self.legs.last().map_or(0, |leg| whole_by(leg.by_end))
    }

    /// How many of them each stage has.
    pub fn by_stage(&self) -> impl Iterator<Item = u64> {
        let mut before = 0;
        self.legs.iter().map(move |leg| {
            let by_end = whole_by(leg.by_end);
            by_end - std::mem::replace(&mut before, by_end)
        })
    }

    /// Of every `every`th request from number `first` on, how many each stage has.
    pub fn left_by_stage(&self, first: u64, every: u64) -> impl Iterator<Item = u64> {
        let mut before = 0;
        self.legs.iter().map(move |leg| {
            let by_end = whole_by(leg.by_end).saturating_sub(first).div_ceil(every.max(1));
            by_end - std::mem::replace(&mut before, by_end)
        })
    }

    /// When the request of this number is due, from 0 on; `None` behind the last.
    pub fn due(&self, number: u64) -> Option<Due> {
        let goal = i128::from(number) * PARTS;
        // What is due as a stage ends is due as the next one begins.
        let stage = self.legs.partition_point(|leg| leg.by_end <= goal);
        let leg = self.legs.get(stage)?;
        let after = leg.start + leg.reaches(goal - leg.before);
        Some(Due {
            stage: u16::try_from(stage).ok()?,
            after: Duration::from_nanos(u64::try_from(after).ok()?),
        })
    }
}

/// Requests that have been due before `N` has come to `parts`: the first is due at 0 already.
fn whole_by(parts: i128) -> u64 {
    u64::try_from((parts + PARTS - 1) / PARTS).unwrap_or(u64::MAX)
}

impl Leg {
    /// The first nanosecond of the leg by which it has added `wanted` parts, which it does.
    fn reaches(&self, wanted: i128) -> i128 {
        // N(t) >= wanted, times T, so that nothing is divided: 2 r0 t T + (r1 - r0) t² >= wanted T.
        let goal = wanted * self.length;
        let has_reached = |t: i128| (2 * self.from * self.length + (self.to - self.from) * t) * t >= goal;
        first(self.estimate(wanted), self.length, has_reached)
    }

    /// The closed form, `t = k / (r0 + sqrt(r0² + 2 s k))` but for a factor, in the form that loses no digits where the
    /// slope is small. Near the end of a ramp to nothing the root of a difference is off by microseconds.
    fn estimate(&self, wanted: i128) -> i128 {
        let (from, wanted) = (self.from as f64, wanted as f64);
        let slope = (self.to - self.from) as f64 / self.length as f64;
        let root = (from * from + slope * wanted).max(0.0).sqrt();
        (wanted / (from + root)) as i128
    }
}

/// The first of 0 to `last` for which `is_so`, which holds for all behind it and for `last`; found near `guess`.
fn first(guess: i128, last: i128, is_so: impl Fn(i128) -> bool) -> i128 {
    let guess = guess.clamp(0, last);
    let mut step = 1;
    // Between `low`, of which it is not so, and `high`, of which it is.
    let (mut low, mut high) = if is_so(guess) {
        let mut high = guess;
        loop {
            let low = high - step;
            if low < 0 {
                break (-1, high);
            }
            if !is_so(low) {
                break (low, high);
            }
            (high, step) = (low, step * 2);
        }
    } else {
        let mut low = guess;
        loop {
            let high = low + step;
            if high >= last {
                break (low, last);
            }
            if is_so(high) {
                break (low, high);
            }
            (low, step) = (high, step * 2);
        }
    };
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_so(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests;
