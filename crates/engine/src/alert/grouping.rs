//! One banner for many victims: alerts that fire gathered by what is behind them. What fails alike at the same time is no
//! cause yet; it takes something in common, such as the machine they are on.

use std::cmp::Reverse;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Text};
use probetop_core::snapshot::{Cause, Suppression};

use super::entry::Entry;
use super::source::{Key, Source};
use super::{QuickMap, QuickSet};

/// Fewer victims than this are told one by one: two of a kind may be chance.
const CROWD: usize = 3;

/// An alert that fires, and what most of its subject's probes fail of.
#[derive(Clone, Copy, Debug)]
pub struct Firing<'a> {
    pub key: &'a Key,
    pub entry: &'a Entry,
    pub failure: Option<FailureKind>,
    /// What it may have in common with others that fail alike; `None`: nothing.
    pub place: Option<Place<'a>>,
}

/// Where the cause of an alert may lie, for all that it would touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place<'a> {
    /// The machine that is probed.
    Host(&'a Text),
    /// Whoever resolves names for this machine.
    Resolver,
    /// The limits of this machine.
    Here,
}

impl<'a> Place<'a> {
    /// Of a target on `host` whose probes fail so.
    pub fn of(host: Option<&'a Text>, failure: Option<FailureKind>) -> Option<Self> {
        match failure {
            Some(FailureKind::Dns) => Some(Self::Resolver),
            Some(FailureKind::Local) => Some(Self::Here),
            Some(
                FailureKind::Refused
                | FailureKind::Unreachable
                | FailureKind::Timeout
                | FailureKind::Reset
                | FailureKind::Closed
                | FailureKind::Tls
                | FailureKind::Auth
                | FailureKind::Protocol
                | FailureKind::Redirect
                | FailureKind::Status
                | FailureKind::Expect
                | FailureKind::Start
                | FailureKind::Permission,
            )
            | None => host.map(Self::Host),
        }
    }
}

impl<'a> Firing<'a> {
    /// What the failures have to do with it: everything for a share of errors, nothing for the rest.
    pub fn new(
        key: &'a Key,
        entry: &'a Entry,
        host: Option<&'a Text>,
        failure: impl FnOnce() -> Option<FailureKind>,
    ) -> Self {
        let failure = if key.source == Source::Errors { failure() } else { None };
        Self {
            key,
            entry,
            failure,
            place: Place::of(host, failure),
        }
    }

    /// What announcements about it are gathered by, those that may have one cause: `errors: refused on db1`.
    pub fn group(&self) -> Text {
        let name = &self.entry.finding.name;
        let failure = self
            .failure
            .map_or_else(String::new, |failure| format!(": {}", failure.name()));
        let place = match self.place {
            Some(Place::Host(host)) => format!(" on {host}"),
            // The failure names them.
            Some(Place::Resolver | Place::Here) => String::new(),
            // It has nothing in common with anything else.
            None => format!(" of {}", self.entry.finding.subject),
        };
        format!("{name}{failure}{place}").into()
    }

    fn parent(&self) -> Option<&'a Text> {
        match &self.entry.suppression {
            Some(Suppression::Behind { parent }) => Some(parent),
            Some(Suppression::Silenced { .. } | Suppression::Maintenance { .. }) | None => None,
        }
    }
}

/// Alerts with one cause: those it shows in, and those that stand behind these.
#[derive(Default)]
struct CauseGroup<'a> {
    heads: Vec<Firing<'a>>,
    children: Vec<Firing<'a>>,
}

/// The causes of everything that fires: what nobody looks after yet before the rest, what is so now before what is clearing,
/// then worst first, and newest first.
pub fn causes(mut firing: Vec<Firing<'_>>) -> Vec<Cause> {
    firing.sort_by_key(|alert| {
        let since = alert.entry.since();
        (Reverse(alert.entry.severity()), since, alert.entry.id)
    });
    let (children, heads): (Vec<_>, Vec<_>) = firing.into_iter().partition(|alert| alert.parent().is_some());
    let mut bundles = bundle(heads);
    let mut by_subject = QuickMap::default();
    for (at, bundle) in bundles.iter().enumerate() {
        for head in &bundle.heads {
            by_subject.entry(&head.entry.finding.subject).or_insert(at);
        }
    }
    for child in children {
        let Some(parent) = child.parent() else { continue };
        let at = *by_subject.entry(parent).or_insert_with(|| {
            bundles.push(CauseGroup::default());
            bundles.len() - 1
        });
        bundles[at].children.push(child);
    }
    let mut causes: Vec<_> = bundles.iter().map(CauseGroup::cause).collect();
    causes.sort_by(|a, b| {
        let urgent = |cause: &Cause| (!cause.set_aside, cause.clears.is_none(), cause.severity, cause.since);
        let first = |cause: &Cause| cause.alerts.first().copied();
        urgent(b).cmp(&urgent(a)).then_with(|| first(a).cmp(&first(b)))
    });
    causes
}

/// The same complaint about three and more of one place is one bundle; everything else stands alone.
fn bundle(heads: Vec<Firing<'_>>) -> Vec<CauseGroup<'_>> {
    let mut kinds: QuickMap<_, usize> = QuickMap::default();
    for head in &heads {
        *kinds.entry((&head.key.source, head.failure, head.place)).or_default() += 1;
    }
    let mut crowds = QuickMap::default();
    let mut bundles: Vec<CauseGroup<'_>> = Vec::new();
    for head in heads {
        let kind = (&head.key.source, head.failure, head.place);
        let is_crowd = head.place.is_some() && kinds.get(&kind).is_some_and(|count| *count >= CROWD);
        let at = match crowds.get(&kind) {
            Some(at) if is_crowd => *at,
            Some(_) | None => {
                bundles.push(CauseGroup::default());
                crowds.insert(kind, bundles.len() - 1);
                bundles.len() - 1
            }
        };
        bundles[at].heads.push(head);
    }
    bundles
}

impl CauseGroup<'_> {
    fn all(&self) -> impl Iterator<Item = &Firing<'_>> {
        self.heads.iter().chain(&self.children)
    }

    fn cause(&self) -> Cause {
        // Whose banner it is stands in the headline; those behind it are its victims.
        let (heads, children) = (&self.heads[..], &self.children[..]);
        let heads = if heads.len() == 1 && !children.is_empty() {
            &[]
        } else {
            heads
        };
        // What an earlier run handed over began before all that began in this one.
        let beginnings = self.all().map(|alert| (alert.entry.since(), alert.entry.carried));
        let first = beginnings.min_by_key(|(since, carried)| (Reverse(*carried), *since));
        let (since, carried) = first.unwrap_or_default();
        let mut victims: Vec<_> = heads
            .iter()
            .chain(children)
            .map(|alert| &alert.entry.finding.subject)
            .collect();
        // Nearly all have one, of which there are ten thousand when everything fails.
        if victims.len() > 1 {
            let mut seen = QuickSet::default();
            victims.retain(|subject| seen.insert(*subject));
        }
        Cause {
            severity: self.all().map(|alert| alert.entry.severity()).max().unwrap_or_default(),
            since,
            carried,
            headline: self.headline(),
            victims: victims.into_iter().cloned().collect(),
            alerts: self.all().map(|alert| alert.entry.id).collect(),
            quiet: self.all().all(|alert| alert.entry.is_quiet()),
            set_aside: self.all().all(|alert| alert.entry.is_set_aside()),
            clears: self.clears(),
        }
    }

    /// When the last of its alerts is over; `None` while the condition of one holds.
    fn clears(&self) -> Option<Timestamp> {
        let each: Option<Vec<_>> = self.all().map(|alert| alert.entry.clears()).collect();
        each?.into_iter().max()
    }

    fn headline(&self) -> Text {
        match self.heads.as_slice() {
            [] => {
                // Its own alert is pending, or the probe that failed was its last.
                let parent = self.children.first().and_then(Firing::parent);
                parent
                    .map(|parent| format!("{parent} is in trouble").into())
                    .unwrap_or_default()
            }
            [head] => {
                let finding = &head.entry.finding;
                // A threshold's reason names its figure; a rule has a name that somebody gave it.
                let name = match &head.key.source {
                    Source::Rule(name) => format!("{name}: "),
                    Source::Latency
                    | Source::Errors
                    | Source::Rate
                    | Source::Absence
                    | Source::Gauge(_)
                    | Source::Objective(_)
                    | Source::Anomaly(_) => String::new(),
                };
                format!("{}: {name}{}", finding.subject, head.entry.reason()).into()
            }
            [head, ..] => {
                let failure = head.failure.map(|failure| format!(": {}", failure.name()));
                let (name, count) = (&head.entry.finding.name, self.heads.len());
                format!("{name} on {count} targets{}", failure.unwrap_or_default()).into()
            }
        }
    }
}
