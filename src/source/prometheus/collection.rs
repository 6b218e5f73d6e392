//! What is wanted of a page, collected line by line: memory grows with what was asked for, never with the page.

use std::collections::BTreeMap;

use super::quantile::Bucket;
use super::settings::SeriesSettings;
use super::text::{Family, Line, Malformed, Sample, number};

/// Buckets of one histogram, or quantiles of one summary; a histogram with more has no quantiles.
const BUCKET_LIMIT: usize = 512;

/// What one page says of the series that were chosen, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    pub totals: Vec<Total>,
    /// Samples on the page, wanted or not.
    pub samples: u64,
}

/// Everything a page says of one chosen name. Of several series that match, values are added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    pub family: Option<Family>,
    pub value: Option<f64>,
    /// Observations of a histogram or summary.
    pub count: Option<f64>,
    /// Ascending by their bounds.
    pub buckets: Vec<Bucket>,
    /// Quantiles that a summary tells itself, ascending; of several series the worst, as they cannot be added up.
    pub quantiles: Vec<(f64, f64)>,
    overfull: bool,
}

/// Which part of a metric a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Value,
    /// OpenMetrics declares the counter `a` and says `a_total`.
    Total,
    Count,
    Bucket,
}

impl Collection {
    pub fn of(wanted: &[SeriesSettings]) -> Self {
        Self {
            totals: vec![Total::default(); wanted.len()],
            samples: 0,
        }
    }

    /// Takes the next line of the page in.
    ///
    /// # Errors
    /// The line is none of the format.
    pub fn line(&mut self, wanted: &[SeriesSettings], line: &str) -> Result<(), Malformed> {
        let unread = match Line::read(line)? {
            Line::Nothing => return Ok(()),
            Line::Type { name, family } => {
                self.declare(wanted, name, family);
                return Ok(());
            }
            Line::Sample(unread) => unread,
        };
        self.samples += 1;
        let mut read: Option<Sample<'_>> = None;
        for (total, series) in self.totals.iter_mut().zip(wanted) {
            let Some(part) = part(&series.name, unread.name) else {
                continue;
            };
            let sample = match read.take() {
                Some(sample) => sample,
                None => unread.sample()?,
            };
            if has_labels(&sample, &series.labels) {
                total.add(part, &sample);
            }
            read = Some(sample);
        }
        Ok(())
    }

    fn declare(&mut self, wanted: &[SeriesSettings], name: &str, family: Family) {
        for (total, series) in self.totals.iter_mut().zip(wanted) {
            let within = series.name.strip_prefix(name);
            total.family = match (within, family) {
                (Some(""), family) => Some(family),
                // A part of a metric that was asked for by its own name: OpenMetrics declares `a` and says `a_total`.
                (Some("_total"), Family::Counter) => Some(Family::Counter),
                (Some("_count" | "_sum"), Family::Histogram | Family::Summary) => Some(Family::Counter),
                _ => total.family,
            };
        }
    }
}

impl Total {
    /// What it is: as declared, else as its samples and its name tell.
    pub fn kind(&self, name: &str) -> Family {
        let counts = ["_total", "_count", "_sum"].iter().any(|end| name.ends_with(end));
        match self.family {
            Some(Family::Other) | None if !self.buckets.is_empty() => Family::Histogram,
            Some(Family::Other) | None if counts => Family::Counter,
            Some(family) => family,
            None => Family::Other,
        }
    }

    /// Whether the page had anything of it.
    pub fn is_there(&self) -> bool {
        self.value.is_some() || self.count.is_some() || !self.buckets.is_empty() || !self.quantiles.is_empty()
    }

    fn add(&mut self, part: Part, sample: &Sample<'_>) {
        let value = sample.value;
        if value.is_nan() {
            return;
        }
        let bound = |label: &str| sample.label(label).and_then(number).filter(|bound| !bound.is_nan());
        match part {
            Part::Count => self.count = Some(self.count.unwrap_or_default() + value),
            Part::Bucket => {
                if let Some(bound) = bound("le") {
                    self.at_bound(bound, value);
                }
            }
            Part::Value if self.family == Some(Family::Summary) => {
                if let Some(quantile) = bound("quantile") {
                    let worst = |kept: f64| kept.max(value);
                    insert(&mut self.quantiles, quantile, value, worst);
                }
            }
            Part::Total if self.family != Some(Family::Counter) => {}
            Part::Value | Part::Total => self.value = Some(self.value.unwrap_or_default() + value),
        }
    }

    fn at_bound(&mut self, bound: f64, value: f64) {
        if self.overfull {
            return;
        }
        insert(&mut self.buckets, bound, value, |kept| kept + value);
        if self.buckets.len() > BUCKET_LIMIT {
            self.overfull = true;
            self.buckets.clear();
        }
    }
}

/// Puts `value` at its place in `list`, or merges it with the one that is there.
fn insert(list: &mut Vec<(f64, f64)>, at: f64, value: f64, merge: impl FnOnce(f64) -> f64) {
    // Pages tell them in ascending order, so that the place is nearly always the end.
    let place = list.partition_point(|(other, _)| *other < at);
    let has_room = list.len() <= BUCKET_LIMIT;
    match list.get_mut(place) {
        Some((other, kept)) if *other == at => *kept = merge(*kept),
        Some(_) | None if has_room => list.insert(place, (at, value)),
        Some(_) | None => {}
    }
}

/// Which part of the metric `wanted` a sample called `name` is.
fn part(wanted: &str, name: &str) -> Option<Part> {
    match name.strip_prefix(wanted)? {
        "" => Some(Part::Value),
        "_total" => Some(Part::Total),
        "_count" => Some(Part::Count),
        "_bucket" => Some(Part::Bucket),
        _ => None,
    }
}

fn has_labels(sample: &Sample<'_>, labels: &BTreeMap<String, String>) -> bool {
    labels
        .iter()
        .all(|(name, value)| sample.label(name) == Some(value.as_str()))
}
