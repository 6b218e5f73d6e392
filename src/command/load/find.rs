//! `probetop load --find`: tries rate after rate until it is known which holds and which does not.

use std::process::ExitCode;

use probetop_core::profile::Amount;
use probetop_core::snapshot::load::{
    Completeness, LoadReport, SearchEnd, SearchReport, ThresholdOutcome, Trial, TrialOutcome, Verdict,
};
use probetop_engine::judge::load::LoadPlan;
use probetop_engine::judge::load::search::{Search, Step};
use probetop_engine::judge::load::threshold::Threshold;
use probetop_probe::load::Order;

use super::order::SearchPlan;
use super::{Stage, nothing, offer, reason};
use crate::cli::{Condition, Output};
use crate::command::{BROKEN, Failure, say};
use crate::export::load::search;
use crate::run::Signal;

/// Searches, and says what was found.
///
/// # Errors
/// A trial cannot be made.
pub(super) fn run(
    condition: &Condition,
    plan: &SearchPlan,
    order: &Order,
    mut load: LoadPlan,
    stage: &Stage,
) -> Result<ExitCode, Failure> {
    load.thresholds.clone_from(&condition.thresholds);
    let mut report = SearchReport {
        request: load.request.clone(),
        condition: condition.text.as_str().into(),
        completeness: Completeness::Whole,
        found: Search::from(plan.first).found(SearchEnd::Stopped),
        trials: Vec::new(),
    };
    let signal = try_rates(&mut report, plan, order, &load, stage)?;
    if signal.is_some() {
        report.completeness = Completeness::Partial;
    }
    match stage.output {
        Output::Table => offer(search::text(&report).as_bytes())?,
        Output::Json | Output::Ndjson => offer(&search::json(&report))?,
        Output::None => {}
    }
    if let Some(signal) = signal {
        return Ok(ExitCode::from(signal.exit_code()));
    }
    match report.found.end {
        SearchEnd::Bracketed | SearchEnd::Highest => Ok(ExitCode::SUCCESS),
        SearchEnd::NothingHolds | SearchEnd::GeneratorLimit | SearchEnd::TooLong | SearchEnd::Stopped => {
            say(&format!("probetop: {}", search::conclusion(&report)));
            Ok(ExitCode::from(BROKEN))
        }
    }
}

/// Tries rate after rate into `report`, until enough is known or the signal comes that is given.
fn try_rates(
    report: &mut SearchReport,
    plan: &SearchPlan,
    order: &Order,
    load: &LoadPlan,
    stage: &Stage,
) -> Result<Option<Signal>, Failure> {
    let needs = load.thresholds.iter().map(Threshold::needs).max().unwrap_or(1);
    let mut search = Search::from(plan.first);
    let mut rate = search.first();
    loop {
        let profile = plan.trial(rate, needs);
        let trial_order = Order {
            profile: profile.clone(),
            ..order.clone()
        };
        let trial_plan = LoadPlan {
            profile,
            ..load.clone()
        };
        let ended = stage.perform(trial_order, trial_plan)?;
        if let Some(error) = ended.error {
            return Err(error.into());
        }
        if ended.signal.is_some() {
            report.found = search.found(SearchEnd::Stopped);
            return Ok(ended.signal);
        }
        // Whoever does not answer at the first rate answers at no other.
        if report.trials.is_empty() && ended.report.whole.ok() == 0 {
            return Err(Failure::Run(nothing(&ended.report)));
        }
        let trial = trial_of(rate, ended.report);
        say(&search::trial_words(&trial));
        let outcome = trial.outcome;
        report.trials.push(trial);
        match search.tried(outcome) {
            Step::Try(next) => rate = next,
            Step::Done(found) => {
                report.found = found;
                return Ok(None);
            }
        }
    }
}

/// What a run at `rate` says of it.
fn trial_of(rate: Amount, run: LoadReport) -> Trial {
    let outcome = match run.verdict {
        Verdict::Passed => TrialOutcome::Held,
        Verdict::Broken => TrialOutcome::Missed,
        Verdict::None | Verdict::Inconclusive | Verdict::Undecided => TrialOutcome::Inconclusive,
    };
    let is_broken = run
        .thresholds
        .iter()
        .any(|threshold| threshold.outcome != ThresholdOutcome::Kept);
    let has_reason = is_broken || outcome == TrialOutcome::Inconclusive;
    Trial {
        rate,
        outcome,
        reason: has_reason.then(|| reason(&run).into()),
        figures: run.whole,
    }
}
