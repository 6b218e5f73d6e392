//! A page of metrics that a service offers to Prometheus: chosen series become gauges, so that what the server says of
//! itself stands beside what the probe measures.

mod collection;
mod figures;
mod quantile;
mod settings;
mod text;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use schemars::SchemaGenerator;
use serde::Deserialize as _;
use toml::Table;
use url::Url;

use super::earlier::Earlier;
use super::kind::{self, Kind, KindGauge, KindSettings, Means, TargetKind};
use super::page::{Page, http_url};
use super::{Attempt, Probe};
use crate::clock::{Clock, Timestamp};
use crate::sample::{Answer, Fact, Gauge, Phase};
use crate::setting::Finding;

pub use collection::{Collection, Total};
pub use figures::gauges;
pub use quantile::{Bucket, growth, of_buckets};
pub use settings::{SERIES_LIMIT, SeriesSettings, Settings};
pub use text::{Family, Line, Malformed, Sample, Unread};

/// Lines that are read in one go: other probes share the thread, and their latency would grow by a long page.
const LINES_AT_ONCE: usize = 500;

pub static KIND: Kind = Kind {
    name: "prometheus",
    schemes: &["prometheus", "prometheus+https"],
    about: "a page of metrics in Prometheus' text format, over HTTP or HTTPS",
    example: "prometheus://db.example:9187/metrics",
    phases: &Phase::HTTP,
    gauges: &[KindGauge {
        name: PAGE_SAMPLES,
        about: "samples on the page, wanted or not",
        levels: None,
    }],
    read: |keys| Settings::deserialize(keys).map(TargetKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
};

const PAGE_SAMPLES: &str = "page_samples";

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self, url: &Url) -> Vec<Finding> {
        let mut findings = self.findings(url);
        findings.extend(
            http_url(url, None, "/metrics")
                .err()
                .map(|message| Finding::new("url", message)),
        );
        findings
    }

    fn probe(&self, url: &Url, means: Means<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Prometheus::try_new(url, self, means)?))
    }

    fn table(&self) -> Table {
        kind::table_of(self)
    }
}

/// Reads one page.
pub struct Prometheus {
    clock: Clock,
    page: Page,
    wanted: Vec<SeriesSettings>,
    earlier: Earlier<Collection>,
}

impl Prometheus {
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(url: &Url, settings: &Settings, means: Means<'_>) -> Result<Self, String> {
        let url = http_url(url, None, "/metrics")?;
        Ok(Self {
            clock: means.clock.clone(),
            page: Page::try_new(means, &url, settings.manner())?,
            wanted: settings.chosen(),
            earlier: Earlier::default(),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut reading = self.page.read(deadline).await;
        let now = self.clock.now();
        if !reading.attempt.outcome.is_ok() {
            return reading.attempt;
        }
        let body = std::mem::take(&mut reading.body);
        match collect(&self.wanted, &body).await {
            Ok(collection) => {
                if let Some(answer) = &mut reading.attempt.answer {
                    self.tell(now, collection, answer);
                }
            }
            Err(message) => reading.refuse(message),
        }
        reading.attempt
    }

    fn tell(&self, now: Timestamp, collection: Collection, answer: &mut Answer) {
        answer.gauges.push(Gauge::new(PAGE_SAMPLES, collection.samples as f64));
        let absent = self
            .wanted
            .iter()
            .zip(&collection.totals)
            .filter(|(_, total)| !total.is_there());
        let absent: Vec<_> = absent.map(|(series, _)| series.name.as_str()).collect();
        if !absent.is_empty() {
            answer.facts.push(Fact {
                name: "absent_series",
                value: absent.join(", ").into(),
            });
        }
        let alone = self.gauges(&collection, None);
        let compared = self.earlier.compare(now, collection, |before, after, elapsed| {
            self.gauges(after, Some((before, elapsed)))
        });
        answer.gauges.extend(compared.unwrap_or(alone));
    }

    fn gauges(&self, now: &Collection, before: Option<(&Collection, Duration)>) -> Vec<Gauge> {
        let each = self.wanted.iter().zip(&now.totals).enumerate();
        each.flat_map(|(index, (series, total))| {
            let before = before.and_then(|(before, elapsed)| Some((before.totals.get(index)?, elapsed)));
            gauges(series, total, before)
        })
        .collect()
    }
}

/// # Errors
/// Names the first line that is none of the format.
async fn collect(wanted: &[SeriesSettings], page: &[u8]) -> Result<Collection, String> {
    let mut collection = Collection::of(wanted);
    for (number, line) in (1_usize..).zip(page.split(|byte| *byte == b'\n')) {
        let line = str::from_utf8(line).map_err(|_| format!("line {number} of the page is no text"))?;
        let read = collection.line(wanted, line);
        read.map_err(|malformed| format!("no page of metrics: line {number} has {malformed}"))?;
        if number.is_multiple_of(LINES_AT_ONCE) {
            tokio::task::yield_now().await;
        }
    }
    Ok(collection)
}

impl Probe for Prometheus {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}
