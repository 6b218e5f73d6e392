//! Where the key that opens leads from a row of a list.

use probetop_core::sample::TargetId;
use probetop_core::snapshot::{Resource, Snapshot};

use super::list::{self, Section};

/// A page, and what on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageLink {
    Target(TargetId),
    Machine,
    /// By its place among the objectives.
    Objective(usize),
}

/// What a row is about, as far as there is a page for it. Of an objective it is the target that does worst.
pub(super) fn leads_to(section: Section, index: usize, snapshot: &Snapshot) -> Option<PageLink> {
    let analysis = &snapshot.analysis;
    let target_or_machine = |target: Option<TargetId>| Some(target.map_or(PageLink::Machine, PageLink::Target));
    match section {
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => {
            let alert = list::alert(section, index, snapshot)?;
            let objective = snapshot.objectives.iter().position(|it| it.name == alert.subject);
            match (alert.target, objective) {
                (None, Some(objective)) => Some(PageLink::Objective(objective)),
                (target, _) => target_or_machine(target),
            }
        }
        Section::Channels | Section::Silences | Section::HealthGroups => None,
        Section::Objectives => {
            let names = &snapshot.objectives.get(index)?.targets;
            let targets = snapshot
                .targets
                .iter()
                .filter(|target| names.contains(&target.info.name));
            let worst = targets.reduce(|worst, target| if target.level > worst.level { target } else { worst });
            worst.map(|target| PageLink::Target(target.info.id))
        }
        Section::Apdex => Some(PageLink::Target(snapshot.targets.get(index)?.info.id)),
        Section::HealthComponents => target_or_machine(list::components(snapshot).nth(index)?.1.target),
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index)?;
            match bottleneck.resource {
                Resource::Cpu | Resource::Memory | Resource::Disk | Resource::Monitor => {
                    target_or_machine(bottleneck.target)
                }
                Resource::Service
                | Resource::NameResolution
                | Resource::Network
                | Resource::Tls
                | Resource::Database
                | Resource::Cache
                | Resource::LoadGenerator => bottleneck.target.map(PageLink::Target),
            }
        }
        Section::Anomalies => target_or_machine(analysis.anomalies.get(index)?.target),
        Section::Trends => target_or_machine(analysis.trends.get(index)?.target),
        Section::Correlations => Some(PageLink::Target(analysis.correlations.get(index)?.target)),
        Section::Comparison => target_or_machine(list::compared(snapshot).get(index)?.target),
    }
}
