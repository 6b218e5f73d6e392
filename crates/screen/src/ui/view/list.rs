//! Panes that list things: their sections, the rows of each, and which one the keys act on.
//!
//! Rows come, go and change places with every snapshot. What is chosen is therefore known by what it is, a [`Key`], and not
//! by where it stands: nobody acknowledges an alert that has slipped under the cursor.

mod words;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, TargetId, Text};
use probetop_core::snapshot::{
    AlertSnapshot, AnomalyKind, ComparisonRow, Health, HealthComponent, HealthGroup, Resource, Snapshot,
};

use super::{Compared, Filter, Pane};

pub(crate) use words::target as words_of_target;

/// Rows of one kind, below a heading of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    ActiveAlerts,
    Channels,
    Silences,
    EndedAlerts,
    Objectives,
    Apdex,
    HealthGroups,
    HealthComponents,
    Bottlenecks,
    Anomalies,
    Trends,
    Correlations,
    Comparison,
}

/// A row of a pane that lists things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Heading(Section),
    /// The index is that of the section's own collection: see [`indices`].
    Item(Section, usize),
    /// What stands for the rows of a section that are left out.
    Note(Section),
}

/// What a row stands for, whatever place it has.
#[derive(Clone, Debug, PartialEq)]
enum Key {
    Alert(AlertId),
    Channel(Text),
    Silence(Text, Text),
    Objective(Text),
    Apdex(TargetId),
    Group(Text),
    Component(Text),
    Bottleneck(Resource, Text),
    Anomaly(AnomalyKind, Text, Timestamp),
    Trend(Text, Text),
    Correlation(TargetId, Text),
    Compared(Text),
}

/// Where a pane stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    /// The first row shown.
    pub first: usize,
    /// The first line of the details shown.
    pub below: usize,
    /// The chosen row, counted over items.
    pub ordinal: usize,
    key: Option<Key>,
    /// What the rows are narrowed to.
    pub filter: Filter,
}

impl Place {
    /// Chooses by place; what stands there is found with the next snapshot.
    pub(super) fn choose(&mut self, ordinal: usize) {
        if ordinal != self.ordinal {
            self.ordinal = ordinal;
            self.below = 0;
            self.key = None;
        }
    }

    /// Chooses the first item of a section that `is_meant`.
    pub(super) fn choose_where(&mut self, rows: &[Row], is_meant: impl Fn(Section, usize) -> bool) {
        let ordinal = items(rows).position(|(section, index)| is_meant(section, index));
        if let Some(ordinal) = ordinal {
            self.choose(ordinal);
        }
    }

    /// Finds the chosen item again; one that is gone gives its place to the one that took it.
    pub(super) fn settle(&mut self, rows: &[Row], snapshot: &Snapshot) {
        let found = self.key.as_ref().and_then(|wanted| {
            items(rows).position(|(section, index)| key(section, index, snapshot).as_ref() == Some(wanted))
        });
        match found {
            Some(ordinal) => self.ordinal = ordinal,
            None => {
                self.ordinal = self.ordinal.min(items(rows).count().saturating_sub(1));
                self.key = items(rows)
                    .nth(self.ordinal)
                    .and_then(|(section, index)| key(section, index, snapshot));
                self.below = 0;
            }
        }
    }
}

/// The rows of a pane that `filter` leaves; empty for one that lists nothing. What is compared stands as `compared` says.
pub(crate) fn rows(pane: Pane, snapshot: &Snapshot, filter: &Filter, compared: Compared) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in pane.list().map_or(&[][..], |list| list.sections) {
        let mut indices = indices(*section, snapshot, compared);
        if !filter.is_empty() {
            indices.retain(|index| filter.accepts(&words::words(*section, *index, snapshot)));
        }
        if !indices.is_empty() {
            rows.push(Row::Heading(*section));
            rows.extend(indices.into_iter().map(|index| Row::Item(*section, index)));
            rows.extend((filter.is_empty() && is_folded(*section, snapshot)).then_some(Row::Note(*section)));
        }
    }
    rows
}

/// The rows that can be chosen.
pub(crate) fn items(rows: &[Row]) -> impl Iterator<Item = (Section, usize)> {
    rows.iter().filter_map(|row| match row {
        Row::Heading(_) | Row::Note(_) => None,
        Row::Item(section, index) => Some((*section, *index)),
    })
}

/// The line on which the item stands that is counted so.
pub(crate) fn line_of(rows: &[Row], ordinal: usize) -> Option<usize> {
    let is_item = |row: &Row| matches!(row, Row::Item(..));
    rows.iter()
        .enumerate()
        .filter(|(_, row)| is_item(row))
        .map(|(line, _)| line)
        .nth(ordinal)
}

/// The section's items in the order in which they are shown, as indices: of Apdex into the targets, of the components
/// into [`components`], of all others into the snapshot's own list.
fn indices(section: Section, snapshot: &Snapshot, compared: Compared) -> Vec<usize> {
    let count = match section {
        Section::ActiveAlerts => snapshot.alerts.active.len(),
        Section::Channels => snapshot.channels.len(),
        Section::Silences => snapshot.alerts.silences.len(),
        Section::EndedAlerts => snapshot.alerts.history.len(),
        Section::Objectives => snapshot.objectives.len(),
        Section::Apdex => return apdex_worst_first(snapshot),
        Section::HealthGroups => return groups_by_loss(snapshot),
        Section::HealthComponents => return components_worst_first(snapshot),
        Section::Bottlenecks => snapshot.analysis.bottlenecks.len(),
        Section::Anomalies => snapshot.analysis.anomalies.len(),
        Section::Trends => snapshot.analysis.trends.len(),
        Section::Correlations => snapshot.analysis.correlations.len(),
        Section::Comparison => {
            let comparison = snapshot.comparison.as_ref();
            return comparison.map_or_else(Vec::new, |comparison| compared.places(comparison));
        }
    };
    (0..count).collect()
}

fn apdex_worst_first(snapshot: &Snapshot) -> Vec<usize> {
    let score = |index: usize| snapshot.targets.get(index)?.apdex.map(|apdex| apdex.score);
    let mut rated: Vec<_> = (0..snapshot.targets.len())
        .filter_map(|index| Some((index, score(index)?)))
        .collect();
    rated.sort_by(|a, b| a.1.total_cmp(&b.1));
    rated.into_iter().map(|(index, _)| index).collect()
}

/// Every component with its group, group by group.
pub(crate) fn components(snapshot: &Snapshot) -> impl Iterator<Item = (&HealthGroup, &HealthComponent)> {
    let groups = health(snapshot).into_iter().flat_map(|health| &health.groups);
    groups.flat_map(|group| group.components.iter().map(move |component| (group, component)))
}

/// Those that cost anything, by how much; where none does, all.
fn groups_by_loss(snapshot: &Snapshot) -> Vec<usize> {
    let groups = health(snapshot).map_or(&[][..], |health| &health.groups);
    let loss = |index: &usize| groups[*index].lost().unwrap_or_default();
    let mut losing: Vec<usize> = (0..groups.len()).filter(|index| loss(index) > 0.0).collect();
    losing.sort_by(|a, b| loss(b).total_cmp(&loss(a)));
    if losing.is_empty() {
        (0..groups.len()).collect()
    } else {
        losing
    }
}

/// Whether a section leaves out rows of which there is nothing to say.
fn is_folded(section: Section, snapshot: &Snapshot) -> bool {
    match section {
        Section::HealthGroups => {
            let count = health(snapshot).map_or(0, |health| health.groups.len());
            groups_by_loss(snapshot).len() < count
        }
        Section::HealthComponents => true,
        Section::ActiveAlerts
        | Section::Channels
        | Section::Silences
        | Section::EndedAlerts
        | Section::Objectives
        | Section::Apdex
        | Section::Bottlenecks
        | Section::Anomalies
        | Section::Trends
        | Section::Correlations
        | Section::Comparison => false,
    }
}

/// Those that cost anything.
fn components_worst_first(snapshot: &Snapshot) -> Vec<usize> {
    let mut scored: Vec<_> = components(snapshot)
        .map(|(_, component)| component.score)
        .enumerate()
        .filter(|(_, score)| *score < 100.0)
        .collect();
    scored.sort_by(|a, b| a.1.total_cmp(&b.1));
    scored.into_iter().map(|(index, _)| index).collect()
}

/// The alert that a row is about.
pub(crate) fn alert(section: Section, index: usize, snapshot: &Snapshot) -> Option<&AlertSnapshot> {
    match section {
        Section::ActiveAlerts => snapshot.alerts.active.get(index),
        Section::EndedAlerts => snapshot.alerts.history.get(index),
        Section::Channels
        | Section::Silences
        | Section::Objectives
        | Section::Apdex
        | Section::HealthGroups
        | Section::HealthComponents
        | Section::Bottlenecks
        | Section::Anomalies
        | Section::Trends
        | Section::Correlations
        | Section::Comparison => None,
    }
}

/// Everybody who is compared.
pub(crate) fn compared(snapshot: &Snapshot) -> &[ComparisonRow] {
    snapshot.comparison.as_ref().map_or(&[], |comparison| &comparison.rows)
}

fn health(snapshot: &Snapshot) -> Option<&Health> {
    snapshot.health.as_deref()
}

fn key(section: Section, index: usize, snapshot: &Snapshot) -> Option<Key> {
    let analysis = &snapshot.analysis;
    let key = match section {
        Section::ActiveAlerts | Section::EndedAlerts => Key::Alert(alert(section, index, snapshot)?.id),
        Section::Channels => Key::Channel(snapshot.channels.get(index)?.name.clone()),
        Section::Silences => {
            let silence = snapshot.alerts.silences.get(index)?;
            Key::Silence(silence.name.clone(), silence.subject.clone())
        }
        Section::Objectives => Key::Objective(snapshot.objectives.get(index)?.name.clone()),
        Section::Apdex => Key::Apdex(snapshot.targets.get(index)?.info.id),
        Section::HealthGroups => Key::Group(health(snapshot)?.groups.get(index)?.name.clone()),
        Section::HealthComponents => Key::Component(components(snapshot).nth(index)?.1.name.clone()),
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index)?;
            // What it says of itself counts targets, and the worst of them changes; what to do about it stays.
            Key::Bottleneck(bottleneck.resource, bottleneck.recommendation.clone())
        }
        Section::Anomalies => {
            let anomaly = analysis.anomalies.get(index)?;
            Key::Anomaly(anomaly.kind, anomaly.subject.clone(), anomaly.since)
        }
        Section::Trends => {
            let trend = analysis.trends.get(index)?;
            Key::Trend(trend.subject.clone(), trend.figure.clone())
        }
        Section::Correlations => {
            let correlation = analysis.correlations.get(index)?;
            Key::Correlation(correlation.target, correlation.with.clone())
        }
        Section::Comparison => Key::Compared(compared(snapshot).get(index)?.subject.clone()),
    };
    Some(key)
}
