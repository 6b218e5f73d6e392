//! The document of a load run, `probetop.load/v1`.
//!
//! Numbers carry their unit in the name; what cannot be known is `null`, never 0. A quantile that the share of failures
//! reaches into is the text `>=5s`: there is no number.

use std::collections::BTreeMap;

use probetop_core::profile::{Model, Pause, Profile, StagePurpose};
use probetop_core::sample::load::LoadFailure;
use probetop_core::sample::{Micros, Phase};
use probetop_core::snapshot::load::{
    Completeness, Generator, LoadFigures, LoadReport, LoadStage, Reading, Spread, ThresholdOutcome, ThresholdReport,
};
use serde::{Serialize, Serializer};

use crate::export::json::rfc3339;

/// Name and version of the document.
pub const SCHEMA: &str = "probetop.load/v1";

/// The document on one line, with its end.
pub fn line(report: &LoadReport) -> Vec<u8> {
    let document = serde_json::to_vec(&Document::of(report));
    ended(document.expect("a document of numbers, texts and maps with text keys"))
}

/// With line breaks, for files and people.
pub fn pretty(report: &LoadReport) -> Vec<u8> {
    let document = serde_json::to_vec_pretty(&Document::of(report));
    ended(document.expect("a document of numbers, texts and maps with text keys"))
}

pub(super) fn ended(mut document: Vec<u8>) -> Vec<u8> {
    document.push(b'\n');
    document
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    probetop: &'static str,
    started_at: String,
    elapsed_s: f64,
    partial: bool,
    verdict: &'static str,
    request: &'a str,
    profile: ProfileDocument,
    timeout_s: f64,
    workers: u16,
    connections_limit: u32,
    thresholds: Vec<ThresholdDocument<'a>>,
    whole: FiguresDocument<'a>,
    stages: Vec<StageDocument<'a>>,
    generator: GeneratorDocument<'a>,
}

impl<'a> Document<'a> {
    fn of(report: &'a LoadReport) -> Self {
        Self {
            schema: SCHEMA,
            probetop: env!("CARGO_PKG_VERSION"),
            started_at: rfc3339(report.began),
            elapsed_s: report.elapsed.as_secs_f64(),
            partial: report.completeness == Completeness::Partial,
            verdict: report.verdict.name(),
            request: report.request.as_str(),
            profile: ProfileDocument::of(&report.profile),
            timeout_s: report.timeout.as_secs_f64(),
            workers: report.workers,
            connections_limit: report.connections,
            thresholds: report.thresholds.iter().map(ThresholdDocument::of).collect(),
            whole: FiguresDocument::of(&report.whole),
            stages: report.stages.iter().map(StageDocument::of).collect(),
            generator: GeneratorDocument::of(&report.generator),
        }
    }
}

#[derive(Serialize)]
struct ProfileDocument {
    model: &'static str,
    /// What the levels of stages count.
    unit: &'static str,
    length_s: f64,
    requests: Option<u64>,
    think_s: Option<f64>,
    pacing_s: Option<f64>,
}

impl ProfileDocument {
    fn of(profile: &Profile) -> Self {
        let (model, unit) = match profile.model {
            Model::Open => ("open", "requests_per_s"),
            Model::Closed(_) => ("closed", "users"),
        };
        let (think, pacing) = match profile.model {
            Model::Closed(Pause::Think(time)) => (Some(time), None),
            Model::Closed(Pause::Pacing(period)) => (None, Some(period)),
            Model::Open | Model::Closed(Pause::None) => (None, None),
        };
        Self {
            model,
            unit,
            length_s: profile.length().as_secs_f64(),
            requests: profile.sends(),
            think_s: think.map(|time| time.as_secs_f64()),
            pacing_s: pacing.map(|period| period.as_secs_f64()),
        }
    }
}

#[derive(Serialize)]
struct ThresholdDocument<'a> {
    condition: &'a str,
    value: &'a str,
    outcome: &'static str,
}

impl<'a> ThresholdDocument<'a> {
    fn of(threshold: &'a ThresholdReport) -> Self {
        Self {
            condition: threshold.condition.as_str(),
            value: threshold.value.as_str(),
            outcome: match threshold.outcome {
                ThresholdOutcome::Kept => "kept",
                ThresholdOutcome::Broken => "broken",
                ThresholdOutcome::Unknown => "unknown",
            },
        }
    }
}

#[derive(Serialize)]
struct StageDocument<'a> {
    warm_up: bool,
    from: f64,
    to: f64,
    figures: FiguresDocument<'a>,
}

impl<'a> StageDocument<'a> {
    fn of(stage: &'a LoadStage) -> Self {
        Self {
            warm_up: stage.purpose == StagePurpose::WarmUp,
            from: stage.from.as_f64(),
            to: stage.to.as_f64(),
            figures: FiguresDocument::of(&stage.figures),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FiguresDocument<'a> {
    length_s: f64,
    lasted_s: f64,
    offered: u64,
    offered_per_s: Option<f64>,
    blocked: u64,
    requests: u64,
    achieved_per_s: Option<f64>,
    ok: u64,
    failed: u64,
    error_ratio: Option<f64>,
    not_made: u64,
    cut_off: u64,
    connections: u64,
    received_bytes: u64,
    response_us: SpreadDocument,
    service_us: SpreadDocument,
    lag_us: SpreadDocument,
    cold_us: SpreadDocument,
    phases_us: BTreeMap<&'static str, SpreadDocument>,
    statuses: BTreeMap<u16, u64>,
    failures: Vec<FailureDocument<'a>>,
}

impl<'a> FiguresDocument<'a> {
    pub(super) fn of(figures: &'a LoadFigures) -> Self {
        let phases = figures.phases.iter();
        Self {
            length_s: figures.length.as_secs_f64(),
            lasted_s: figures.lasted.as_secs_f64(),
            offered: figures.offered,
            offered_per_s: figures.offered_per_s(),
            blocked: figures.blocked,
            requests: figures.requests,
            achieved_per_s: figures.achieved_per_s(),
            ok: figures.ok(),
            failed: figures.failed,
            error_ratio: figures.error_ratio(),
            not_made: figures.not_made,
            cut_off: figures.cut_off,
            connections: figures.connections,
            received_bytes: figures.received_bytes,
            response_us: SpreadDocument::of(figures.response),
            service_us: SpreadDocument::of(figures.service),
            lag_us: SpreadDocument::of(figures.lag),
            cold_us: SpreadDocument::of(figures.cold),
            phases_us: phases
                .map(|(phase, spread)| (phase.name(), SpreadDocument::of(*spread)))
                .collect(),
            statuses: figures.statuses.iter().copied().collect(),
            failures: figures.failures.iter().map(FailureDocument::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct SpreadDocument {
    count: u64,
    min: Option<u32>,
    mean: Option<u32>,
    p50: ReadingDocument,
    p90: ReadingDocument,
    p95: ReadingDocument,
    p99: ReadingDocument,
    p99_9: ReadingDocument,
    max: Option<u32>,
}

impl SpreadDocument {
    fn of(spread: Spread) -> Self {
        let micros = |value: Option<Micros>| value.map(|value| value.0);
        Self {
            count: spread.count,
            min: micros(spread.min),
            mean: micros(spread.mean),
            p50: ReadingDocument(spread.p50),
            p90: ReadingDocument(spread.p90),
            p95: ReadingDocument(spread.p95),
            p99: ReadingDocument(spread.p99),
            p99_9: ReadingDocument(spread.p99_9),
            max: micros(spread.max),
        }
    }
}

struct ReadingDocument(Reading);

impl Serialize for ReadingDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Reading::TooFew => serializer.serialize_none(),
            Reading::At(value) => serializer.serialize_u32(value.0),
            Reading::AtLeast(timeout) => serializer.collect_str(&format_args!(">={}", Micros::from(timeout))),
        }
    }
}

#[derive(Serialize)]
struct FailureDocument<'a> {
    kind: &'static str,
    phase: Option<&'static str>,
    count: u64,
    /// What the first of them said.
    message: &'a str,
}

impl<'a> FailureDocument<'a> {
    fn of(failure: &'a LoadFailure) -> Self {
        Self {
            kind: failure.kind.name(),
            phase: failure.phase.map(Phase::name),
            count: failure.count,
            message: failure.message.as_str(),
        }
    }
}

#[derive(Serialize)]
struct GeneratorDocument<'a> {
    busiest_worker_ratio: Option<f64>,
    in_flight: Option<f64>,
    little_deviation_ratio: Option<f64>,
    limits: Vec<&'a str>,
}

impl<'a> GeneratorDocument<'a> {
    fn of(generator: &'a Generator) -> Self {
        Self {
            busiest_worker_ratio: generator.busiest_ratio,
            in_flight: generator.in_flight,
            little_deviation_ratio: generator.little_deviation_ratio,
            limits: generator.limits.iter().map(|limit| limit.words.as_str()).collect(),
        }
    }
}
