//! A search for the highest rate that holds, as text and as the document `probetop.load-search/v1`.

use probetop_core::profile::Amount;
use probetop_core::snapshot::load::{Completeness, SearchEnd, SearchReport, Trial, TrialOutcome};
use serde::Serialize;

use super::figure::{percent, reading};
use super::json::{FiguresDocument, ended};

/// Name and version of the document.
pub const SCHEMA: &str = "probetop.load-search/v1";

/// The trials, and what follows from them.
pub fn text(report: &SearchReport) -> String {
    let mut out = format!("{}  highest rate at which {}\n\n", report.request, report.condition);
    out.push_str(&format!(
        "{:>10} {:>12} {:>10} {:>10} {:>10} {:>8}  RESULT\n",
        "RATE", "ACHIEVED", "RESP P50", "RESP P95", "RESP P99", "ERRORS"
    ));
    for trial in &report.trials {
        let figures = &trial.figures;
        let line = format!(
            "{:>10} {:>12} {:>10} {:>10} {:>10} {:>8}  {}",
            format!("{}/s", trial.rate),
            figures
                .achieved_per_s()
                .map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}/s")),
            reading(figures.response.p50),
            reading(figures.response.p95),
            reading(figures.response.p99),
            figures.error_ratio().map_or_else(|| "-".to_owned(), percent),
            result(trial),
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str(&format!("\n{}\n", conclusion(report)));
    out
}

/// One trial on a line of its own.
pub fn trial_words(trial: &Trial) -> String {
    format!("{}/s {}", trial.rate, result(trial))
}

fn result(trial: &Trial) -> String {
    let word = match trial.outcome {
        TrialOutcome::Held => "held",
        TrialOutcome::Missed => "did not hold",
        TrialOutcome::Inconclusive => "says nothing",
    };
    match &trial.reason {
        Some(reason) => format!("{word}: {reason}"),
        None => word.to_owned(),
    }
}

/// `412/s holds (2 of 2 trials), 437/s does not (2 of 3): p95 < 300ms was broken: 341ms`.
pub fn conclusion(report: &SearchReport) -> String {
    let found = report.found;
    let holds = found.holds.map(|rate| {
        let (held, of) = count(report, rate, TrialOutcome::Held);
        format!("{rate}/s holds ({held} of {of} trials)")
    });
    let does_not = found.does_not.map(|rate| {
        let (missed, of) = count(report, rate, TrialOutcome::Missed);
        let last = report
            .trials
            .iter()
            .rev()
            .find(|trial| is(trial, rate, TrialOutcome::Missed));
        let why = last
            .and_then(|trial| trial.reason.as_ref())
            .map(|reason| format!(": {reason}"));
        format!("{rate}/s does not ({missed} of {of}){}", why.unwrap_or_default())
    });
    let known: Vec<_> = holds.into_iter().chain(does_not).collect();
    let known = known.join(", ");
    let known = if known.is_empty() {
        "nothing is known".to_owned()
    } else {
        known
    };
    match found.end {
        SearchEnd::Bracketed => known,
        SearchEnd::NothingHolds => format!("no rate holds: {known}"),
        SearchEnd::Highest => format!("{known}, and no higher rate can be asked for"),
        SearchEnd::GeneratorLimit => {
            let why = report.trials.last().and_then(|trial| trial.reason.as_ref());
            let why = why.map(ToString::to_string).unwrap_or_default();
            format!("{known}; what is beyond was not found out: {why}")
        }
        SearchEnd::TooLong => format!("{known}; the service answers too unevenly to narrow it down"),
        SearchEnd::Stopped => format!("{known}; stopped before more was known"),
    }
}

fn is(trial: &Trial, rate: Amount, outcome: TrialOutcome) -> bool {
    trial.rate == rate && trial.outcome == outcome
}

/// How many trials at a rate came out so, and how many there were.
fn count(report: &SearchReport, rate: Amount, outcome: TrialOutcome) -> (usize, usize) {
    let at_rate = report.trials.iter().filter(|trial| trial.rate == rate);
    (
        at_rate.clone().filter(|trial| trial.outcome == outcome).count(),
        at_rate.count(),
    )
}

/// With line breaks, for files and people.
pub fn json(report: &SearchReport) -> Vec<u8> {
    let document = serde_json::to_vec_pretty(&Document::of(report));
    ended(document.expect("a document of numbers, texts and maps with text keys"))
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    probetop: &'static str,
    request: &'a str,
    condition: &'a str,
    partial: bool,
    end: &'static str,
    holds_per_s: Option<f64>,
    does_not_hold_per_s: Option<f64>,
    conclusion: String,
    trials: Vec<TrialDocument<'a>>,
}

impl<'a> Document<'a> {
    fn of(report: &'a SearchReport) -> Self {
        Self {
            schema: SCHEMA,
            probetop: env!("CARGO_PKG_VERSION"),
            request: report.request.as_str(),
            condition: report.condition.as_str(),
            partial: report.completeness == Completeness::Partial,
            end: report.found.end.name(),
            holds_per_s: report.found.holds.map(Amount::as_f64),
            does_not_hold_per_s: report.found.does_not.map(Amount::as_f64),
            conclusion: conclusion(report),
            trials: report.trials.iter().map(TrialDocument::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct TrialDocument<'a> {
    rate_per_s: f64,
    outcome: &'static str,
    reason: Option<&'a str>,
    figures: FiguresDocument<'a>,
}

impl<'a> TrialDocument<'a> {
    fn of(trial: &'a Trial) -> Self {
        Self {
            rate_per_s: trial.rate.as_f64(),
            outcome: match trial.outcome {
                TrialOutcome::Held => "held",
                TrialOutcome::Missed => "missed",
                TrialOutcome::Inconclusive => "inconclusive",
            },
            reason: trial.reason.as_ref().map(|reason| reason.as_str()),
            figures: FiguresDocument::of(&trial.figures),
        }
    }
}
