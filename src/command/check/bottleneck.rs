//! What a single probe of each target tells of bottlenecks.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Failure, Level, Micros, Quantiles, Severity, TargetId, Text, WindowDetail};
use probetop_engine::judge::bottleneck::{self, Seen, Sign, Standing, TargetFacts};
use probetop_engine::judge::verdict::Verdict;
use probetop_probe::source::Attempt;

use super::Finding;
use crate::config::TargetConfig;
use crate::export::table::{BOTTLENECKS_SHOWN, bottleneck_words};

/// How a target's only probe stands against its thresholds.
pub(super) struct Judged {
    pub latency: Option<Verdict>,
    pub gauges: Vec<(Text, Verdict)>,
}

/// What the probe shows of where the time goes, and why it failed.
pub(super) fn signs(target: &TargetConfig, attempt: &Attempt, judged: Judged) -> Vec<Sign> {
    let failure = attempt.outcome.failure();
    let gauges = attempt.answer.as_deref().map_or(&[][..], |answer| &answer.gauges);
    bottleneck::target_signs(&TargetFacts {
        info: &target.info(TargetId(0)),
        detail: &detail(attempt, failure),
        latency: judged.latency,
        errors: errors(failure),
        failure,
        gauges,
        gauge_verdicts: judged.gauges,
    })
}

fn detail(attempt: &Attempt, failure: Option<&Failure>) -> WindowDetail {
    let mut detail = WindowDetail::default();
    detail.stats.attempts = u64::from(!attempt.outcome.is_ours());
    match failure {
        Some(failure) => detail.stats.failures.push((failure.kind, 1)),
        None => {
            detail.stats.latency = one(attempt.latency);
            detail.phases = attempt.phases.iter().map(|(phase, took)| (phase, one(took))).collect();
        }
    }
    detail
}

/// A distribution of one.
fn one(took: Micros) -> Quantiles {
    let took = Some(took);
    Quantiles {
        count: 1,
        min: took,
        mean: took,
        max: took,
        ..Quantiles::default()
    }
}

fn errors(failure: Option<&Failure>) -> Verdict {
    Verdict {
        level: if failure.is_some() { Level::Critical } else { Level::Ok },
        value: failure.map(|_| 1.0),
        ..Verdict::default()
    }
}

/// The most urgent, two lines each.
pub(super) fn lines(findings: &[Finding]) -> String {
    let names: Vec<Text> = findings.iter().map(|finding| (&*finding.name).into()).collect();
    let seen = findings.iter().zip(&names).flat_map(|(finding, subject)| {
        finding.signs.iter().map(move |sign| Seen {
            subject,
            target: Some(TargetId(0)),
            sign,
        })
    });
    let found = bottleneck::join(seen, findings.len());
    // A first connection has to be made: that one probe paid for it is not news.
    let grave = found.iter().filter(|finding| finding.priority > Severity::Info);
    let mut rows: Vec<_> = grave
        .map(|finding| finding.row(1.0, (Timestamp::ZERO, None), Standing::UNJUDGED))
        .collect();
    bottleneck::rank(&mut rows);
    let shown = rows.iter().take(BOTTLENECKS_SHOWN);
    shown.map(|row| format!("{}\n", bottleneck_words(row))).collect()
}
