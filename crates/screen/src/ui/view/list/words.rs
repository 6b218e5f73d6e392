//! What a filter finds a row of a list by: whom it is about, what it says, and how serious it is.

use probetop_core::snapshot::{Snapshot, TargetSnapshot};

use super::{Section, alert, compared, components, health};

/// The texts of a row; none of one that is not there.
pub(super) fn words(section: Section, index: usize, snapshot: &Snapshot) -> Vec<&str> {
    found(section, index, snapshot).unwrap_or_default()
}

fn found(section: Section, index: usize, snapshot: &Snapshot) -> Option<Vec<&str>> {
    let analysis = &snapshot.analysis;
    let words = match section {
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => {
            let it = alert(section, index, snapshot)?;
            let (severity, state) = (it.severity.name(), it.state.name());
            vec![
                severity,
                state,
                it.name.as_str(),
                it.subject.as_str(),
                it.reason.as_str(),
            ]
        }
        Section::Channels => {
            let it = snapshot.channels.get(index)?;
            vec![it.name.as_str(), it.kind.as_str()]
        }
        Section::Silences => {
            let it = snapshot.alerts.silences.get(index)?;
            vec![it.name.as_str(), it.subject.as_str()]
        }
        Section::Objectives => {
            let it = snapshot.objectives.get(index)?;
            let targets = it.targets.iter().map(|target| target.as_str());
            [it.name.as_str(), it.promise.as_str(), it.level.name()]
                .into_iter()
                .chain(targets)
                .collect()
        }
        Section::Apdex => target(snapshot.targets.get(index)?),
        Section::HealthGroups => vec![health(snapshot)?.groups.get(index)?.name.as_str()],
        Section::HealthComponents => {
            let (group, it) = components(snapshot).nth(index)?;
            vec![
                group.name.as_str(),
                it.name.as_str(),
                it.level.name(),
                it.reason.as_str(),
            ]
        }
        Section::Bottlenecks => {
            let it = analysis.bottlenecks.get(index)?;
            let texts = [&it.subject, &it.what, &it.evidence, &it.recommendation];
            texts.map(|text| text.as_str()).into()
        }
        Section::Anomalies => {
            let it = analysis.anomalies.get(index)?;
            vec![it.kind.name(), it.subject.as_str(), it.text.as_str()]
        }
        Section::Trends => {
            let it = analysis.trends.get(index)?;
            vec![it.subject.as_str(), it.figure.as_str()]
        }
        Section::Correlations => {
            let it = analysis.correlations.get(index)?;
            vec![it.subject.as_str(), it.with.as_str()]
        }
        Section::Comparison => vec![compared(snapshot).get(index)?.subject.as_str()],
    };
    Some(words)
}

/// What a target is found by, in a list and in the table.
pub(crate) fn target(target: &TargetSnapshot) -> Vec<&str> {
    let info = &target.info;
    let group = info.group.as_ref().map_or("", |group| group.as_str());
    vec![info.name.as_str(), group, info.url.as_str(), info.kind.as_str()]
}
