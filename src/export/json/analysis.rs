//! What was found out without being asked, in the snapshot document.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{Analysis, Anomaly, AnomalyWatch, Bottleneck, Correlation, Trend};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct AnalysisDocument<'a> {
    anomalies: Vec<AnomalyDocument<'a>>,
    anomaly_watch: Option<WatchDocument>,
    trends: Vec<TrendDocument<'a>>,
    correlations: Vec<CorrelationDocument<'a>>,
    bottlenecks: Vec<BottleneckDocument<'a>>,
}

impl<'a> AnalysisDocument<'a> {
    pub(super) fn of(analysis: &'a Analysis, time: &impl Fn(Timestamp) -> String) -> Self {
        let anomalies = analysis.anomalies.iter();
        let bottlenecks = analysis.bottlenecks.iter();
        Self {
            anomalies: anomalies.map(|anomaly| AnomalyDocument::of(anomaly, time)).collect(),
            anomaly_watch: analysis.anomaly_watch.map(|watch| WatchDocument::of(watch, time)),
            trends: analysis.trends.iter().map(TrendDocument::of).collect(),
            correlations: analysis.correlations.iter().map(CorrelationDocument::of).collect(),
            bottlenecks: bottlenecks
                .map(|bottleneck| BottleneckDocument::of(bottleneck, time))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct WatchDocument {
    watched_since: String,
    known_from: Option<String>,
    unknown_targets: usize,
}

impl WatchDocument {
    fn of(watch: AnomalyWatch, time: &impl Fn(Timestamp) -> String) -> Self {
        Self {
            watched_since: time(watch.since),
            known_from: watch.known_from.map(time),
            unknown_targets: watch.unknown_targets,
        }
    }
}

#[derive(Serialize)]
struct AnomalyDocument<'a> {
    kind: &'static str,
    subject: &'a str,
    since: String,
    until: Option<String>,
    seen: f64,
    usual: f64,
    unit: &'static str,
    score: f64,
    text: &'a str,
}

impl<'a> AnomalyDocument<'a> {
    fn of(anomaly: &'a Anomaly, time: &impl Fn(Timestamp) -> String) -> Self {
        Self {
            kind: anomaly.kind.name(),
            subject: anomaly.subject.as_str(),
            since: time(anomaly.since),
            until: anomaly.until.map(time),
            seen: anomaly.seen,
            usual: anomaly.usual,
            unit: anomaly.unit.name(),
            score: anomaly.score,
            text: anomaly.text.as_str(),
        }
    }
}

#[derive(Serialize)]
struct TrendDocument<'a> {
    subject: &'a str,
    figure: &'a str,
    unit: &'static str,
    now: f64,
    per_hour: f64,
    p_value: f64,
    span_s: u64,
    limit: Option<f64>,
    reaches_limit_in_s: Option<u64>,
    text: &'a str,
}

impl<'a> TrendDocument<'a> {
    fn of(trend: &'a Trend) -> Self {
        Self {
            subject: trend.subject.as_str(),
            figure: trend.figure.as_str(),
            unit: trend.unit.name(),
            now: trend.now,
            per_hour: trend.per_hour,
            p_value: trend.p_value,
            span_s: trend.span.as_secs(),
            limit: trend.limit,
            reaches_limit_in_s: trend.reaches_limit_in.map(|left| left.as_secs()),
            text: trend.text.as_str(),
        }
    }
}

#[derive(Serialize)]
struct CorrelationDocument<'a> {
    subject: &'a str,
    with: &'a str,
    coefficient: f64,
    ahead_s: f64,
    points: u32,
    text: &'a str,
}

impl<'a> CorrelationDocument<'a> {
    fn of(correlation: &'a Correlation) -> Self {
        Self {
            subject: correlation.subject.as_str(),
            with: correlation.with.as_str(),
            coefficient: correlation.coefficient,
            ahead_s: correlation.ahead.as_secs_f64(),
            points: correlation.points,
            text: correlation.text.as_str(),
        }
    }
}

#[derive(Serialize)]
struct BottleneckDocument<'a> {
    resource: &'static str,
    subject: &'a str,
    what: &'a str,
    evidence: &'a str,
    impact_ratio: f64,
    frequency_ratio: f64,
    priority: &'static str,
    recommendation: &'a str,
    since: String,
    until: Option<String>,
}

impl<'a> BottleneckDocument<'a> {
    fn of(bottleneck: &'a Bottleneck, time: &impl Fn(Timestamp) -> String) -> Self {
        Self {
            resource: bottleneck.resource.name(),
            subject: bottleneck.subject.as_str(),
            what: bottleneck.what.as_str(),
            evidence: bottleneck.evidence.as_str(),
            impact_ratio: bottleneck.impact_ratio,
            frequency_ratio: bottleneck.frequency_ratio,
            priority: bottleneck.priority.name(),
            recommendation: bottleneck.recommendation.as_str(),
            since: time(bottleneck.since),
            until: bottleneck.until.map(time),
        }
    }
}
