//! Two spans of time side by side.

use std::cmp::Reverse;
use std::time::Duration;

use super::{Rows, Side};
use crate::clock::Timestamp;
use crate::sample::{Micros, TargetId, Text, Unit};

/// A span of time, whole seconds, its end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What is compared with what, A against B, and of whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComparisonQuery {
    /// A. `None`: the baseline that was loaded, if there is one.
    pub before: Option<Span>,
    /// B. `None`: as much of the time after A as A is long; against a loaded baseline the query's window.
    pub after: Option<Span>,
    pub targets: Rows,
}

/// How a figure changed from one span to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Percentiles, errors and rates over all of each span, of gauges the mean. `None`: nothing was measured, or too little
    /// for the percentile.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// The difference, in the figure's own unit.
    pub shift: Option<f64>,
    /// Two-sided, corrected for autocorrelation.
    pub p_value: Option<f64>,
    pub significance: Significance,
    /// What there is too little of, where that is what it means.
    pub lack: Option<Lack>,
}

/// What it would take to say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A side, 0 for A and 1 for B, is so long and has to be so much longer.
    Time {
        side: usize,
        there: Duration,
        needed: Duration,
    },
    /// A side has so many probes that succeeded, and the percentile takes more.
    Probes { side: usize, there: u64, needed: u64 },
    /// However unlike the sides were, nothing could be told of so little that is independent: it takes about so many times as
    /// much.
    Times(u32),
    /// All of it resembles the rest so much that hardly anything is independent.
    Alike,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Significance {
    Better,
    Worse,
    /// Neither: there is more or less of what is no merit in itself.
    Different,
    /// Chance does as much, or it is too small to matter.
    Same,
    /// Too few steps or probes to say, or too much alike.
    TooLittle,
}

impl Span {
    pub fn length(self) -> Duration {
        self.to.since(self.from)
    }
}

impl Significance {
    /// What matters most comes first.
    pub const ORDER: [Self; 5] = [Self::Worse, Self::Better, Self::Different, Self::Same, Self::TooLittle];

    /// Its place in a list of rows: what could be large and is not known stands above what is known to be nothing.
    const fn rank(self) -> u8 {
        match self {
            Self::Worse => 0,
            Self::Better => 1,
            Self::Different => 2,
            Self::TooLittle => 3,
            Self::Same => 4,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Different => "different",
            Self::Same => "same",
            Self::TooLittle => "too little data",
        }
    }
}

/// Two spans compared, subject by subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub before: Side,
    pub after: Side,
    /// Targets in the order of the configuration, also those that A knows nothing of; then the machine.
    pub rows: Vec<ComparisonRow>,
    /// The places of the rows: what did worse first, then what did better or differs, then what is not known; in each by how
    /// large the change is.
    pub by_effect: Vec<usize>,
}

/// So many latencies of A and of B from one value on and up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedBin {
    pub low: Micros,
    pub high: Micros,
    pub counts: [u32; 2],
}

/// All that is compared of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRow {
    pub subject: Text,
    /// `None`: the machine.
    pub target: Option<TargetId>,
    /// Of a target, in each span.
    pub attempts: Option<[u64; 2]>,
    pub figures: Vec<FigureChange>,
    /// How the latencies of both sides are spread, fastest first, without gaps; empty where there are none.
    pub spread: Vec<SharedBin>,
}

impl ComparisonRow {
    /// What its figures come to: the first of worse, better and different that one of them is; too little data where that
    /// is so of most of them: a percentile that takes a hundred probes does not silence the others.
    pub fn significance(&self) -> Significance {
        let count = |meant| {
            let figures = self.figures.iter();
            figures.filter(|figure| figure.change.significance == meant).count()
        };
        let told = [Significance::Worse, Significance::Better, Significance::Different];
        match told.into_iter().find(|meant| count(*meant) > 0) {
            Some(meant) => meant,
            None if 2 * count(Significance::TooLittle) > self.figures.len() => Significance::TooLittle,
            None => Significance::Same,
        }
    }

    /// Of the figures that mean what the row means the one that changed most.
    pub fn leading(&self) -> Option<&FigureChange> {
        let significance = self.significance();
        let figures = self.figures.iter();
        let meant = figures.filter(|figure| figure.change.significance == significance);
        // The first of equals.
        meant.rev().max_by(|a, b| a.effect().total_cmp(&b.effect()))
    }

    /// How large the change of that figure is.
    pub fn effect(&self) -> f64 {
        self.leading().map_or(0.0, FigureChange::effect)
    }

    /// Whether A knows nothing of it.
    pub fn is_new(&self) -> bool {
        self.attempts.is_some_and(|[before, _]| before == 0)
    }

    pub fn figure(&self, name: &str) -> Option<&FigureChange> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

impl Comparison {
    /// With its rows put in order by what they mean and how large the change is.
    pub fn of(before: Side, after: Side, rows: Vec<ComparisonRow>) -> Self {
        let mut by_effect: Vec<usize> = (0..rows.len()).collect();
        by_effect.sort_by_cached_key(|place| {
            let row = &rows[*place];
            // Thousandths are told apart.
            (row.significance().rank(), Reverse((row.effect() * 1e3) as u64))
        });
        Self {
            before,
            after,
            rows,
            by_effect,
        }
    }

    /// How many rows mean each, in the order of [`Significance::ORDER`].
    pub fn counts(&self) -> [usize; Significance::ORDER.len()] {
        let mut counts = [0; Significance::ORDER.len()];
        for row in &self.rows {
            let significance = row.significance();
            let place = Significance::ORDER.iter().position(|meant| *meant == significance);
            counts[place.unwrap_or_default()] += 1;
        }
        counts
    }

    /// `None`: the target is not among those compared.
    pub fn of_target(&self, target: TargetId) -> Option<&ComparisonRow> {
        self.rows.iter().find(|row| row.target == Some(target))
    }
}

/// One figure of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureChange {
    /// `p95`, `errors`, `rate`, `cpu`.
    pub name: &'static str,
    pub unit: Unit,
    pub change: Change,
}

impl FigureChange {
    /// By how much it changed as people say it: a share by its points (0.02 is two), everything else by the share of
    /// what it was. `None`: not known, or it was nothing.
    pub fn relative(&self) -> Option<f64> {
        let shift = self.change.shift?;
        if self.unit == Unit::Ratio {
            return Some(shift);
        }
        let before = self.change.before.filter(|before| before.abs() > f64::EPSILON)?;
        Some(shift / before)
    }

    /// How large the change is, whichever way it goes: of an amount the logarithm of how many times as much it is, so that
    /// twice as much and half weigh the same; of a share five times its points, so that a fifth of the probes more that fail
    /// weigh as much as answers that take 2.7 times as long.
    pub fn effect(&self) -> f64 {
        const OF_POINTS: f64 = 5.0;
        const MOST: f64 = 10.0;
        let effect = match (self.unit, self.relative()) {
            (_, None) => 0.0,
            (Unit::Ratio, Some(points)) => OF_POINTS * points.abs(),
            (Unit::Microseconds | Unit::Bytes | Unit::Number, Some(relative)) => {
                (1.0 + relative).max(f64::MIN_POSITIVE).ln().abs()
            }
        };
        effect.min(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &'static str, unit: Unit, before: f64, after: f64, significance: Significance) -> FigureChange {
        FigureChange {
            name,
            unit,
            change: Change {
                before: Some(before),
                after: Some(after),
                shift: Some(after - before),
                p_value: None,
                significance,
                lack: None,
            },
        }
    }

    fn row(name: &str, figures: Vec<FigureChange>) -> ComparisonRow {
        ComparisonRow {
            subject: name.into(),
            target: None,
            attempts: None,
            figures,
            spread: Vec::new(),
        }
    }

    #[test]
    fn rows_stand_by_what_they_mean_and_then_by_how_large_the_change_is() {
        let latency = |before, after, meant| figure("p95", Unit::Microseconds, before, after, meant);
        let errors = |after| figure("errors", Unit::Ratio, 0.0, after, Significance::Worse);
        let rows = vec![
            row("same", vec![latency(100.0, 180.0, Significance::Same)]),
            row("slower", vec![latency(100.0, 208.0, Significance::Worse)]),
            row("much faster", vec![latency(100.0, 1.0, Significance::Better)]),
            row("fails", vec![latency(100.0, 105.0, Significance::Worse), errors(0.82)]),
            row("too little", vec![latency(100.0, 14_600.0, Significance::TooLittle)]),
            row("hardly slower", vec![latency(100.0, 106.0, Significance::Worse)]),
        ];
        let side = Side {
            from: std::time::SystemTime::UNIX_EPOCH,
            length: Duration::from_secs(60),
            file: None,
        };
        let comparison = Comparison::of(side.clone(), side, rows);
        let names: Vec<_> = comparison
            .by_effect
            .iter()
            .map(|place| comparison.rows[*place].subject.as_str())
            .collect();
        assert_eq!(
            names,
            ["fails", "slower", "hardly slower", "much faster", "too little", "same"]
        );
        assert_eq!(comparison.counts(), [3, 1, 0, 1, 1]);
        assert_eq!(comparison.rows[3].leading().map(|figure| figure.name), Some("errors"));
    }

    #[test]
    fn twice_as_much_and_half_weigh_the_same_and_nothing_weighs_beyond_measure() {
        let effect = |unit, before, after| figure("it", unit, before, after, Significance::Worse).effect();
        assert!((effect(Unit::Number, 1.0, 2.0) - effect(Unit::Number, 2.0, 1.0)).abs() < 1e-12);
        assert!((effect(Unit::Ratio, 0.0, 0.2) - 1.0).abs() < 1e-12);
        assert_eq!(effect(Unit::Bytes, 0.0, 5.0), 0.0);
        assert_eq!(effect(Unit::Bytes, 5.0, 0.0), 10.0);
    }
}
