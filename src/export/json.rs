//! The snapshot document, `probetop.snapshot/v1`.
//!
//! Numbers carry their unit in the name; what cannot be known is `null`, never 0. Fields may be added within a version,
//! none changes its meaning or goes.

mod alert;
mod analysis;
mod channel;
mod comparison;
mod figures;
mod health;
mod host;
mod objective;
mod target;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::SystemTime;

use analysis::AnalysisDocument;
use channel::ChannelDocument;
use comparison::ComparisonDocument;
use figures::Figures;
use probetop_core::clock::Timestamp;
use probetop_core::sample::Mark;
use probetop_core::snapshot::{Snapshot, Store};
use serde::{Serialize, Serializer};
use target::TargetDocument;

/// Name and version of the document.
pub const SCHEMA: &str = "probetop.snapshot/v1";

/// The document on one line, for streams of them.
pub fn line(snapshot: &Snapshot) -> Vec<u8> {
    serde_json::to_vec(&Document::of(snapshot)).expect("a document of numbers, texts and maps with text keys")
}

/// The document on one line, written target by target: of ten thousand targets it has 50 MB, which no memory need hold.
///
/// # Errors
/// As the writer gives them.
pub fn write_line(snapshot: &Snapshot, writer: &mut dyn Write) -> io::Result<()> {
    Ok(serde_json::to_writer(writer, &Document::of(snapshot))?)
}

/// As [`write_line`], with line breaks, for files and people.
///
/// # Errors
/// As the writer gives them.
pub fn write_pretty(snapshot: &Snapshot, writer: &mut dyn Write) -> io::Result<()> {
    Ok(serde_json::to_writer_pretty(writer, &Document::of(snapshot))?)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    probetop: &'static str,
    taken_at: String,
    started_at: String,
    uptime_s: f64,
    health: Option<serde_json::Value>,
    targets: Targets<'a>,
    host: Option<serde_json::Value>,
    alerts: Vec<serde_json::Value>,
    causes: Vec<serde_json::Value>,
    silences: Vec<serde_json::Value>,
    analysis: AnalysisDocument<'a>,
    objectives: Vec<serde_json::Value>,
    marks: Vec<MarkDocument<'a>>,
    channels: Vec<ChannelDocument<'a>>,
    comparison: Option<ComparisonDocument<'a>>,
    monitor: MonitorDocument,
}

impl<'a> Document<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let time = |at: Timestamp| rfc3339(snapshot.wall(at));
        let marks = snapshot.marks.iter().filter(|mark| mark.at <= snapshot.taken);
        Self {
            schema: SCHEMA,
            probetop: env!("CARGO_PKG_VERSION"),
            taken_at: time(snapshot.taken),
            started_at: time(Timestamp::ZERO),
            uptime_s: seconds(snapshot.taken),
            health: snapshot.health.as_deref().map(health::document),
            targets: Targets(snapshot),
            host: snapshot.host.as_ref().map(|host| host::document(host, &time)),
            marks: marks.map(|mark| MarkDocument::of(mark, &time)).collect(),
            alerts: alert::alerts(snapshot),
            causes: alert::causes(snapshot),
            silences: alert::silences(snapshot),
            analysis: AnalysisDocument::of(&snapshot.analysis, &time),
            objectives: snapshot.objectives.iter().map(objective::document).collect(),
            channels: snapshot
                .channels
                .iter()
                .map(|channel| ChannelDocument::of(channel, &time))
                .collect(),
            comparison: snapshot.comparison.as_deref().map(ComparisonDocument::of),
            monitor: MonitorDocument::of(snapshot),
        }
    }
}

/// Each is made when its turn to be written comes, and gone when the next one's does.
struct Targets<'a>(&'a Snapshot);

impl Serialize for Targets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(snapshot) = self;
        let time = |at: Timestamp| rfc3339(snapshot.wall(at));
        let document = |target| TargetDocument::of(target, &time);
        serializer.collect_seq(snapshot.targets.iter().map(document))
    }
}

#[derive(Serialize)]
struct MarkDocument<'a> {
    at: String,
    label: &'a str,
    origin: &'static str,
}

impl<'a> MarkDocument<'a> {
    fn of(mark: &'a Mark, time: &impl Fn(Timestamp) -> String) -> Self {
        Self {
            at: time(mark.at),
            label: mark.label.as_str(),
            origin: mark.origin.name(),
        }
    }
}

#[derive(Serialize)]
struct MonitorDocument {
    cpu_ratio: Option<f64>,
    rss_bytes: Option<u64>,
    targets: usize,
    steps: usize,
    samples_total: u64,
    failed_samples_total: u64,
    dropped_samples_total: u64,
    overruns_total: u64,
    cut_off_total: u64,
    history_s: Option<f64>,
    history_bytes: u64,
    stores: BTreeMap<&'static str, StoreDocument>,
    lag_us: Figures,
}

#[derive(Serialize)]
struct StoreDocument {
    held: u64,
    limit: u64,
}

impl MonitorDocument {
    fn of(snapshot: &Snapshot) -> Self {
        let (monitor, steps) = (&snapshot.monitor, snapshot.steps());
        let oldest = monitor.history.oldest;
        let stores = monitor.stores.iter();
        let stores = stores.map(|&Store { name, held, limit }| (name, StoreDocument { held, limit }));
        Self {
            history_s: oldest.map(|oldest| snapshot.now.since(oldest).as_secs_f64()),
            history_bytes: monitor.history.bytes,
            stores: stores.collect(),
            cpu_ratio: monitor.own.cpu_ratio,
            rss_bytes: monitor.own.rss_bytes,
            targets: snapshot.targets.len() - steps,
            steps,
            samples_total: monitor.samples_total,
            failed_samples_total: monitor.failed_total,
            dropped_samples_total: monitor.dropped_total,
            overruns_total: monitor.overruns_total,
            cut_off_total: monitor.cut_off_total,
            lag_us: Figures::lag(monitor.lag),
        }
    }
}

pub(super) fn rfc3339(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

/// To the millisecond: more digits say nothing.
fn seconds(at: Timestamp) -> f64 {
    (at.since_origin().as_millis() as f64) / 1000.0
}
