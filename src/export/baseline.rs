//! A baseline as a document, `probetop.baseline/v1`, written and read: what was measured in a stretch of time, step by step.
//!
//! Numbers carry their unit in the name; what was not measured is `null`, never 0. Fields may be added within a version,
//! none changes its meaning or goes; unknown ones are passed over.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::{Micros, Point, Purpose, Text};
use probetop_core::snapshot::{HOST_FIGURES, Side, Spreads, Stretch, StretchTarget};
use serde::{Deserialize, Serialize};

use super::json::rfc3339;

/// Name and version of the document.
pub const SCHEMA: &str = "probetop.baseline/v1";

/// Steps are minutes at most, of a day.
const STEP_LIMIT_S: u64 = 24 * 60 * 60;

/// More is not a stretch of time that was kept.
const POINTS_LIMIT: usize = 1_000;

/// Why a document is not a baseline. `Display` says what, and after a semicolon the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line and column from 1, where there is one place.
    pub place: Option<(usize, usize)>,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    probetop: String,
    from: String,
    to: String,
    step_s: u64,
    targets: Vec<Target>,
    /// What was read of each gauge, oldest first.
    host: BTreeMap<String, Vec<f32>>,
}

#[derive(Serialize, Deserialize)]
struct Target {
    name: String,
    url: String,
    kind: String,
    #[serde(default)]
    latency: Latency,
    points: Points,
}

/// Of all probes together.
#[derive(Default, Serialize, Deserialize)]
struct Latency {
    p50_us: Option<u32>,
    p95_us: Option<u32>,
    p99_us: Option<u32>,
}

/// Column by column, oldest first.
#[derive(Default, Serialize, Deserialize)]
struct Points {
    attempts: Vec<u32>,
    failed: Vec<u32>,
    p50_us: Vec<Option<u32>>,
    p95_us: Vec<Option<u32>>,
    p99_us: Vec<Option<u32>>,
    /// The latencies of each step, shortest first, and how many there were of each. Documents of before have none.
    #[serde(default)]
    latency_us: Vec<Vec<u32>>,
    #[serde(default)]
    latency_count: Vec<Vec<u32>>,
}

/// The document on one line.
pub fn write(stretch: &Stretch) -> Vec<u8> {
    let gauges = HOST_FIGURES
        .iter()
        .zip(&stretch.host)
        .filter(|(_, read)| !read.is_empty());
    let document = Document {
        schema: SCHEMA.to_owned(),
        probetop: env!("CARGO_PKG_VERSION").to_owned(),
        from: rfc3339(stretch.side.from),
        to: rfc3339(stretch.side.to()),
        step_s: stretch.step.as_secs(),
        targets: stretch.targets.iter().map(Target::of).collect(),
        host: gauges
            .map(|(figure, read)| (figure.key.to_owned(), read.clone()))
            .collect(),
    };
    let mut bytes = serde_json::to_vec(&document).expect("a document of numbers, texts and maps with text keys");
    bytes.push(b'\n');
    bytes
}

/// Reads what [`write()`] wrote; `file` is what the baseline is called from now on.
///
/// # Errors
/// It is not JSON, another document, or what it says does not fit together.
pub fn read(bytes: &[u8], file: Text) -> Result<Stretch, Fault> {
    check_schema(bytes)?;
    let document: Document = serde_json::from_slice(bytes).map_err(|error| no_json(&error))?;
    let whole = |message: String| Fault { place: None, message };
    let time = |name: &str, text: &str| {
        humantime::parse_rfc3339(text)
            .map_err(|_| whole(format!("{name} is {text:?}; use a time such as 2026-11-20T12:00:00Z")))
    };
    let (from, to) = (time("from", &document.from)?, time("to", &document.to)?);
    let length = to.duration_since(from).unwrap_or_default();
    if length < Duration::from_secs(1) {
        return Err(whole(format!("to is not after from; {AGAIN}")));
    }
    if !(1..=STEP_LIMIT_S).contains(&document.step_s) {
        return Err(whole(format!("step_s is {}; {AGAIN}", document.step_s)));
    }
    let targets: Result<_, Fault> = document
        .targets
        .iter()
        .map(|target| target.read().map_err(whole))
        .collect();
    let mut gauges = document.host;
    let mut read = |key| {
        let mut values: Vec<f32> = gauges.remove(key).unwrap_or_default();
        values.truncate(POINTS_LIMIT);
        values.retain(|value| value.is_finite());
        values
    };
    Ok(Stretch {
        side: Side {
            from,
            // Labels alone have parts of a second.
            length: Duration::from_secs(length.as_secs()),
            file: Some(file),
        },
        step: Duration::from_secs(document.step_s),
        targets: targets?,
        host: HOST_FIGURES.map(|figure| read(figure.key)),
    })
}

/// What helps where nobody knows what a file is.
const AGAIN: &str = "write the baseline again: `run --save-baseline`, or e, then b on the screen";

/// A snapshot that is mistaken for a baseline is told by its name, not by what it lacks.
fn check_schema(bytes: &[u8]) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| no_json(&error))?;
    let message = match head.schema.as_deref() {
        Some(SCHEMA) => return Ok(()),
        Some(other) => format!("its schema is {:?}, not {SCHEMA:?}; {AGAIN}", Text::clean(other)),
        None => format!("it has no schema, where {SCHEMA:?} is expected; {AGAIN}"),
    };
    Err(Fault { place: None, message })
}

fn no_json(error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    // The place stands before the message already.
    let message = message.split(" at line ").next().unwrap_or_default();
    Fault {
        place: Some((error.line().max(1), error.column().max(1))),
        message: format!("{}; {AGAIN}", Text::clean(message)),
    }
}

impl Target {
    fn of(target: &StretchTarget) -> Self {
        let latency = |of: fn(&Point) -> Option<Micros>| -> Vec<_> {
            let points = target.points.iter();
            points.map(|point| of(point).map(|latency| latency.0)).collect()
        };
        let spreads = target.spreads.iter();
        let (latency_us, latency_count) = spreads
            .map(|step| step.iter().map(|(latency, count)| (latency.0, *count)).unzip())
            .unzip();
        Self {
            name: target.name.to_string(),
            url: target.url.to_string(),
            kind: target.kind.to_string(),
            latency: Latency::of(target.latency),
            points: Points {
                attempts: target.points.iter().map(|point| point.attempts).collect(),
                failed: target.points.iter().map(|point| point.failed).collect(),
                p50_us: latency(|point| point.p50),
                p95_us: latency(|point| point.p95),
                p99_us: latency(|point| point.p99),
                latency_us,
                latency_count,
            },
        }
    }

    fn read(&self) -> Result<StretchTarget, String> {
        let points = &self.points;
        let count = points.attempts.len();
        let name = Text::clean(&self.name);
        let lengths = [
            points.failed.len(),
            points.p50_us.len(),
            points.p95_us.len(),
            points.p99_us.len(),
        ];
        if lengths.iter().any(|length| *length != count) || count > POINTS_LIMIT {
            return Err(format!(
                "target {name:?}: its points are not as many in every column, or more than {POINTS_LIMIT}; {AGAIN}"
            ));
        }
        let Some(spreads) = points.spreads() else {
            return Err(format!(
                "target {name:?}: its latencies are not as many as their counts in every step, or not in order; {AGAIN}"
            ));
        };
        let point = |at: usize| Point {
            attempts: points.attempts[at],
            failed: points.failed[at].min(points.attempts[at]),
            p50: points.p50_us[at].map(Micros),
            p95: points.p95_us[at].map(Micros),
            p99: points.p99_us[at].map(Micros),
            min: None,
            max: None,
        };
        Ok(StretchTarget {
            id: None,
            name,
            url: Text::clean(&self.url),
            kind: Text::clean(&self.kind),
            purpose: Purpose::default(),
            points: (0..count).map(point).collect(),
            spreads: Arc::new(spreads),
            latency: self.latency.read(),
        })
    }
}

impl Points {
    /// `None` where lists do not fit together.
    fn spreads(&self) -> Option<Spreads> {
        let mut spreads = Spreads::default();
        if self.latency_us.is_empty() {
            (0..self.attempts.len()).for_each(|at| spreads.push(self.only_latency(at)));
            return Some(spreads);
        }
        let fits = |steps: &[Vec<u32>]| steps.len() == self.attempts.len();
        if !fits(&self.latency_us) || !fits(&self.latency_count) {
            return None;
        }
        for (latencies, counts) in self.latency_us.iter().zip(&self.latency_count) {
            if latencies.len() != counts.len() || !latencies.is_sorted() {
                return None;
            }
            spreads.push(latencies.iter().map(|us| Micros(*us)).zip(counts.iter().copied()));
        }
        Some(spreads)
    }

    /// A document of before tells the latencies of a step only where there was one.
    fn only_latency(&self, at: usize) -> Option<(Micros, u32)> {
        let is_one = self.attempts[at].saturating_sub(self.failed[at]) == 1;
        self.p50_us[at].filter(|_| is_one).map(|us| (Micros(us), 1))
    }
}

impl Latency {
    fn of(figures: [Option<Micros>; 3]) -> Self {
        let [p50_us, p95_us, p99_us] = figures.map(|figure| figure.map(|latency| latency.0));
        Self { p50_us, p95_us, p99_us }
    }

    fn read(&self) -> [Option<Micros>; 3] {
        [self.p50_us, self.p95_us, self.p99_us].map(|figure| figure.map(Micros))
    }
}

#[cfg(test)]
mod tests;
