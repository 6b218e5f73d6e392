//! One alert from when its condition became true.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Severity, TargetId, Text, Unit, Worse};
use probetop_core::setting::Period;
use probetop_core::snapshot::{AlertSnapshot, AlertState, Stability, Suppression, Turn};

use super::flap::Flapping;
use super::policy::Policy;
use super::state::{Change, Condition, Patience, State};
use super::timeline::Timeline;
use super::told::Told;

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
    pub steadiness: Stability,
    pub suppression: Option<Suppression>,
    pub acknowledged: Option<Timestamp>,
    /// What the world was told of it; `None`: nothing.
    pub told: Option<Told>,
    /// How long it had gone on already when this run took it over.
    pub carried: Duration,
    pub timeline: Timeline,
    /// What is to be said while the figure is beyond another limit than the one the severity is of.
    said: Option<Text>,
    /// How long the condition must be false, as of the last step.
    calm: Duration,
    /// The figure is worse, or milder, than the severity that is told.
    shift: Option<Shift>,
    /// While it flaps: since when the condition has held without a break.
    unbroken: Option<Timestamp>,
}

/// A change of severity that must last before it is told, as the alert itself must.
#[derive(Clone, Debug)]
struct Shift {
    towards: Ordering,
    since: Timestamp,
    /// Why the alert has the severity that is told.
    reason: Text,
}

impl Entry {
    pub fn new(id: AlertId, finding: Finding, policy: Arc<Policy>) -> Self {
        Self {
            id,
            state: State::default(),
            finding,
            worst: None,
            policy,
            steadiness: Stability::default(),
            suppression: None,
            acknowledged: None,
            told: None,
            carried: Duration::ZERO,
            timeline: Timeline::default(),
            said: None,
            calm: Duration::ZERO,
            shift: None,
            unbroken: None,
        }
    }

    /// One whose condition became true.
    pub fn pending(id: AlertId, finding: Finding, policy: &Arc<Policy>, now: Timestamp) -> Self {
        let mut entry = Self::new(id, finding, Arc::clone(policy));
        entry.worst = entry.finding.value;
        entry.timeline.push(now, Turn::Pending, entry.finding.reason.clone());
        entry
    }

    /// Takes what the condition says now that it holds. `policy` is the one in force, which may be a new one.
    pub fn see(&mut self, finding: Finding, policy: &Arc<Policy>, now: Timestamp) {
        let told = self.finding.severity;
        let severity = self.severity_after(finding.severity, policy, now);
        self.worst = finding.worse.of(self.worst, finding.value);
        self.said = self.held_words(&finding, severity, policy);
        let reason = match &self.shift {
            Some(shift) => shift.reason.clone(),
            None => finding.reason.clone(),
        };
        self.finding = Finding {
            severity,
            reason,
            ..finding
        };
        if self.is_firing() && severity != told {
            let text = format!("{}: {}", severity.name(), self.finding.reason);
            self.timeline.push(now, Turn::Severity, text.into());
        }
    }

    /// Worse must hold for as long as the alert itself had to, milder as long as it would have to be clear: one second
    /// beyond the critical limit is no more news than one beyond the first. What was configured anew holds at once.
    fn severity_after(&mut self, found: Severity, policy: &Arc<Policy>, now: Timestamp) -> Severity {
        let told = self.finding.severity;
        let towards = found.cmp(&told);
        let patience = match towards {
            _ if !Arc::ptr_eq(policy, &self.policy) => Duration::ZERO,
            Ordering::Equal => Duration::ZERO,
            Ordering::Greater => policy.patience.hold,
            Ordering::Less if self.is_firing() => policy.patience.clear,
            Ordering::Less => Duration::ZERO,
        };
        let lasting = self.shift.take().filter(|shift| shift.towards == towards);
        let shift = lasting.unwrap_or_else(|| Shift {
            towards,
            since: now,
            reason: self.finding.reason.clone(),
        });
        if now.since(shift.since) >= patience {
            return found;
        }
        self.shift = Some(shift);
        told
    }

    /// A severity that is held names the limit that it comes from, not the one that the figure is beyond now.
    fn held_words(&self, finding: &Finding, told: Severity, policy: &Policy) -> Option<Text> {
        let (shift, value) = (self.shift.as_ref()?, finding.value?);
        let (value, was) = (finding.unit.show(value), &shift.reason);
        let Patience { hold, clear } = policy.patience;
        let rest = match told > finding.severity {
            true => format!("{} until milder for {}", told.name(), Period::from(clear)),
            false => format!("{} once so for {}", finding.severity.name(), Period::from(hold)),
        };
        Some(format!("now {value}, was {was}; {rest}").into())
    }

    /// Figures and threshold in words, as they are; while it is clearing, as they were.
    pub fn reason(&self) -> Text {
        let reason = &self.finding.reason;
        match &self.said {
            _ if self.is_clearing() => format!("was {reason}").into(),
            Some(said) => said.clone(),
            None => reason.clone(),
        }
    }

    /// Steps the state, and the flapping with it.
    pub fn step(
        &mut self,
        condition: Condition,
        policy: &Arc<Policy>,
        flapping: Option<Flapping>,
        now: Timestamp,
    ) -> Option<Change> {
        if !Arc::ptr_eq(policy, &self.policy) {
            self.policy = Arc::clone(policy);
        }
        match condition {
            Condition::True => self.unbroken = self.unbroken.or(Some(now)),
            Condition::False | Condition::Unknown => {
                self.unbroken = None;
                self.shift = None;
                self.said = None;
            }
        }
        self.end_flapping_if_due(flapping, now);
        let patience = self.patience(flapping);
        self.calm = patience.clear;
        self.state.step(condition, patience, now)
    }

    /// It has fired so often that it stays on until it is calm.
    pub fn begin_flapping(&mut self, turns: u32, flapping: Flapping, now: Timestamp) {
        self.steadiness = Stability::Flapping { turns };
        self.unbroken = Some(now);
        let text = format!("fired {turns} times within {}", Period::from(flapping.within));
        self.timeline.push(now, Turn::FlappingBegan, text.into());
    }

    /// It flaps no more; `why` goes into the timeline.
    pub fn end_flapping(&mut self, why: &str, now: Timestamp) {
        if self.is_flapping() {
            self.steadiness = Stability::Steady;
            self.timeline.push(now, Turn::FlappingEnded, why.into());
        }
    }

    /// Ends the flapping of what has been true for the whole span, or when nobody looks for it any more.
    fn end_flapping_if_due(&mut self, flapping: Option<Flapping>, now: Timestamp) {
        if !self.is_flapping() {
            return;
        }
        let Some(flapping) = flapping else {
            return self.end_flapping("flapping is not looked for any more", now);
        };
        if self.unbroken.is_some_and(|since| now.since(since) >= flapping.within) {
            self.end_flapping(&format!("true for {}", Period::from(flapping.within)), now);
        }
    }

    /// Nothing that was waited for counts on from here, because nothing was evaluated for a while.
    pub fn interrupt(&mut self, unwatched: Duration, now: Timestamp) {
        self.state.interrupt();
        self.unbroken = None;
        self.shift = None;
        self.said = None;
        if self.is_firing() {
            let unwatched = Period::from(Duration::from_secs(unwatched.as_secs()));
            let text = format!("nothing was evaluated for {unwatched}");
            self.timeline.push(now, Turn::Noted, text.into());
        }
    }

    fn patience(&self, flapping: Option<Flapping>) -> Patience {
        let Patience { hold, clear } = self.policy.patience;
        let calm = flapping
            .filter(|_| self.is_flapping())
            .map_or(clear, |flapping| flapping.within);
        Patience {
            hold,
            clear: clear.max(calm),
        }
    }

    fn is_flapping(&self) -> bool {
        self.steadiness != Stability::Steady
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

    /// When it is resolved, if its condition stays false until then; `None`: it holds now.
    pub fn clears(&self) -> Option<Timestamp> {
        match self.state {
            State::Firing {
                cleared: Some(cleared), ..
            } => Some(cleared + self.calm),
            State::Firing { cleared: None, .. } | State::Inactive | State::Pending { .. } => None,
        }
    }

    /// Whether somebody looks after it, or asked for quiet, as of the last step of the announcer.
    pub fn is_set_aside(&self) -> bool {
        let is_silenced = match self.suppression {
            Some(Suppression::Silenced { .. } | Suppression::Maintenance { .. }) => true,
            Some(Suppression::Behind { .. }) | None => false,
        };
        self.acknowledged.is_some() || is_silenced
    }

    /// Whether somebody looks after it, or nobody is to be told.
    pub fn is_quiet(&self) -> bool {
        self.suppression.is_some() || self.acknowledged.is_some()
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
            clears: self.clears().filter(|_| resolved.is_none()),
            value: finding.value,
            worst: self.worst,
            unit: finding.unit,
            reason: match resolved {
                Some(_) => finding.reason.clone(),
                None => self.reason(),
            },
            action: self.policy.telling.action.clone(),
            steadiness: self.steadiness,
            suppression: self.suppression.clone(),
            acknowledged: self.acknowledged,
            timeline: self.timeline.entries(),
        }
    }
}
