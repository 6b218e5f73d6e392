//! Of what the figure is wanted over time: of the row that the details of a page are about.

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{Evidence, Matter, Snapshot};

use super::list::{self, Section};
use super::{View, began};

/// What is drawn of it, and when it began. `None`: it was asked for a moment ago, and has its room.
pub(crate) struct Shown {
    pub evidence: Option<Arc<Evidence>>,
    pub began: Option<Timestamp>,
}

impl View {
    /// Of the chosen row of the page that is shown; `None`: it lists nothing, or nothing that is about a figure.
    pub(crate) fn matter(&self, snapshot: &Snapshot) -> Option<Matter> {
        let pane = self.pages.shown;
        pane.list()?;
        let rows = self.rows(pane, snapshot);
        let (section, index) = list::items(&rows).nth(self.pages.chosen_in(pane))?;
        of_row(section, index, snapshot)
    }
}

/// The evidence of a row, and when that began; `None`: it is about no figure, or nothing is kept of it. Room is kept for what was
/// asked for a moment ago.
pub(crate) fn shown(section: Section, index: usize, snapshot: &Snapshot) -> Option<Shown> {
    let matter = of_row(section, index, snapshot)?;
    let evidence = snapshot.evidence.clone().filter(|evidence| evidence.matter == matter);
    let is_bare = evidence.as_ref().is_some_and(|evidence| evidence.courses.is_empty());
    let began = began::of_row(section, index, snapshot).map(|beginning| beginning.at);
    (!is_bare).then_some(Shown { evidence, began })
}

/// Whether it is known that nothing is kept of the figure that a row is about.
pub(crate) fn is_bare(section: Section, index: usize, snapshot: &Snapshot) -> bool {
    of_row(section, index, snapshot).is_some() && shown(section, index, snapshot).is_none()
}

fn of_row(section: Section, index: usize, snapshot: &Snapshot) -> Option<Matter> {
    let analysis = &snapshot.analysis;
    match section {
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => {
            Some(Matter::Alert(list::alert(section, index, snapshot)?.id))
        }
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index)?;
            let recommendation = bottleneck.recommendation.clone();
            Some(Matter::Bottleneck(bottleneck.resource, recommendation))
        }
        Section::Anomalies => {
            let anomaly = analysis.anomalies.get(index)?;
            Some(Matter::Anomaly(anomaly.target?, anomaly.kind))
        }
        Section::Trends => {
            let trend = analysis.trends.get(index)?;
            Some(Matter::Trend(trend.target, trend.figure.clone()))
        }
        Section::Correlations => {
            let correlation = analysis.correlations.get(index)?;
            Some(Matter::Correlation(correlation.target, correlation.with.clone()))
        }
        Section::Channels
        | Section::Silences
        | Section::Objectives
        | Section::Apdex
        | Section::HealthGroups
        | Section::HealthComponents
        | Section::Comparison => None,
    }
}
