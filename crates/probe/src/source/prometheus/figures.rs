//! From what two pages said to gauges: values as they are, counters as rates, histograms as quantiles of what was
//! observed in between.

use std::time::Duration;

use probetop_core::sample::Gauge;

use super::collection::{Series, Total};
use super::growth;
use super::quantile::{self, Bucket};
use super::settings::SeriesSettings;
use super::text::Family;

/// The quantiles of a histogram, as the overview has them of latencies.
const QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// The gauges that one chosen series gives. `before` is what the page before said, and how long ago.
pub fn gauges(series: &SeriesSettings, now: &Total, before: Option<(&Total, Duration)>) -> Vec<Gauge> {
    let name = series.called.as_deref().unwrap_or(&series.name);
    if now.is_overfull {
        return Vec::new();
    }
    match now.kind(&series.name) {
        Family::Gauge | Family::Other => gauge(name, now.value()).into_iter().collect(),
        Family::Counter => {
            let rate = rate(now, before, |series| series.value);
            let name = series.called.clone().unwrap_or_else(|| rate_name(name));
            gauge(&name, rate).into_iter().collect()
        }
        Family::Histogram => {
            let measure = Measure::of(&series.name);
            let observed = before.and_then(|(before, _)| growth::of_buckets(before, now));
            let observed = observed.unwrap_or_default();
            let known = QUANTILES.iter().filter(|(_, quantile)| holds(&observed, *quantile));
            let told = known.filter_map(|(word, quantile)| {
                let value = quantile::of_buckets(*quantile, &observed)?;
                gauge(&measure.named(name, word), Some(value * measure.factor))
            });
            told.chain(observations(name, now, before)).collect()
        }
        Family::Summary => {
            let measure = Measure::of(&series.name);
            let told = now.quantiles.iter().filter_map(|(quantile, value)| {
                let name = measure.named(name, &percentile_word(*quantile));
                gauge(&name, Some(value * measure.factor))
            });
            told.chain(observations(name, now, before)).collect()
        }
    }
}

/// Whether there are enough observations for one of them to lie beyond the quantile: of ten nobody knows a p99.
fn holds(observed: &[Bucket], quantile: f64) -> bool {
    // A hundred are enough for a p99, whatever doubles make of 0.99.
    let is_enough = |(_, count): &Bucket| count * (1.0 - quantile) > 1.0 - 1e-9;
    observed.last().is_some_and(is_enough)
}

fn gauge(name: &str, value: Option<f64>) -> Option<Gauge> {
    let value = value.filter(|value| value.is_finite())?;
    Some(Gauge::new(name, value))
}

/// How many observations there were a second.
fn observations(name: &str, now: &Total, before: Option<(&Total, Duration)>) -> Option<Gauge> {
    let count = |series: &Series| series.count.or_else(|| series.buckets.last().map(|(_, count)| *count));
    gauge(
        &format!("{}_per_s", Measure::of(name).bare(name)),
        rate(now, before, count),
    )
}

/// Growth per second of each series for itself, added up.
fn rate(now: &Total, before: Option<(&Total, Duration)>, of: impl Fn(&Series) -> Option<f64>) -> Option<f64> {
    let (before, elapsed) = before?;
    Some(growth::of_values(before, now, of)? / elapsed.as_secs_f64())
}

fn rate_name(name: &str) -> String {
    format!("{}_per_s", name.strip_suffix("_total").unwrap_or(name))
}

/// `p95`, `p99_9`.
fn percentile_word(quantile: f64) -> String {
    // Away from what doubles make of 0.999.
    let percent = (quantile * 1e6).round() / 1e4;
    format!("p{percent}").replace('.', "_")
}

/// What a metric counts in, by the end of its name, in the units that gauges have.
struct Measure {
    ends: &'static [&'static str],
    unit: &'static str,
    factor: f64,
}

const MEASURES: [Measure; 4] = [
    Measure {
        ends: &["_seconds"],
        unit: "_us",
        factor: 1e6,
    },
    Measure {
        ends: &["_milliseconds", "_ms"],
        unit: "_us",
        factor: 1e3,
    },
    Measure {
        ends: &["_microseconds", "_us"],
        unit: "_us",
        factor: 1.0,
    },
    Measure {
        ends: &["_bytes"],
        unit: "_bytes",
        factor: 1.0,
    },
];

const PLAIN: Measure = Measure {
    ends: &[],
    unit: "",
    factor: 1.0,
};

impl Measure {
    fn of(name: &str) -> &'static Self {
        let known = MEASURES
            .iter()
            .find(|measure| measure.ends.iter().any(|end| name.ends_with(end)));
        known.unwrap_or(&PLAIN)
    }

    /// `name` without its unit.
    fn bare<'a>(&self, name: &'a str) -> &'a str {
        self.ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
    }

    /// `http_request_duration_p95_us`.
    fn named(&self, name: &str, word: &str) -> String {
        format!("{}_{word}{}", self.bare(name), self.unit)
    }
}
