//! The figures of a distribution, in microseconds: which of them a part of the document names.

use probetop_core::sample::Micros;
use probetop_core::snapshot::Quantiles;
use serde::{Serialize, Serializer};

type Pick = fn(&Quantiles) -> Option<Micros>;

const LATENCY: [(&str, Pick); 11] = [
    ("min", |figures| figures.min),
    ("mean", |figures| figures.mean),
    ("p10", |figures| figures.p10),
    ("p25", |figures| figures.p25),
    ("p50", |figures| figures.p50),
    ("p75", |figures| figures.p75),
    ("p90", |figures| figures.p90),
    ("p95", |figures| figures.p95),
    ("p99", |figures| figures.p99),
    ("p99_9", |figures| figures.p99_9),
    ("max", |figures| figures.max),
];

const LAG: [(&str, Pick); 3] = [
    ("p50", |figures| figures.p50),
    ("p99", |figures| figures.p99),
    ("max", |figures| figures.max),
];

const PHASE: [(&str, Pick); 4] = [
    ("p50", |figures| figures.p50),
    ("p95", |figures| figures.p95),
    ("p99", |figures| figures.p99),
    ("max", |figures| figures.max),
];

/// A distribution, written as a map from the figure's name to microseconds or `null`.
pub(super) struct Figures {
    values: Quantiles,
    names: &'static [(&'static str, Pick)],
}

impl Figures {
    pub(super) const fn latency(values: Quantiles) -> Self {
        Self {
            values,
            names: &LATENCY,
        }
    }

    pub(super) const fn lag(values: Quantiles) -> Self {
        Self { values, names: &LAG }
    }

    pub(super) const fn phase(values: Quantiles) -> Self {
        Self { values, names: &PHASE }
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.names
                .iter()
                .map(|(name, pick)| (name, pick(&self.values).map(|value| value.0))),
        )
    }
}
