//! A page of metrics that a service offers to Prometheus: chosen series become gauges, so that what the server says of
//! itself stands beside what the probe measures.

mod collection;
mod figures;
mod growth;
mod quantile;
mod settings;
mod text;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Fact, Gauge, Phase, Purpose};
use probetop_core::setting::Finding;
use url::Url;

use super::earlier::Earlier;
use super::kind::{Kind, KindGauge, KindSettings, ProbeContext};
use super::page::{Page, http_url};
use super::{Attempt, Probe};

pub use collection::{Collection, Series, Total, Unreadable};
pub use figures::gauges;
pub use quantile::{Bucket, of_buckets};
pub use settings::{SERIES_LIMIT, SeriesSettings, Settings};
pub use text::{Family, Line, Malformed, Sample, Unread};

pub static KIND: Kind = Kind {
    name: "prometheus",
    schemes: &["prometheus", "prometheus+https"],
    about: "a page of metrics in Prometheus' text format, over HTTP or HTTPS",
    example: "prometheus://db.example:9187/metrics",
    purpose: Purpose::Figures,
    phases: &Phase::HTTP,
    gauges: &[KindGauge::told(PAGE_SAMPLES, "samples on the page, wanted or not")],
    ..Kind::of::<Settings>()
};

const PAGE_SAMPLES: &str = "page_samples";

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        self.findings(url)
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Prometheus::try_new(url, self, context)?))
    }
}

/// Reads one page.
pub struct Prometheus {
    clock: Clock,
    page: Page,
    reader: Arc<Reader>,
}

/// Makes figures of one page after the other.
struct Reader {
    wanted: Vec<SeriesSettings>,
    earlier: Earlier<Collection>,
}

impl Prometheus {
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(url: &Url, settings: &Settings, context: ProbeContext<'_>) -> Result<Self, String> {
        let url = http_url(url, None, "/metrics")?;
        Ok(Self {
            clock: context.clock.clone(),
            page: Page::try_new(context, &url, settings.page_settings())?,
            reader: Arc::new(Reader {
                wanted: settings.chosen(),
                earlier: Earlier::default(),
            }),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut reading = self.page.read(deadline).await;
        let now = self.clock.now();
        let reader = Arc::clone(&self.reader);
        let told = reading.parse(move |page| {
            let collection = collect(&reader.wanted, page)?;
            Ok(reader.tell(now, collection))
        });
        if let (Some((gauges, facts)), Some(answer)) = (told.await, &mut reading.attempt.answer) {
            answer.gauges.extend(gauges);
            answer.facts.extend(facts);
        }
        reading.attempt
    }
}

impl Reader {
    fn tell(&self, now: Timestamp, collection: Collection) -> (Vec<Gauge>, Vec<Fact>) {
        let mut gauges = vec![Gauge::new(PAGE_SAMPLES, collection.samples as f64)];
        let facts = self.facts(&collection);
        let alone = self.gauges(&collection, None);
        let compared = self.earlier.compare(now, collection, |before, after, elapsed| {
            self.gauges(after, Some((before, elapsed)))
        });
        gauges.extend(compared.unwrap_or(alone));
        (gauges, facts)
    }

    /// What about the page should be known by those who look at its figures.
    fn facts(&self, collection: &Collection) -> Vec<Fact> {
        let named = |name: &'static str, is_meant: fn(&Total) -> bool| {
            let each = self.wanted.iter().zip(&collection.totals);
            let meant: Vec<_> = each
                .filter(|(_, total)| is_meant(total))
                .map(|(series, _)| series.name.as_str())
                .collect();
            (!meant.is_empty()).then(|| Fact {
                name: name.into(),
                value: meant.join(", ").into(),
            })
        };
        let unreadable = collection.unreadable;
        let unread = unreadable.first.map(|(line, malformed)| Fact {
            name: "unreadable_lines".into(),
            value: format!("{}, the first is line {line}, which has {malformed}", unreadable.count).into(),
        });
        let facts = [
            named("absent_series", |total| !total.is_there()),
            named("repeated_series", |total| total.is_there_twice),
            named("too_many_series", |total| total.is_overfull),
            unread,
        ];
        facts.into_iter().flatten().collect()
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
/// The page is none of metrics, or a line of what was asked for cannot be read: names the line.
fn collect(wanted: &[SeriesSettings], page: &[u8]) -> Result<Collection, String> {
    let page = page.strip_prefix(BYTE_ORDER_MARK).unwrap_or(page);
    let mut collection = Collection::of(wanted);
    for line in page.split(|byte| *byte == b'\n') {
        // What is no UTF-8 is replaced: it is a label of somebody's, and the line says something all the same.
        let read = collection.line(wanted, &String::from_utf8_lossy(line));
        read.map_err(|malformed| refusal(collection.lines, malformed))?;
    }
    match collection.unreadable {
        // A login page may well have lines that read like samples, but it begins as no page of metrics does.
        Unreadable {
            first: Some((line, malformed)),
            at_the_start: true,
            ..
        } if collection.is_empty() => Err(refusal(line, malformed)),
        Unreadable { .. } => Ok(collection),
    }
}

fn refusal(line: u64, malformed: Malformed) -> String {
    format!("no page of metrics: line {line} has {malformed}")
}

impl Probe for Prometheus {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}
