//! What is wanted of a page, collected line by line: memory grows with what was asked for, never with the page.

use std::collections::BTreeMap;

use super::quantile::Bucket;
use super::settings::SeriesSettings;
use super::text::{Family, Line, Malformed, Sample, number};

/// Buckets of one histogram, or quantiles of one summary; a histogram with more has no quantiles.
const BUCKET_LIMIT: usize = 512;

/// Samples kept of one page, some 150 bytes each: a page at its usual limit has about as many. A name with more series
/// than fit tells nothing, because a sum of some of them is not a sum.
const KEPT_LIMIT: usize = 50_000;

/// What one page says of the series that were chosen, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    pub totals: Vec<Total>,
    /// Samples on the page, wanted or not.
    pub samples: u64,
    /// Lines read so far.
    pub lines: u64,
    /// Lines that are none of the format, of nothing that was asked for.
    pub unreadable: Unreadable,
    kept: usize,
}

/// Lines that could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unreadable {
    pub count: u64,
    /// The number of the first one, and what it has.
    pub first: Option<(u64, Malformed)>,
    /// Whether the page had nothing to be read before it.
    pub at_the_start: bool,
}

/// Everything a page says of one chosen name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    pub family: Option<Family>,
    /// Each series that matches, by its labels.
    pub series: BTreeMap<Box<str>, Series>,
    /// Quantiles that a summary tells itself, ascending; of several series the worst, as they cannot be added up.
    pub quantiles: Vec<(f64, f64)>,
    /// A series stands on the page twice; the first of its values counts.
    pub is_there_twice: bool,
    /// More series matched than are kept, or a histogram has more buckets.
    pub is_overfull: bool,
}

/// What one series says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub value: Option<f64>,
    /// Observations of a histogram or summary.
    pub count: Option<f64>,
    /// Ascending by their bounds.
    pub buckets: Vec<Bucket>,
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
            ..Self::default()
        }
    }

    /// Takes the next line of the page in. A line that cannot be read, and that nobody asked for, is counted.
    ///
    /// # Errors
    /// The line is none of the format, and of something that was asked for.
    pub fn line(&mut self, wanted: &[SeriesSettings], line: &str) -> Result<(), Malformed> {
        self.lines += 1;
        let unread = match Line::read(line) {
            Ok(Line::Nothing) => return Ok(()),
            Ok(Line::Type { name, family }) => {
                self.declare(wanted, &name, family);
                return Ok(());
            }
            Ok(Line::Sample(unread)) => unread,
            Err(malformed) => {
                self.miss(malformed);
                return Ok(());
            }
        };
        self.samples += 1;
        let parts = wanted.iter().map(|series| part(&series.name, &unread.name));
        let parts: Vec<_> = parts.collect();
        if parts.iter().all(Option::is_none) {
            return Ok(());
        }
        let sample = unread.sample()?;
        for ((total, series), part) in self.totals.iter_mut().zip(wanted).zip(parts) {
            let Some(part) = part.filter(|_| has_labels(&sample, &series.labels)) else {
                continue;
            };
            if self.kept == KEPT_LIMIT {
                total.is_overfull = true;
            } else {
                self.kept += 1;
                total.add(part, &sample);
            }
        }
        Ok(())
    }

    /// What was asked for and is not there.
    pub fn is_empty(&self) -> bool {
        !self.totals.iter().any(Total::is_there)
    }

    fn miss(&mut self, malformed: Malformed) {
        let unreadable = &mut self.unreadable;
        unreadable.count += 1;
        if unreadable.first.is_none() {
            unreadable.first = Some((self.lines, malformed));
            unreadable.at_the_start = self.samples == 0;
        }
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
        let has_buckets = || self.series.values().any(|series| !series.buckets.is_empty());
        match self.family {
            Some(Family::Other) | None if has_buckets() => Family::Histogram,
            Some(Family::Other) | None if counts => Family::Counter,
            Some(family) => family,
            None => Family::Other,
        }
    }

    /// Whether the page had anything of it.
    pub fn is_there(&self) -> bool {
        !self.series.is_empty() || !self.quantiles.is_empty() || self.is_overfull
    }

    /// The values of all series, added up.
    pub fn value(&self) -> Option<f64> {
        let values = self.series.values().filter_map(|series| series.value);
        values.reduce(|sum, value| sum + value)
    }

    fn add(&mut self, part: Part, sample: &Sample<'_>) {
        let value = sample.value;
        if value.is_nan() {
            return;
        }
        let bound = |label: &str| sample.label(label).and_then(number).filter(|bound| !bound.is_nan());
        let is_new = match part {
            Part::Count => put(&mut self.of(sample).count, value),
            Part::Bucket => match bound("le") {
                Some(bound) => self.at_bound(sample, bound),
                None => return,
            },
            Part::Value if self.family == Some(Family::Summary) => {
                if let Some(quantile) = bound("quantile") {
                    self.at_quantile(quantile, value);
                }
                return;
            }
            Part::Total if self.family != Some(Family::Counter) => return,
            Part::Value | Part::Total => put(&mut self.of(sample).value, value),
        };
        self.is_there_twice |= !is_new;
    }

    /// The series that a sample is of. The bound of a bucket does not tell series apart.
    fn of(&mut self, sample: &Sample<'_>) -> &mut Series {
        let labels = sample.labels.iter().filter(|(name, _)| name != "le");
        let mut labels: Vec<_> = labels.map(|(name, value)| format!("{name:?}={value:?}")).collect();
        labels.sort_unstable();
        self.series.entry(labels.join(",").into()).or_default()
    }

    /// Whether the bucket was not there before.
    fn at_bound(&mut self, sample: &Sample<'_>, bound: f64) -> bool {
        let buckets = &mut self.of(sample).buckets;
        // Pages tell them in ascending order, so that the place is nearly always the end.
        let place = buckets.partition_point(|(other, _)| *other < bound);
        if buckets.get(place).is_some_and(|(other, _)| *other == bound) {
            return false;
        }
        if buckets.len() == BUCKET_LIMIT {
            self.is_overfull = true;
        } else {
            buckets.insert(place, (bound, sample.value));
        }
        true
    }

    fn at_quantile(&mut self, quantile: f64, value: f64) {
        let place = self.quantiles.partition_point(|(other, _)| *other < quantile);
        let has_room = self.quantiles.len() < BUCKET_LIMIT;
        match self.quantiles.get_mut(place) {
            Some((other, kept)) if *other == quantile => *kept = kept.max(value),
            Some(_) | None if has_room => self.quantiles.insert(place, (quantile, value)),
            Some(_) | None => self.is_overfull = true,
        }
    }
}

/// Whether there was nothing before: of two values of one series the first counts, as Prometheus has it.
fn put(place: &mut Option<f64>, value: f64) -> bool {
    let is_new = place.is_none();
    place.get_or_insert(value);
    is_new
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
