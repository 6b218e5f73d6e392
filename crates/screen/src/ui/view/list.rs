//! Panes that list things: their sections, the rows of each, and which one the keys act on.
//!
//! Rows come, go and change places with every snapshot. What is chosen is therefore known by what it is, a [`Key`], and not
//! by where it stands: nobody acknowledges an alert that has slipped under the cursor.

pub(crate) mod folds;
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
    /// Those of one name about one subject as one row; the index is that of the newest.
    EndedAlerts,
    /// Each of a row that is unfolded, below it and without a heading of their own.
    EndedTurns,
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
    Fold(folds::FoldKey),
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
    /// Rows that are unfolded.
    unfolded: Vec<folds::FoldKey>,
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

    /// Unfolds a row that stands for several alerts, or folds it again. `false`: it stands for one.
    pub(crate) fn toggle(&mut self, section: Section, index: usize, snapshot: &Snapshot) -> bool {
        let Some(Key::Fold(fold)) = key(section, index, snapshot) else {
            return false;
        };
        match self.unfolded.iter().position(|known| *known == fold) {
            Some(place) => drop(self.unfolded.swap_remove(place)),
            None => self.unfolded.push(fold),
        }
        true
    }

    /// Finds the chosen item again; one that is gone gives its place to the one that took it. An alert that ended is found in
    /// the row it is folded into.
    pub(crate) fn settle(&mut self, rows: &[Row], snapshot: &Snapshot) {
        let found = self.key.as_ref().and_then(|wanted| {
            let is_it = |(section, index)| key(section, index, snapshot).as_ref() == Some(wanted);
            let holds_it = |(section, index)| holds(section, index, wanted, snapshot);
            items(rows).position(is_it).or_else(|| items(rows).position(holds_it))
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

/// The rows of a pane with nothing narrowed or unfolded.
pub(crate) fn all_rows(pane: Pane, snapshot: &Snapshot) -> Vec<Row> {
    rows(pane, snapshot, &Place::default(), Compared::default())
}

/// The rows of a pane that its filter leaves; empty for one that lists nothing. What is compared stands as `compared` says.
pub(super) fn rows(pane: Pane, snapshot: &Snapshot, place: &Place, compared: Compared) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in pane.list().map_or(&[][..], |list| list.sections) {
        let items = match section {
            Section::EndedAlerts => folded(snapshot, place),
            section => {
                let indices = indices(*section, snapshot, compared).into_iter();
                let left = indices.filter(|index| is_left(*section, *index, snapshot, place));
                left.map(|index| Row::Item(*section, index)).collect()
            }
        };
        if !items.is_empty() {
            rows.push(Row::Heading(*section));
            rows.extend(items);
            rows.extend((place.filter.is_empty() && is_folded(*section, snapshot)).then_some(Row::Note(*section)));
        }
    }
    rows
}

fn is_left(section: Section, index: usize, snapshot: &Snapshot, place: &Place) -> bool {
    place.filter.is_empty() || place.filter.accepts(&words::words(section, index, snapshot))
}

/// A row for each fold of which the filter leaves anything, and below one that is unfolded each of its alerts.
fn folded(snapshot: &Snapshot, place: &Place) -> Vec<Row> {
    let mut rows = Vec::new();
    for fold in folds::folds(snapshot) {
        let is_any_left = fold
            .iter()
            .any(|index| is_left(Section::EndedTurns, *index, snapshot, place));
        let Some(newest) = fold.first().copied().filter(|_| is_any_left) else {
            continue;
        };
        rows.push(Row::Item(Section::EndedAlerts, newest));
        let is_unfolded = || folds::key(newest, snapshot).is_some_and(|key| place.unfolded.contains(&key));
        if fold.len() > 1 && is_unfolded() {
            rows.extend(fold.into_iter().map(|index| Row::Item(Section::EndedTurns, index)));
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
        Section::EndedAlerts | Section::EndedTurns => snapshot.alerts.history.len(),
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
        | Section::EndedTurns
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
        Section::EndedAlerts | Section::EndedTurns => snapshot.alerts.history.get(index),
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

/// Whether the row of that ended alert stands for several.
pub(crate) fn is_fold(index: usize, snapshot: &Snapshot) -> bool {
    let alert = snapshot.alerts.history.get(index);
    alert.is_some_and(|alert| folds::turns(alert, snapshot).nth(1).is_some())
}

/// Whether the wanted alert is among those that the row stands for.
fn holds(section: Section, index: usize, wanted: &Key, snapshot: &Snapshot) -> bool {
    let Key::Alert(id) = wanted else { return false };
    let newest = alert(section, index, snapshot).filter(|_| section == Section::EndedAlerts);
    newest.is_some_and(|newest| folds::turns(newest, snapshot).any(|alert| alert.id == *id))
}

fn health(snapshot: &Snapshot) -> Option<&Health> {
    snapshot.health.as_deref()
}

fn key(section: Section, index: usize, snapshot: &Snapshot) -> Option<Key> {
    let analysis = &snapshot.analysis;
    let key = match section {
        Section::EndedAlerts if is_fold(index, snapshot) => Key::Fold(folds::key(index, snapshot)?),
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => {
            Key::Alert(alert(section, index, snapshot)?.id)
        }
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
