//! What the seconds of one stage add up to.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::sample::Phase;
use probetop_core::sample::load::{LoadFailure, LoadPart, add_failures, add_statuses};
use probetop_core::sample::slot::histogram::{Histogram, Quantile};
use probetop_core::sample::slot::{COLD, LAG, LATENCY, RESPONSE, phase_track, tally::Tally};
use probetop_core::snapshot::load::{LoadFigures, Reading, Spread};

#[derive(Clone, Debug, Default)]
pub(super) struct StageTally {
    offered: u64,
    connections: u64,
    received_bytes: u64,
    tally: Tally,
    /// By track; those that occurred.
    tracks: BTreeMap<usize, Histogram>,
    statuses: Vec<(u16, u64)>,
    failures: Vec<LoadFailure>,
}

impl StageTally {
    pub(super) fn add(&mut self, part: &LoadPart) {
        self.offered += part.offered;
        self.connections += part.connections;
        self.received_bytes += part.received_bytes;
        let mut tally = Tally::default();
        part.slot.visit(&mut tally, |track, code, count| {
            self.tracks.entry(track).or_default().add(code.into(), count);
        });
        self.tally.add(&tally);
        add_statuses(&mut self.statuses, &part.statuses);
        add_failures(&mut self.failures, &part.failures);
    }

    /// Takes in all of another stage.
    pub(super) fn absorb(&mut self, other: &Self) {
        self.offered += other.offered;
        self.connections += other.connections;
        self.received_bytes += other.received_bytes;
        self.tally.add(&other.tally);
        for (track, histogram) in &other.tracks {
            let sum = self.tracks.entry(*track).or_default();
            histogram.iter().for_each(|(code, count)| sum.add(code.into(), count));
        }
        add_statuses(&mut self.statuses, &other.statuses);
        add_failures(&mut self.failures, &other.failures);
    }

    /// The figures of a stage that has been going on for `length` by the timetable, and took `late` longer.
    pub(super) fn figures(&self, length: Duration, late: Duration, timeout: Duration) -> LoadFigures {
        let failed = self.tally.failed();
        // Where nothing succeeded there is no distribution, and still something to say.
        let nothing = Histogram::default();
        let spread = |track, failed| spread(self.tracks.get(&track).unwrap_or(&nothing), failed, timeout);
        let phases = Phase::ALL.into_iter();
        let phases = phases.map(|phase| (phase, spread(phase_track(phase), 0)));
        let mut failures = self.failures.clone();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.count));
        LoadFigures {
            length,
            lasted: length + late,
            offered: self.offered,
            blocked: self.tally.overruns,
            requests: self.tally.attempts,
            failed,
            not_made: self.tally.ours(),
            cut_off: self.tally.cut_off,
            connections: self.connections,
            received_bytes: self.received_bytes,
            response: spread(RESPONSE, failed),
            service: spread(LATENCY, failed),
            lag: spread(LAG, 0),
            phases: phases.filter(|(_, spread)| spread.count > 0).collect(),
            cold: spread(COLD, 0),
            statuses: self.statuses.clone(),
            failures,
        }
    }
}

/// `failed` requests count as longer than all that succeeded.
fn spread(histogram: &Histogram, failed: u64, timeout: Duration) -> Spread {
    let of_all = histogram.total().saturating_add(failed);
    let read = |quantile: Quantile| {
        if of_all < quantile.needs() {
            return Reading::TooFew;
        }
        match histogram.at_rank(quantile.rank(of_all)) {
            Some(value) => Reading::At(value),
            None => Reading::AtLeast(timeout),
        }
    };
    let summary = histogram.summary([]);
    let known = !histogram.is_empty();
    Spread {
        count: histogram.total(),
        min: known.then_some(summary.min),
        mean: known.then_some(summary.mean),
        p50: read(Quantile::P50),
        p90: read(Quantile::P90),
        p95: read(Quantile::P95),
        p99: read(Quantile::P99),
        p99_9: read(Quantile::P99_9),
        max: known.then_some(summary.max),
    }
}
