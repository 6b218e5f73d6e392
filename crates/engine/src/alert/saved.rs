//! What is remembered of alerts across a restart: the document `probetop.alerts/v1`.
//!
//! Wall times, because the next run has another clock; names, because it may give other ids. Fields may be added within
//! a version, none changes its meaning or goes.

mod form;
mod timeline;
mod word;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use form::{Schema, UnitName, Wall};
use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Severity, Subject, Text, Worse};
use probetop_core::snapshot::{Announcement, AnomalyKind, Route};
use serde::{Deserialize, Serialize};
use timeline::SavedTurn;
use word::{SavedWord, WORDS_LIMIT};

use super::announcer::Announcer;
use super::entry::{Entry, Finding};
use super::policy::Policy;
use super::source::{Key, Source};
use super::state::State;
use super::table::AlertTable;
use super::told::{Moment, Told};

/// Name and version of the document.
pub const SCHEMA: &str = "probetop.alerts/v1";

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedAlerts {
    schema: Schema,
    written_at: Wall,
    /// Oldest first.
    pub alerts: Vec<SavedAlert>,
    silences: Vec<Silence>,
    /// What had not come to its receiver, in the order in which it was to; left out by versions that did not remember it.
    #[serde(default)]
    pub untold: Vec<SavedWord>,
}

/// One alert that fires.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedAlert {
    /// The run's own; zero in what versions wrote that did not remember it.
    #[serde(default)]
    pub id: u64,
    pub about: About,
    /// The target's name, `host`, or the objective's name.
    pub subject: String,
    source: Kind,
    /// What the alert is called: the rule, the objective, the gauge, `latency`, `errors`.
    name: String,
    severity: Severity,
    since: Wall,
    value: Option<f64>,
    worst: Option<f64>,
    unit: UnitName,
    worse: Worse,
    reason: String,
    acknowledged: bool,
    /// What the channels were to tell; `null`: nothing. What they still owe is in `untold`.
    told: Option<ToldOf>,
    /// What happened to it, oldest first; left out by versions that did not remember it.
    #[serde(default)]
    timeline: Vec<SavedTurn>,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Target,
    Host,
    Objective,
}

/// What speaks; together with the alert's name its [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Latency,
    Errors,
    Rate,
    Absence,
    Gauge,
    Rule,
    Objective,
    Anomaly,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ToldOf {
    /// Whether the usual channels were told, and which by name.
    usual: bool,
    named: Vec<String>,
    group: String,
    severity: Severity,
    reminders: u32,
    reminded_at: Wall,
    escalations: u32,
    unattended_since: Wall,
    raised: Option<Severity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Silence {
    name: String,
    subject: String,
    until: Wall,
}

/// Both clocks at one moment: what the document is written and read by.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    pub now: Timestamp,
    pub wall: SystemTime,
}

impl Moments {
    fn ago(self, elapsed: Duration) -> Wall {
        // A wall clock that was set back may not reach so far.
        let earlier = self.wall.checked_sub(elapsed);
        Wall(earlier.map_or(SystemTime::UNIX_EPOCH, |at| at.max(SystemTime::UNIX_EPOCH)))
    }

    fn ahead(self, rest: Duration) -> Wall {
        Wall(self.wall.checked_add(rest).unwrap_or(self.wall))
    }

    fn elapsed(self, since: Wall) -> Duration {
        self.wall.duration_since(since.0).unwrap_or_default()
    }

    fn moment(self, at: Wall) -> Moment {
        Moment::ago(self.elapsed(at), self.now)
    }
}

impl SavedAlerts {
    /// What is worth remembering; `untold` is what each channel, by name, still has to tell.
    pub fn of(table: &AlertTable, announcer: &Announcer, untold: &[(Text, Announcement)], at: Moments) -> Self {
        let mut firing: Vec<_> = table.entries().filter(|(_, entry)| entry.is_firing()).collect();
        firing.sort_by_key(|(_, entry)| entry.id);
        let silences = announcer.silences.shown();
        let untold = &untold[..untold.len().min(WORDS_LIMIT)];
        let share = timeline::share(firing.len() + untold.len());
        Self {
            schema: Schema,
            written_at: Wall(at.wall),
            alerts: firing
                .into_iter()
                .map(|(key, entry)| SavedAlert::of(key, entry, share, at))
                .collect(),
            silences: silences
                .into_iter()
                .map(|silence| Silence {
                    name: silence.name.to_string(),
                    subject: silence.subject.to_string(),
                    until: at.ahead(silence.until.since(at.now)),
                })
                .collect(),
            untold: untold
                .iter()
                .map(|(channel, announcement)| SavedWord::of(channel, announcement, share, at))
                .collect(),
        }
    }

    /// What a copy takes beside itself, but for texts.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(self.alerts.as_slice())
            + size_of_val(self.silences.as_slice())
            + size_of_val(self.untold.as_slice())
    }

    /// Takes over the silences that are not over.
    pub fn restore_silences(&self, announcer: &mut Announcer, at: Moments) {
        for silence in &self.silences {
            if let Ok(rest) = silence.until.0.duration_since(at.wall) {
                let (name, subject) = (silence.name.as_str().into(), silence.subject.as_str().into());
                announcer.silences.begin(name, subject, rest, at.now);
            }
        }
    }
}

impl SavedAlert {
    fn of(key: &Key, entry: &Entry, share: usize, at: Moments) -> Self {
        let finding = &entry.finding;
        Self {
            id: entry.id.0,
            about: match key.subject {
                Subject::Target(_) => About::Target,
                Subject::Host => About::Host,
                Subject::Objective => About::Objective,
            },
            subject: finding.subject.to_string(),
            source: match key.source {
                Source::Latency => Kind::Latency,
                Source::Errors => Kind::Errors,
                Source::Rate => Kind::Rate,
                Source::Absence => Kind::Absence,
                Source::Gauge(_) => Kind::Gauge,
                Source::Rule(_) => Kind::Rule,
                Source::Objective(_) => Kind::Objective,
                Source::Anomaly(_) => Kind::Anomaly,
            },
            name: finding.name.to_string(),
            severity: finding.severity,
            since: at.ago(at.now.since(entry.since()) + entry.carried),
            value: finding.value,
            worst: entry.worst,
            unit: UnitName(finding.unit),
            worse: finding.worse,
            reason: finding.reason.to_string(),
            acknowledged: entry.acknowledged.is_some(),
            told: entry.told.as_ref().map(|told| ToldOf::of(told, at)),
            timeline: timeline::save(&entry.timeline, share, at),
        }
    }

    /// What speaks.
    pub fn source(&self) -> Source {
        let name = || Text::clean(&self.name);
        match self.source {
            Kind::Latency => Source::Latency,
            Kind::Errors => Source::Errors,
            Kind::Rate => Source::Rate,
            Kind::Absence => Source::Absence,
            Kind::Gauge => Source::Gauge(name()),
            Kind::Rule => Source::Rule(name()),
            Kind::Objective => Source::Objective(name()),
            Kind::Anomaly => Source::Anomaly(AnomalyKind::from_name(&self.name).unwrap_or(AnomalyKind::Spike)),
        }
    }

    /// The alert as it goes on: firing since before this run.
    pub fn entry(&self, id: AlertId, policy: Arc<Policy>, at: Moments) -> Entry {
        let finding = Finding {
            name: Text::clean(&self.name),
            subject: Text::clean(&self.subject),
            severity: self.severity,
            value: self.value,
            unit: self.unit.0,
            worse: self.worse,
            reason: Text::clean(&self.reason),
        };
        let mut entry = Entry::new(id, finding, policy);
        entry.state = State::Firing {
            since: at.now,
            fired: at.now,
            cleared: None,
        };
        entry.worst = self.worst;
        entry.acknowledged = self.acknowledged.then_some(at.now);
        entry.told = self.told.as_ref().map(|told| told.restore(at));
        entry.carried = at.elapsed(self.since);
        entry.timeline = timeline::restore(&self.timeline, at);
        entry
    }
}

impl ToldOf {
    fn of(told: &Told, at: Moments) -> Self {
        let (usual, named) = saved_route(&told.route);
        Self {
            usual,
            named,
            group: told.group.to_string(),
            severity: told.severity,
            reminders: told.reminders,
            reminded_at: at.ago(told.reminded.elapsed(at.now)),
            escalations: told.escalations,
            unattended_since: at.ago(told.unattended.elapsed(at.now)),
            raised: told.raised,
        }
    }

    fn restore(&self, at: Moments) -> Told {
        Told {
            route: told_route(self.usual, &self.named),
            group: Text::clean(&self.group),
            severity: self.severity,
            // Whether it still does will show.
            flapping: false,
            reminders: self.reminders,
            reminded: at.moment(self.reminded_at),
            escalations: self.escalations,
            unattended: at.moment(self.unattended_since),
            raised: self.raised,
        }
    }
}

/// Whether the usual channels are told, and which by name.
fn saved_route(route: &Route) -> (bool, Vec<String>) {
    let names = route.names().iter().map(Text::to_string).collect();
    (!matches!(route, Route::Named(_)), names)
}

fn told_route(usual: bool, named: &[String]) -> Route {
    let named = Route::Named(named.iter().map(|name| Text::clean(name)).collect());
    if usual { named.and(&Route::Usual) } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it was written before timelines were remembered.
    const WITHOUT_TIMELINE: &str = r#"{
      "schema": "probetop.alerts/v1",
      "written_at": "2026-03-01T10:00:00.000Z",
      "alerts": [{
        "about": "target", "subject": "checkout", "source": "latency", "name": "latency", "severity": "critical",
        "since": "2026-03-01T09:50:00.000Z", "value": 900.0, "worst": 1200.0, "unit": "us", "worse": "higher",
        "reason": "p95 900 us > 500 us", "acknowledged": true, "told": null
      }],
      "silences": []
    }"#;

    #[test]
    fn a_document_without_timelines_is_read_still() {
        let read: SavedAlerts = serde_json::from_str(WITHOUT_TIMELINE).unwrap();
        let at = Moments {
            now: Timestamp::from_secs(1),
            wall: read.written_at.0 + Duration::from_secs(60),
        };
        let entry = read.alerts[0].entry(AlertId(1), Arc::default(), at);
        assert_eq!(entry.carried, Duration::from_secs(660));
        assert_eq!(entry.timeline.entries().len(), 0);
    }
}
