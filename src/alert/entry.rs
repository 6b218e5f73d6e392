//! One alert from when its condition became true.

use std::sync::Arc;
use std::time::Duration;

use super::policy::Policy;
use super::state::State;
use super::timeline::Timeline;
use super::told::Told;
use crate::clock::Timestamp;
use crate::sample::{AlertId, Severity, TargetId, Text, Unit, Worse};
use crate::snapshot::{AlertSnapshot, AlertState, Hush, Steadiness};

/// What an alert says when it speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub name: Text,
    pub subject: Text,
    pub severity: Severity,
    pub value: Option<f64>,
    pub unit: Unit,
    pub worse: Worse,
    pub reason: Text,
}

/// An alert and all that is remembered of it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: AlertId,
    pub state: State,
    pub finding: Finding,
    pub worst: Option<f64>,
    pub policy: Arc<Policy>,
    pub steadiness: Steadiness,
    pub hush: Option<Hush>,
    pub acknowledged: Option<Timestamp>,
    /// What the world was told of it; `None`: nothing.
    pub told: Option<Told>,
    /// How long it had gone on already when this run took it over.
    pub carried: Duration,
    pub timeline: Timeline,
}

impl Entry {
    pub fn new(id: AlertId, finding: Finding, policy: Arc<Policy>) -> Self {
        Self {
            id,
            state: State::default(),
            finding,
            worst: None,
            policy,
            steadiness: Steadiness::default(),
            hush: None,
            acknowledged: None,
            told: None,
            carried: Duration::ZERO,
            timeline: Timeline::default(),
        }
    }

    pub fn is_firing(&self) -> bool {
        matches!(self.state, State::Firing { .. })
    }

    /// When its condition became true, in this run.
    pub fn since(&self) -> Timestamp {
        match self.state {
            State::Inactive => Timestamp::ZERO,
            State::Pending { since, .. } | State::Firing { since, .. } => since,
        }
    }

    /// Whether it fires only because its condition has not been false for long enough.
    pub fn is_clearing(&self) -> bool {
        matches!(self.state, State::Firing { cleared: Some(_), .. })
    }

    /// How loudly it speaks: as found, or louder once it was escalated.
    pub fn severity(&self) -> Severity {
        let raised = self.told.as_ref().and_then(|told| told.raised);
        self.finding.severity.max(raised.unwrap_or(Severity::Info))
    }

    /// As it is shown; `resolved` when it has ended.
    pub fn shown(&self, target: Option<TargetId>, resolved: Option<Timestamp>) -> AlertSnapshot {
        let (since, fired) = match self.state {
            State::Inactive => (Timestamp::ZERO, None),
            State::Pending { since, .. } => (since, None),
            State::Firing { since, fired, .. } => (since, Some(fired)),
        };
        let state = match (resolved, fired) {
            (Some(_), _) => AlertState::Resolved,
            (None, Some(_)) => AlertState::Firing,
            (None, None) => AlertState::Pending,
        };
        let finding = &self.finding;
        AlertSnapshot {
            id: self.id,
            name: finding.name.clone(),
            subject: finding.subject.clone(),
            target,
            severity: self.severity(),
            state,
            since,
            fired,
            carried: self.carried,
            resolved,
            value: finding.value,
            worst: self.worst,
            unit: finding.unit,
            reason: finding.reason.clone(),
            action: self.policy.telling.action.clone(),
            steadiness: self.steadiness,
            hush: self.hush.clone(),
            acknowledged: self.acknowledged,
            timeline: self.timeline.entries(),
        }
    }
}
