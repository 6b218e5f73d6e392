//! Whether two spans of time differ: A against B, before against after.
//!
//! Whole sides are compared, not step by step, so that a side may be longer than the other or kept in longer steps. Of a
//! percentile the question is how many of either side's latencies lie beyond a cut through both together: were they one
//! distribution, as many as the side has its part in all (the quantile test: for the median Brown and Mood 1951, for tails
//! Johnson and others 1987). Shares of failures are the same question of failed probes. Both are answered by the exact
//! hypergeometric tail of numbers that are first made smaller by what `dependence` finds: samples that come in bursts, or
//! resemble the ones before, are worth less than they are many. Gauges and rates are compared by their means, with the
//! variance that `dependence` gives them.
//!
//! What is told is what is shown: a change has the direction and the size of the figures beside it, and is told where it
//! is both improbable and large enough to care. Where even the most extreme outcome would not be improbable, that is said
//! instead. `tests/measure/compare_properties.rs` holds it to its promises: of two spans of one distribution, at most 2 % are told.

mod dependence;
mod pooled;
mod spread;

use std::time::Duration;

use dependence::{Caution, Evidence, Sums, widening};
use pooled::{Pooled, bucket_of};
use probetop_core::sample::{Micros, Worse};
use probetop_core::snapshot::{Change, Lack, Significance, Spreads};

use super::tail::{hypergeometric_at_least, normal_two_sided};

pub use spread::spread;

/// A change that chance makes more often than this is not told. A row asks five such questions, which depend on each other
/// and of which few can be answered so narrowly: one in a hundred rows of a service against itself is told.
const P_LIMIT: f64 = 0.02;

/// Changes smaller than this share of what was there before are nobody's concern.
const SHARE_LIMIT: f64 = 0.05;

/// With fewer steps on a side, or together, or of which fewer tell something of their own, nothing is said.
const STEPS_NEEDED: usize = 8;
const STEPS_TOGETHER: usize = 20;
const FREEDOM_NEEDED: f64 = 8.0;

/// Probes that p50, p95 and p99 take, as everywhere.
const PROBES_NEEDED: [u64; 3] = [2, 20, 100];

/// Where nothing could be told of so few probes, how many times as many it might take.
const TIMES: [u32; 6] = [2, 3, 5, 10, 20, 50];

/// A tail is cut where it holds the quantile's part of both sides, or so many latencies: fewer could prove nothing.
const TAIL_LEAST: f64 = 12.0;

/// And twice more, where it holds this much of that: a tail of which only one side has the far end is found there.
const FARTHER: f64 = 2.0 / 3.0;
const FARTHEST: f64 = 7.0 / 12.0;

/// A cut beyond another asks nearly the same question: the three of a tail are worth two that are unlike (less than
/// Bonferroni asks for; that the promise holds is what `tests/measure/compare_properties.rs` measures).
const QUESTIONS_OF_A_TAIL: f64 = 2.0;

/// All that is measured of a tail is a dozen events, and what looks alike in so few is mostly chance: for them a
/// resemblance counts from one standard error on. The body of all latencies tells more, and counts sooner; where its own
/// is beyond doubt, tails take it over.
const OF_THE_BODY: Caution = caution(0.7);
const OF_EVENTS: Caution = caution(1.0);
const BEYOND_DOUBT: Caution = caution(2.5);

const fn caution(errors: f64) -> Caution {
    Caution { errors, memory: 0.0 }
}

/// Failures and attempts of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub attempts: u64,
    pub failed: u64,
}

/// The latencies of a side: step by step, and p50, p95 and p99 of all of them.
#[derive(Clone, Copy, Debug)]
pub struct Latencies<'a> {
    pub steps: &'a Spreads,
    pub whole: [Option<Micros>; 3],
}

/// A side of a figure that each step has one of: its mean over the step.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub values: &'a [f64],
    pub step: Duration,
}

/// What a figure of steps is like.
#[derive(Clone, Copy, Debug)]
pub struct Nature {
    /// Which way is worse; `None`: neither.
    pub worse: Option<Worse>,
    /// The time over which whoever measures it smooths it: the 1-minute load is an average over a minute.
    pub memory: Duration,
    /// The sum over a side may be one of these more or less by where the side begins.
    pub grain: f64,
    /// How many such figures are looked at together: each is asked for so much more, that all keep the limit.
    pub figures: usize,
}

/// Compares p50, p95 and p99.
pub fn latencies(before: Latencies<'_>, after: Latencies<'_>) -> [Change; 3] {
    let sides = [before, after];
    let pooled = Pooled::of(sides.map(|side| side.steps));
    let total = pooled.total as f64;
    let tail = |share: f64| (share * total).max(TAIL_LEAST);
    let cuts = [
        0.5 * total,
        tail(0.05),
        FARTHER * tail(0.05),
        FARTHEST * tail(0.05),
        tail(0.01),
        FARTHER * tail(0.01),
        FARTHEST * tail(0.01),
    ];
    let cuts = cuts.map(|wanted| pooled.cut(wanted).unwrap_or(usize::MAX));
    let ranks = pooled.ranks();
    let steps =
        sides.map(|side| -> Vec<_> { side.steps.iter().map(|step| StepSums::of(step, &ranks, cuts)).collect() });
    let body = |caution| {
        steps
            .each_ref()
            .map(|steps| Evidence::of(steps.iter().map(|step| step.ranks), caution))
    };
    let (ranks, floor) = (body(OF_THE_BODY), body(BEYOND_DOUBT).map(|evidence| evidence.inflation));
    let beyond = |cut: usize| {
        let hits = |steps: &Vec<StepSums>| Evidence::of(steps.iter().map(|step| step.beyond(cut)), OF_EVENTS);
        steps.each_ref().map(hits)
    };
    let tests = [
        Test::of_shares(beyond(0), ranks, [1.0; 2], Hits::Given),
        tail_test([beyond(1), beyond(2), beyond(3)], floor),
        tail_test([beyond(4), beyond(5), beyond(6)], floor),
    ];
    let shown = |at: usize| sides.map(|side| side.whole[at].map(|latency| f64::from(latency.0)));
    let missing = |at: usize| {
        let there = |side: usize| {
            sides[side]
                .steps
                .iter()
                .flatten()
                .map(|(_, count)| u64::from(*count))
                .sum()
        };
        let side = sides.iter().position(|side| side.whole[at].is_none())?;
        let needed = PROBES_NEEDED[at];
        Some(Lack::Probes {
            side,
            there: there(side),
            needed,
        })
    };
    std::array::from_fn(|at| tell((shown(at), missing(at)), tests[at], Some(Worse::Higher), SHARE_LIMIT))
}

/// Compares shares of failures.
pub fn failures(before: &[Tally], after: &[Tally]) -> Change {
    let evidence = [before, after].map(|steps| {
        let sums = steps
            .iter()
            .map(|step| Sums::of_hits(step.attempts as f64, step.failed as f64));
        Evidence::of(sums, OF_EVENTS)
    });
    let test = Test::of_shares(evidence, evidence, [1.0; 2], Hits::Free);
    // Any failure more is somebody's concern.
    tell(means(evidence), test, Some(Worse::Higher), 0.0)
}

/// Compares a figure that each step has one of, by its mean.
pub fn context(before: Course<'_>, after: Course<'_>, nature: Nature) -> Change {
    let evidence = [before, after].map(|side| {
        let seconds = side.step.as_secs_f64();
        let caution = Caution {
            memory: memory(nature.memory, seconds),
            ..OF_THE_BODY
        };
        let sums = side.values.iter().map(|value| Sums {
            count: seconds,
            sum: value * seconds,
            squares: value * value * seconds,
        });
        Evidence::of(sums, caution)
    });
    tell(
        means(evidence),
        Test::of_means(evidence, nature),
        nature.worse,
        SHARE_LIMIT,
    )
}

/// What is shown of both sides, and what is missing where there is nothing to show.
fn means(sides: [Evidence; 2]) -> Shown {
    let shown = sides.map(|side| (side.count > 0.0).then(|| side.mean()));
    let side = shown.iter().position(Option::is_none);
    let missing = side.map(|side| Lack::Probes {
        side,
        there: 0,
        needed: 1,
    });
    (shown, missing)
}

/// What a step keeps of the one before, of a figure that is smoothed exponentially.
fn memory(over: Duration, step_s: f64) -> f64 {
    if over.is_zero() {
        return 0.0;
    }
    (-step_s / over.as_secs_f64()).exp()
}

/// A step's latencies: their ranks, and how many lie beyond each cut.
struct StepSums {
    ranks: Sums,
    hits: [f64; 7],
}

impl StepSums {
    fn of(step: &[(Micros, u32)], ranks: &[f64], cuts: [usize; 7]) -> Self {
        let mut sums = Self {
            ranks: Sums::default(),
            hits: [0.0; 7],
        };
        for (latency, count) in step {
            let (bucket, count) = (bucket_of(*latency), f64::from(*count));
            let rank = ranks[bucket];
            sums.ranks.count += count;
            sums.ranks.sum += count * rank;
            sums.ranks.squares += count * rank * rank;
            for (hits, cut) in sums.hits.iter_mut().zip(cuts) {
                *hits += if bucket >= cut { count } else { 0.0 };
            }
        }
        sums
    }

    fn beyond(&self, cut: usize) -> Sums {
        Sums::of_hits(self.ranks.count, self.hits[cut])
    }
}

/// What a test says: how improbable the difference is, and which way it leans; else what it would take to say that.
type Told = Result<Test, Lack>;

/// The figures of both sides, and what is missing where one has none.
type Shown = ([Option<f64>; 2], Option<Lack>);

#[derive(Clone, Copy, Debug)]
struct Test {
    p_value: f64,
    /// Above 0: the later side has more.
    leans: f64,
}

/// Whether the number of hits of both sides together could have been any, or was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hits {
    Free,
    Given,
}

impl Test {
    /// Whether the sides have the same share of hits. `dependence` is what says how much the values are worth, and the
    /// least that they are inflated by is `floor`.
    fn of_shares(hits: [Evidence; 2], dependence: [Evidence; 2], floor: [f64; 2], free: Hits) -> Told {
        let freedom = freedom(dependence)?;
        let [a, b] = hits;
        // A short side knows little of itself: it is at least as dependent as both are together.
        let [known_a, known_b] = dependence.map(|side| side.spread);
        let [of_a, of_b] = [0, 1].map(|at| dependence[at].inflation.max(floor[at]).max(1.0));
        let spread = known_a + known_b;
        let together = if spread > 0.0 {
            (of_a * known_a + of_b * known_b) / spread
        } else {
            1.0
        };
        let variance = |side: &Evidence, own: f64| own.max(together) / side.count;
        let inflation = (variance(&a, of_a) + variance(&b, of_b)) / (1.0 / a.count + 1.0 / b.count);
        let worth = 1.0 / (inflation * widening(freedom).powi(2));
        let table = Table {
            before: a.count * worth,
            after: b.count * worth,
            hits: (a.sum + b.sum) * worth,
        };
        // Where all are alike there is nothing to prove.
        if table.hits > 0.0 && table.clearest(free) >= P_LIMIT {
            let enough = |times: &u32| table.times(*times).clearest(free) < P_LIMIT;
            return Err(TIMES.into_iter().find(enough).map_or(Lack::Alike, Lack::Times));
        }
        Ok(Self {
            p_value: table.two_sided(table.hits, b.sum * worth),
            leans: b.mean() - a.mean(),
        })
    }

    fn of_means(sides: [Evidence; 2], nature: Nature) -> Told {
        let freedom = freedom(sides)?;
        let long_run = sides.map(|side| side.long_run_variance());
        let long_run = long_run[0].max(long_run[1]);
        let variance = |side: Evidence| (long_run / side.count).max((nature.grain / side.count).powi(2));
        let (variance, leans) = (
            variance(sides[0]) + variance(sides[1]),
            sides[1].mean() - sides[0].mean(),
        );
        let p_value = match variance {
            // Nothing moved on either side.
            0.0 => f64::from(u8::from(leans == 0.0)),
            _ => normal_two_sided(leans / variance.sqrt() / widening(freedom)),
        };
        Ok(Self {
            p_value: (p_value * nature.figures.max(1) as f64).min(1.0),
            leans,
        })
    }
}

/// How many values each side is worth, and how many of both are hits.
#[derive(Clone, Copy, Debug)]
struct Table {
    before: f64,
    after: f64,
    hits: f64,
}

impl Table {
    /// How improbable it is that so many of all hits are of the later side, or a share farther off.
    fn two_sided(&self, hits: f64, later: f64) -> f64 {
        let more = hypergeometric_at_least(later, hits, self.after, self.before);
        let fewer = hypergeometric_at_least(hits - later, hits, self.before, self.after);
        2.0 * more.min(fewer)
    }

    /// How improbable the most extreme outcome would be.
    fn clearest(&self, free: Hits) -> f64 {
        let Self { before, after, hits } = *self;
        match free {
            Hits::Free => self.two_sided(after, after),
            Hits::Given => {
                let all_later = self.two_sided(hits, hits.min(after));
                all_later.min(self.two_sided(hits, (hits - before).max(0.0)))
            }
        }
    }

    /// Of so many times as much.
    fn times(&self, times: u32) -> Self {
        let times = f64::from(times);
        Self {
            before: self.before * times,
            after: self.after * times,
            hits: self.hits * times,
        }
    }
}

/// At three places, each of which may tell.
fn tail_test(places: [[Evidence; 2]; 3], floor: [f64; 2]) -> Told {
    let tests = places.map(|hits| Test::of_shares(hits, hits, floor, Hits::Given));
    let told = tests.into_iter().flatten();
    let clearest = told.min_by(|a, b| a.p_value.total_cmp(&b.p_value));
    let Some(clearest) = clearest else {
        return tests[0];
    };
    Ok(Test {
        p_value: (QUESTIONS_OF_A_TAIL * clearest.p_value).min(1.0),
        ..clearest
    })
}

/// How much is known of how dependent the values are, else what that takes, in steps of a second.
fn freedom(sides: [Evidence; 2]) -> Result<f64, Lack> {
    let [a, b] = sides;
    let shorter = usize::from(b.steps < a.steps);
    let (there, other) = (sides[shorter].steps, sides[1 - shorter].steps);
    let needed = STEPS_NEEDED.max(STEPS_TOGETHER.saturating_sub(other));
    if there < needed {
        let [there, needed] = [there, needed].map(|steps| Duration::from_secs(steps as u64));
        return Err(Lack::Time {
            side: shorter,
            there,
            needed,
        });
    }
    let freedom = a.freedom + b.freedom;
    if freedom >= FREEDOM_NEEDED {
        return Ok(freedom);
    }
    // Each step more tells as much of its own as those there are.
    let times = FREEDOM_NEEDED / freedom.max(f64::MIN_POSITIVE);
    let enough = TIMES.into_iter().find(|enough| f64::from(*enough) >= times);
    Err(enough.map_or(Lack::Alike, Lack::Times))
}

fn tell((shown, missing): Shown, test: Told, worse: Option<Worse>, share_limit: f64) -> Change {
    let [before, after] = shown;
    let both = before.zip(after);
    Change {
        before,
        after,
        shift: both.map(|(before, after)| after - before),
        p_value: both.and(test.ok()).map(|test| test.p_value),
        significance: verdict(shown, test.ok(), worse, share_limit),
        lack: missing.or(test.err()),
    }
}

/// Its direction is that of the figures shown; a test that leans the other way speaks of something else.
fn verdict(shown: [Option<f64>; 2], test: Option<Test>, worse: Option<Worse>, share_limit: f64) -> Significance {
    let ([Some(before), Some(after)], Some(test)) = (shown, test) else {
        return Significance::TooLittle;
    };
    let shift = after - before;
    let matters = shift.abs() > share_limit * before.abs() && shift * test.leans > 0.0;
    if test.p_value >= P_LIMIT || !matters {
        return Significance::Same;
    }
    match (worse, shift > 0.0) {
        (None, _) => Significance::Different,
        (Some(Worse::Higher), true) | (Some(Worse::Lower), false) => Significance::Worse,
        (Some(Worse::Higher), false) | (Some(Worse::Lower), true) => Significance::Better,
    }
}

#[cfg(test)]
mod tests;
