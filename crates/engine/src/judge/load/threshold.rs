//! Conditions that a run is held against: `p95 < 500ms`, `errors < 1%`, `rate > 1000`.

use std::fmt;
use std::time::Duration;

use probetop_core::sample::slot::histogram::Quantile;
use probetop_core::sample::{Micros, Text};
use probetop_core::setting::Period;
use probetop_core::snapshot::load::{LoadFigures, Reading, Spread, ThresholdOutcome, ThresholdReport};
use probetop_core::suggest;

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    text: String,
    figure: Figure,
    comparison: Comparison,
    /// In the unit of the figure: microseconds, a share, requests a second.
    limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Response(Quantity),
    Service(Quantity),
    Errors,
    Rate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    P50,
    P90,
    P95,
    P99,
    P999,
    Mean,
    Max,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// Longer ones first: `<=` begins with `<`.
const COMPARISONS: [(&str, Comparison); 4] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

const QUANTITIES: [(&str, Quantity); 7] = [
    ("p50", Quantity::P50),
    ("p90", Quantity::P90),
    ("p95", Quantity::P95),
    ("p99", Quantity::P99),
    ("p99.9", Quantity::P999),
    ("mean", Quantity::Mean),
    ("max", Quantity::Max),
];

const ERRORS: &str = "errors";
const RATE: &str = "rate";

/// Before a quantity: what the service took, and not what the caller waited.
const SERVICE: &str = "service ";

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Threshold {
    /// Reads `p95 < 500ms`, `service p99 <= 1s`, `errors < 1%`, `rate > 1000`.
    ///
    /// # Errors
    /// Says what of it is none, and what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let found = COMPARISONS.iter().find_map(|(sign, comparison)| {
            let (figure, limit) = text.split_once(sign)?;
            Some((figure.trim(), *comparison, limit.trim()))
        });
        let Some((name, comparison, value)) = found else {
            return Err(format!("{text:?} compares nothing; write for example \"p95 < 500ms\""));
        };
        let figure = Figure::of(name)?;
        let limit = figure.limit(value)?;
        Ok(Self {
            text: text.trim().to_owned(),
            figure,
            comparison,
            limit,
        })
    }

    /// Reads several, all of which must hold: `p95 < 300ms && errors < 1%`.
    ///
    /// # Errors
    /// As [`Threshold::parse`].
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        text.split("&&").map(Self::parse).collect()
    }

    /// How many requests it takes to say whether it holds.
    pub const fn needs(&self) -> u64 {
        match self.figure {
            Figure::Response(quantity) | Figure::Service(quantity) => quantity.needs(),
            Figure::Errors | Figure::Rate => 1,
        }
    }

    /// Holds figures against it.
    pub fn judge(&self, figures: &LoadFigures) -> ThresholdReport {
        let (value, words) = self.figure.of_run(figures);
        let outcome = match value {
            None => ThresholdOutcome::Unknown,
            Some(value) if self.comparison.holds(value, self.limit) => ThresholdOutcome::Kept,
            Some(_) => ThresholdOutcome::Broken,
        };
        ThresholdReport {
            condition: self.text.as_str().into(),
            value: words,
            outcome,
        }
    }
}

impl Comparison {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            Self::More => value > limit,
            Self::AtLeast => value >= limit,
        }
    }
}

impl Figure {
    fn of(name: &str) -> Result<Self, String> {
        if name == ERRORS {
            return Ok(Self::Errors);
        }
        if name == RATE {
            return Ok(Self::Rate);
        }
        let (bare, figure): (_, fn(Quantity) -> Self) = match name.strip_prefix(SERVICE) {
            Some(bare) => (bare.trim(), Self::Service),
            None => (name, Self::Response),
        };
        let known = QUANTITIES.iter().find(|(known, _)| *known == bare);
        known.map(|(_, quantity)| figure(*quantity)).ok_or_else(|| {
            let names: Vec<_> = QUANTITIES.iter().map(|(name, _)| *name).chain([ERRORS, RATE]).collect();
            let hint = suggest::closest(bare, names.iter().copied());
            format!("{name:?} is not a figure of a run{hint}; use {}", names.join(", "))
        })
    }

    fn limit(self, value: &str) -> Result<f64, String> {
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite() && *number >= 0.0)
        };
        match self {
            Self::Response(_) | Self::Service(_) => Period::parse(value).map(|period| micros(period.duration())),
            Self::Errors => {
                let share = match value.strip_suffix('%') {
                    Some(percent) => number(percent).map(|percent| percent / 100.0),
                    // Whether 1 means all or a hundredth cannot be known.
                    None => number(value).filter(|share| *share < 1.0),
                };
                let share = share.filter(|share| *share <= 1.0);
                share.ok_or_else(|| format!("{value:?} is not a share; write for example 1% or 0.01"))
            }
            Self::Rate => {
                let rate = number(value.strip_suffix("/s").unwrap_or(value));
                rate.ok_or_else(|| format!("{value:?} is not a rate; write requests a second, for example 1000"))
            }
        }
    }

    /// The value to compare, and in words; no value: too few requests.
    fn of_run(self, figures: &LoadFigures) -> (Option<f64>, Text) {
        match self {
            Self::Response(quantity) => quantity.of(&figures.response, figures),
            Self::Service(quantity) => quantity.of(&figures.service, figures),
            Self::Errors => match figures.error_ratio() {
                Some(share) => (Some(share), format!("{:.2}%", share * 100.0).into()),
                None => (None, "no requests".into()),
            },
            // What could not be answered was no throughput.
            Self::Rate => match figures.per_s(figures.ok()) {
                Some(rate) => (Some(rate), format!("{rate:.1}/s").into()),
                None => (None, "no time".into()),
            },
        }
    }
}

impl Quantity {
    const fn needs(self) -> u64 {
        match self {
            Self::P50 => Quantile::P50.needs(),
            Self::P90 => Quantile::P90.needs(),
            Self::P95 => Quantile::P95.needs(),
            Self::P99 => Quantile::P99.needs(),
            Self::P999 => Quantile::P99_9.needs(),
            Self::Mean | Self::Max => 1,
        }
    }

    fn of(self, spread: &Spread, figures: &LoadFigures) -> (Option<f64>, Text) {
        let exact = |value: Option<Micros>| match value {
            Some(value) => (Some(f64::from(value.0)), value.to_string().into()),
            None => (None, "too few requests".into()),
        };
        let reading = match self {
            Self::P50 => spread.p50,
            Self::P90 => spread.p90,
            Self::P95 => spread.p95,
            Self::P99 => spread.p99,
            Self::P999 => spread.p99_9,
            // A failure is slower than all that succeeded: it is the slowest, and there is no mean.
            Self::Mean | Self::Max if figures.failed > 0 => {
                let words = format!("{} of {} requests failed", figures.failed, figures.requests);
                return (Some(f64::INFINITY), words.into());
            }
            Self::Mean => return exact(spread.mean),
            Self::Max => return exact(spread.max),
        };
        match reading {
            Reading::TooFew => exact(None),
            Reading::At(value) => exact(Some(value)),
            // However long the condition allows, nobody waited that long for an answer that came.
            Reading::AtLeast(timeout) => (Some(f64::INFINITY), format!("≥ {}", Micros::from(timeout)).into()),
        }
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> LoadFigures {
        LoadFigures {
            length: Duration::from_secs(10),
            lasted: Duration::from_secs(10),
            requests: 1000,
            failed: 5,
            response: Spread {
                p95: Reading::At(Micros(450_000)),
                p99: Reading::AtLeast(Duration::from_secs(5)),
                mean: Some(Micros(100_000)),
                ..Spread::default()
            },
            service: Spread {
                p95: Reading::At(Micros(90_000)),
                ..Spread::default()
            },
            ..LoadFigures::default()
        }
    }

    #[test]
    fn a_condition_is_held_against_what_was_measured() {
        let check = |text: &str, outcome, value: &str| {
            let report = Threshold::parse(text).unwrap().judge(&figures());
            assert_eq!((report.outcome, report.value.as_str()), (outcome, value), "{text}");
            assert_eq!(report.condition.as_str(), text);
        };
        check("p95 < 500ms", ThresholdOutcome::Kept, "450ms");
        check("p95<450ms", ThresholdOutcome::Broken, "450ms");
        check("p95 <= 450ms", ThresholdOutcome::Kept, "450ms");
        check("service p95 < 100ms", ThresholdOutcome::Kept, "90ms");
        check("p99 < 24h", ThresholdOutcome::Broken, "≥ 5s");
        check("p99.9 < 1s", ThresholdOutcome::Unknown, "too few requests");
        check("mean < 1h", ThresholdOutcome::Broken, "5 of 1000 requests failed");
        check("max < 1h", ThresholdOutcome::Broken, "5 of 1000 requests failed");
        check(
            "service max < 1h",
            ThresholdOutcome::Broken,
            "5 of 1000 requests failed",
        );
        check("errors < 1%", ThresholdOutcome::Kept, "0.50%");
        check("errors < 0.005", ThresholdOutcome::Broken, "0.50%");
        check("rate > 99", ThresholdOutcome::Kept, "99.5/s");
        check("rate >= 99.5/s", ThresholdOutcome::Kept, "99.5/s");
        check("rate > 100", ThresholdOutcome::Broken, "99.5/s");
    }

    #[test]
    fn what_is_no_condition_is_refused_with_what_to_write() {
        let check = |text: &str, expected: &str| assert_eq!(Threshold::parse(text).unwrap_err(), expected);
        check("p95", "\"p95\" compares nothing; write for example \"p95 < 500ms\"");
        check(
            "p96 < 1s",
            "\"p96\" is not a figure of a run; did you mean \"p90\"?; use p50, p90, p95, p99, p99.9, mean, max, errors, rate",
        );
        check("p95 < 500", "\"500\" has no unit; write \"500s\" or \"500ms\"");
        check("errors < 1", "\"1\" is not a share; write for example 1% or 0.01");
        check("errors < 101%", "\"101%\" is not a share; write for example 1% or 0.01");
        check(
            "rate > fast",
            "\"fast\" is not a rate; write requests a second, for example 1000",
        );
    }

    #[test]
    fn several_conditions_are_read_at_once() {
        let all = Threshold::parse_all("p99 < 300ms && errors < 0.01").unwrap();
        assert_eq!(
            all.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["p99 < 300ms", "errors < 0.01"]
        );
        assert_eq!(all.iter().map(Threshold::needs).collect::<Vec<_>>(), [100, 1]);
        assert!(Threshold::parse_all("p99 < 300ms &&").is_err());
    }

    #[test]
    fn nothing_measured_keeps_no_condition() {
        for text in ["p95 < 1s", "errors < 1%", "rate > 1", "max < 1s"] {
            let report = Threshold::parse(text).unwrap().judge(&LoadFigures::default());
            assert_eq!(report.outcome, ThresholdOutcome::Unknown, "{text}");
        }
    }
}
