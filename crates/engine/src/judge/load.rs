//! What a load run comes to: seconds in, figures of stages and of the whole out, with a verdict that can be trusted.
//!
//! What is kept does not grow with the requests: a few distributions for each stage.

mod tally;
mod generator;
pub mod search;
pub mod threshold;

use std::time::{Duration, SystemTime};

use generator::GeneratorWatch;
use probetop_core::profile::{Profile, StagePurpose};
use probetop_core::sample::Text;
use probetop_core::sample::load::LoadSecond;
use probetop_core::snapshot::load::{
    Completeness, Effect, GeneratorLimit, LoadReport, LoadStage, ThresholdOutcome, Verdict,
};
use tally::StageTally;
use threshold::Threshold;

/// What a run was asked to do.
#[derive(Clone, Debug)]
pub struct LoadPlan {
    pub request: Text,
    pub profile: Profile,
    pub timeout: Duration,
    pub workers: u16,
    pub connections: u32,
    pub thresholds: Vec<Threshold>,
}

/// A run as it goes on.
#[derive(Clone, Debug)]
pub struct LoadRun {
    plan: LoadPlan,
    began: SystemTime,
    /// One for each stage of the profile.
    stages: Vec<StageTally>,
    generator: GeneratorWatch,
}

impl LoadRun {
    pub fn new(plan: LoadPlan, began: SystemTime) -> Self {
        let stages = plan.profile.stages.iter().map(|_| StageTally::default()).collect();
        Self {
            plan,
            began,
            stages,
            generator: GeneratorWatch::default(),
        }
    }

    /// Takes in a second.
    pub fn add(&mut self, second: &LoadSecond) {
        for part in &second.parts {
            if let Some(stage) = self.stages.get_mut(usize::from(part.stage)) {
                stage.add(part);
            }
        }
        self.generator.add(second);
    }

    /// Where it stands when the timetable has been followed for so long.
    pub fn report(&self, elapsed: Duration, completeness: Completeness) -> LoadReport {
        let LoadPlan { profile, timeout, .. } = &self.plan;
        let elapsed = elapsed.min(profile.length());
        let mut whole = StageTally::default();
        let mut whole_length = Duration::ZERO;
        // The last stage ends with the last answer.
        let late = self.generator.time().saturating_sub(elapsed);
        let mut stages = Vec::new();
        for ((start, stage), tally) in profile.starts().zip(&self.stages) {
            let gone = elapsed.saturating_sub(start).min(stage.length);
            if stage.purpose == StagePurpose::Measure {
                whole.absorb(tally);
                whole_length += gone;
            }
            if !gone.is_zero() {
                let is_last = start + stage.length >= elapsed;
                let late = if is_last { late } else { Duration::ZERO };
                stages.push(LoadStage {
                    purpose: stage.purpose,
                    from: stage.from,
                    to: stage.to,
                    figures: tally.figures(gone, late, *timeout),
                });
            }
        }
        // In a run that ended while it warmed up nothing has been measured, however late.
        let late = if whole_length.is_zero() { Duration::ZERO } else { late };
        let whole = whole.figures(whole_length, late, *timeout);
        let generator = self.generator.report(&whole, profile.model, completeness);
        let thresholds: Vec<_> = self
            .plan
            .thresholds
            .iter()
            .map(|threshold| threshold.judge(&whole))
            .collect();
        let outcomes = thresholds.iter().map(|threshold| threshold.outcome);
        LoadReport {
            request: self.plan.request.clone(),
            profile: profile.clone(),
            timeout: *timeout,
            workers: self.plan.workers,
            connections: self.plan.connections,
            began: self.began,
            elapsed,
            completeness,
            verdict: verdict(outcomes, completeness, &generator.limits),
            whole,
            stages,
            generator,
            thresholds,
        }
    }
}

/// A run that was cut short decides nothing, nor does one of which nothing was asked, unless it shows nothing about the service.
///  Where probetop made the figures worse they show nothing about the service,
/// neither that it keeps a condition nor that it breaks it; where it made them better, only that it does not break one.
fn verdict(
    outcomes: impl Iterator<Item = ThresholdOutcome>,
    completeness: Completeness,
    limits: &[GeneratorLimit],
) -> Verdict {
    let outcomes: Vec<_> = outcomes.collect();
    if completeness == Completeness::Partial {
        if outcomes.is_empty() {
            Verdict::None
        } else {
            Verdict::Undecided
        }
    } else if outcomes.is_empty() && limits.is_empty() {
        Verdict::None
    } else if limits.iter().any(|limit| limit.effect == Effect::Worse) {
        Verdict::Inconclusive
    } else if outcomes.contains(&ThresholdOutcome::Broken) {
        Verdict::Broken
    } else if !limits.is_empty() || outcomes.contains(&ThresholdOutcome::Unknown) {
        Verdict::Inconclusive
    } else {
        Verdict::Passed
    }
}

#[cfg(test)]
mod tests;
