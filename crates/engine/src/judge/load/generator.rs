//! Whether probetop was the limit: then its figures say nothing about the service.

use std::time::Duration;

use probetop_core::profile::Model;
use probetop_core::sample::load::LoadSecond;
use probetop_core::sample::{Micros, Text};
use probetop_core::snapshot::load::{Completeness, Effect, Generator, GeneratorLimit, LoadFigures, Reading};

const SECOND: Duration = Duration::from_secs(1);

/// A worker that takes more of a core than this has no time left to be on time.
const BUSY_LIMIT: f64 = 0.9;

/// In so many seconds of all: one that was interrupted by something else on the machine is no limit.
const BUSY_SHARE_LIMIT: f64 = 0.1;

/// Being later than this is seen in a response time of some tens of milliseconds.
const LAG_LIMIT: Micros = Micros(10_000);

/// Being late by so much of the median service time is seen in any.
const LAG_SHARE_LIMIT: f64 = 0.1;

/// Rate times service time may differ from what was counted on its way by the requests at both ends of a run. More is a fault
/// of the bookkeeping.
const LITTLE_LIMIT: f64 = 0.1;

/// So much time of requests tells whether they agree: less is a handful of requests.
const LITTLE_LEAST: Duration = Duration::from_secs(1);

/// What is seen of the generator over a run.
#[derive(Clone, Debug, Default)]
pub(super) struct GeneratorWatch {
    seconds: u32,
    /// How long they were together, to the last answer.
    time: Duration,
    busy_seconds: u32,
    /// Requests a second in the first second that was busy.
    busy_from: Option<u64>,
    busiest: Duration,
    in_flight: Duration,
    took: Duration,
}

impl GeneratorWatch {
    pub(super) fn add(&mut self, second: &LoadSecond) {
        self.seconds += 1;
        self.time += second.length;
        self.busiest = self.busiest.max(second.busiest);
        self.in_flight += second.in_flight;
        self.took += second.parts.iter().map(|part| part.took).sum::<Duration>();
        if second.busiest > SECOND.mul_f64(BUSY_LIMIT) {
            self.busy_seconds += 1;
            let offered = second.parts.iter().map(|part| part.offered).sum();
            self.busy_from.get_or_insert(offered);
        }
    }

    /// How long the run has been going on, to the last answer.
    pub(super) const fn time(&self) -> Duration {
        self.time
    }

    /// Judges it beside what it did. What is on its way has not taken its time yet: Little's law is asked of a whole run.
    pub(super) fn report(&self, whole: &LoadFigures, model: Model, completeness: Completeness) -> Generator {
        let little = self.little_deviation().filter(|_| completeness == Completeness::Whole);
        let limits = [
            (Effect::Worse, self.busy()),
            (Effect::Worse, late(whole)),
            (Effect::Better, blocked(whole, model)),
            (Effect::Better, not_made(whole)),
            (
                Effect::Worse,
                little.and_then(|deviation| disagreeing(deviation, whole)),
            ),
        ];
        let limits = limits
            .into_iter()
            .filter_map(|(effect, words)| Some(GeneratorLimit { effect, words: words? }));
        Generator {
            busiest_ratio: (self.seconds > 0).then_some(self.busiest.as_secs_f64()),
            in_flight: (!self.time.is_zero()).then(|| self.in_flight.as_secs_f64() / self.time.as_secs_f64()),
            little_deviation_ratio: little,
            limits: limits.collect(),
        }
    }

    /// Little's law: what is on its way is the rate times how long each takes; over a run both times the same length.
    fn little_deviation(&self) -> Option<f64> {
        (self.in_flight >= LITTLE_LEAST)
            .then(|| (self.took.as_secs_f64() - self.in_flight.as_secs_f64()) / self.in_flight.as_secs_f64())
    }

    fn busy(&self) -> Option<Text> {
        let share = f64::from(self.busy_seconds) / f64::from(self.seconds.max(1));
        let from = self.busy_from.filter(|_| share >= BUSY_SHARE_LIMIT)?;
        Some(
            format!(
                "a worker used its core up in {} of {} seconds, first at {from}/s; use more --workers, or send from a faster \
                 machine",
                self.busy_seconds, self.seconds
            )
            .into(),
        )
    }
}

fn late(whole: &LoadFigures) -> Option<Text> {
    let Reading::At(lag) = whole.lag.p99 else { return None };
    let service = match whole.service.p50 {
        Reading::At(service) => service,
        Reading::TooFew | Reading::AtLeast(_) => Micros(0),
    };
    let limit = LAG_LIMIT.max(Micros((f64::from(service.0) * LAG_SHARE_LIMIT) as u32));
    (lag > limit).then(|| {
        format!("requests were sent late: lag p99 {lag} above {limit}; send less, or from a machine with less to do")
            .into()
    })
}

fn blocked(whole: &LoadFigures, model: Model) -> Option<Text> {
    (model == Model::Open && whole.blocked > 0).then(|| {
        format!(
            "{} of {} requests were due and found no connection free, or were not sent in time; send less, or allow more with \
             --connections, --workers and ulimit -n",
            whole.blocked, whole.offered
        )
        .into()
    })
}

fn not_made(whole: &LoadFigures) -> Option<Text> {
    let ours = whole.failures.iter().find(|failure| failure.kind.is_ours());
    let ours = ours.filter(|_| whole.not_made > 0)?;
    Some(
        format!(
            "{} requests could not be made ({}); {}",
            whole.not_made,
            ours.message,
            ours.kind.remedy()
        )
        .into(),
    )
}

fn disagreeing(deviation: f64, whole: &LoadFigures) -> Option<Text> {
    // What was given up has been on its way and took no time that is known.
    (deviation.abs() > LITTLE_LIMIT && whole.cut_off == 0).then(|| {
        let percent = deviation * 100.0;
        format!("rate times service time differs by {percent:+.0}% from what was on its way (Little's law)").into()
    })
}
