//! One alert from when its condition became true.

use std::sync::Arc;

use super::policy::Policy;
use super::state::State;
use super::timeline::Timeline;
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
            timeline: Timeline::default(),
        }
    }

    pub fn is_firing(&self) -> bool {
        matches!(self.state, State::Firing { .. })
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
            severity: finding.severity,
            state,
            since,
            fired,
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
