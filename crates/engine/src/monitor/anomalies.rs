//! The anomalies of all targets: open ones, the last that ended, and their alerts.
//!
//! An anomaly is an info alert, so that it is told where alerts are told; it changes nobody's level. A burst of errors that
//! the target's error threshold tells of already is shown, and no alert of its own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, Subject, TargetId, Worse};
use probetop_core::snapshot::{Anomaly, AnomalyKind, AnomalyWatch};

use super::target::Watched;
use crate::alert::entry::Finding;
use crate::alert::policy::Policy;
use crate::alert::source::{Key, Source};
use crate::alert::state::Condition;
use crate::alert::table::AlertTable;
use crate::judge::anomaly::{Concern, Sighting, Stage};

/// Anomalies that are shown, open and ended: a pane has fewer lines, and a network that fails makes thousands.
pub(super) const ANOMALY_LIMIT: usize = 200;

/// Points are made of what came between two ticks.
const TICK: Duration = Duration::from_secs(1);

/// Two windows were waited for already.
static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(Arc::default);

/// Remembers what was odd.
#[derive(Clone, Debug, Default)]
pub(super) struct Anomalies {
    /// In an order of its own: which end first, and which are shown, must not depend on how a table lies in memory.
    open: BTreeMap<(TargetId, Concern), Open>,
    /// Newest first, at most [`ANOMALY_LIMIT`].
    ended: VecDeque<Anomaly>,
    shown: Arc<[Anomaly]>,
    is_stale: bool,
    watch: Option<AnomalyWatch>,
    /// Of the targets that took their step since the last tick.
    ahead: Ahead,
}

/// What is not known yet.
#[derive(Clone, Copy, Debug, Default)]
struct Ahead {
    /// The longest time until enough is known of a target; `None`: of none anything is.
    longest: Option<Duration>,
    unknown_targets: usize,
}

#[derive(Clone, Debug)]
struct Open {
    sighting: Sighting,
    anomaly: Anomaly,
    /// The alert keeps the kind it opened with: a spike that becomes a level shift is one alert.
    opened_as: AnomalyKind,
    alert: Alert,
}

/// Whether an anomaly speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alert {
    Raised,
    /// A threshold said so before, and more gravely.
    SpokenFor,
}

impl Anomalies {
    /// Closes the target's point, and notes what changed.
    pub(super) fn step(&mut self, watched: &mut Watched, table: &mut AlertTable, now: Timestamp) {
        if let Some(detector) = &mut watched.detector {
            detector.tick(now);
        }
        self.ahead.note(missing(watched));
        let Some(detector) = &watched.detector else { return };
        if detector.is_quiet() && !watched.is_odd {
            return;
        }
        watched.is_odd = !detector.is_quiet();
        for concern in Concern::ALL {
            let sighting = watched
                .detector
                .as_ref()
                .and_then(|detector| detector.sighting(concern).copied());
            self.note(watched, concern, sighting, table, now);
        }
    }

    fn note(
        &mut self,
        watched: &Watched,
        concern: Concern,
        sighting: Option<Sighting>,
        table: &mut AlertTable,
        now: Timestamp,
    ) {
        let key = (watched.id(), concern);
        match (sighting, self.open.get(&key)) {
            (None, None) => {}
            (Some(sighting), Some(open)) if sighting == open.sighting => {}
            (Some(sighting), None) if sighting.stage == Stage::Adopted => {}
            (Some(sighting), _) => {
                let open = self.open.entry(key).or_insert_with(|| Open {
                    sighting,
                    anomaly: anomaly(watched, &sighting),
                    opened_as: sighting.kind,
                    alert: alert(key, table),
                });
                open.sighting = sighting;
                open.anomaly = anomaly(watched, &sighting);
                self.is_stale = true;
                match sighting.stage {
                    Stage::Open => open.tell(watched.id(), table, now),
                    Stage::Adopted => self.end(key, table, now),
                }
            }
            (None, Some(_)) => self.end(key, table, now),
        }
    }

    fn end(&mut self, key: (TargetId, Concern), table: &mut AlertTable, now: Timestamp) {
        let Some(mut open) = self.open.remove(&key) else { return };
        table.observe(open.key(key.0), Condition::False, &POLICY, now, || open.finding());
        open.anomaly.until = Some(now);
        self.ended.push_front(open.anomaly);
        self.ended.truncate(ANOMALY_LIMIT);
        self.is_stale = true;
    }

    /// Ends the anomalies of targets that are not watched any more, or about which nothing is known any more.
    pub(super) fn retain(&mut self, is_odd: impl Fn(TargetId) -> bool, table: &mut AlertTable, now: Timestamp) {
        let gone: Vec<_> = self.open.keys().filter(|(id, _)| !is_odd(*id)).copied().collect();
        for key in gone {
            self.end(key, table, now);
        }
        self.refresh();
    }

    /// Puts what is shown in order, after every target took its step.
    pub(super) fn refresh(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let open = self.open.values().map(|open| &open.anomaly);
        let mut all: Vec<&Anomaly> = open.chain(&self.ended).collect();
        let order = |a: &&Anomaly, b: &&Anomaly| {
            (b.until.is_none(), b.since, &a.subject).cmp(&(a.until.is_none(), a.since, &b.subject))
        };
        // Ten thousand may be open: only those that are shown are worth putting in order, and a copy.
        if all.len() > ANOMALY_LIMIT {
            all.select_nth_unstable_by(ANOMALY_LIMIT, order);
            all.truncate(ANOMALY_LIMIT);
        }
        all.sort_by(order);
        self.shown = all.into_iter().cloned().collect();
    }

    /// Notes from when anomalies can be known, after every target took its step.
    pub(super) fn look_ahead(&mut self, now: Timestamp) {
        let known_before = self.watch.and_then(|watch| watch.known_from).filter(|at| *at <= now);
        let ahead = std::mem::take(&mut self.ahead);
        let known_from = match ahead.longest {
            Some(Duration::ZERO) => known_before.or(Some(now)),
            Some(ahead) => Some(now + ahead),
            None => None,
        };
        self.watch = Some(AnomalyWatch {
            since: self.watch.map_or(now, |watch| watch.since),
            known_from,
            unknown_targets: ahead.unknown_targets,
        });
    }

    /// Nobody looks for anomalies any more.
    pub(super) fn close_eyes(&mut self) {
        self.watch = None;
    }

    pub(super) fn watch(&self) -> Option<AnomalyWatch> {
        self.watch
    }

    /// Open ones first, then newest first; at most [`ANOMALY_LIMIT`].
    pub(super) fn shown(&self) -> &[Anomaly] {
        &self.shown
    }
}

impl Ahead {
    fn note(&mut self, missing: Option<Duration>) {
        self.longest = self.longest.max(missing);
        self.unknown_targets += usize::from(missing != Some(Duration::ZERO));
    }
}

/// How long it takes until enough is known of the target; `None`: nothing is.
fn missing(watched: &Watched) -> Option<Duration> {
    let points = u32::try_from(watched.detector.as_ref()?.points_missing()?).ok()?;
    // More probes than one in a tick are one point.
    Some(points * watched.planned.info.interval.max(TICK))
}

impl Open {
    fn tell(&self, target: TargetId, table: &mut AlertTable, now: Timestamp) {
        if self.alert == Alert::SpokenFor {
            return;
        }
        table.observe(self.key(target), Condition::True, &POLICY, now, || self.finding());
    }

    fn key(&self, target: TargetId) -> Key {
        Key {
            subject: Subject::Target(target),
            source: Source::Anomaly(self.opened_as),
        }
    }

    fn finding(&self) -> Finding {
        let anomaly = &self.anomaly;
        Finding {
            // Who was told of it knows it by this name, whatever it turns into.
            name: self.opened_as.name().into(),
            subject: anomaly.subject.clone(),
            severity: Severity::Info,
            value: Some(anomaly.seen),
            unit: anomaly.unit,
            worse: if anomaly.seen < anomaly.usual {
                Worse::Lower
            } else {
                Worse::Higher
            },
            reason: anomaly.text.clone(),
        }
    }
}

/// It stays so until the anomaly is over: the threshold's own end is told, and what lingers a window longer is not news.
fn alert((target, concern): (TargetId, Concern), table: &AlertTable) -> Alert {
    let threshold = Key {
        subject: Subject::Target(target),
        source: Source::Errors,
    };
    match concern {
        Concern::Errors if table.firing(&threshold).is_some() => Alert::SpokenFor,
        Concern::Errors | Concern::Latency | Concern::Rate | Concern::ColdStart => Alert::Raised,
    }
}

fn anomaly(watched: &Watched, sighting: &Sighting) -> Anomaly {
    Anomaly {
        kind: sighting.kind,
        subject: watched.planned.info.name.clone(),
        target: Some(watched.id()),
        since: sighting.since,
        until: None,
        seen: sighting.seen,
        usual: sighting.usual,
        unit: sighting.unit(),
        score: sighting.score,
        text: sighting.text().into(),
    }
}
