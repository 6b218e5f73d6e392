//! What each section of a list shows: its title, its columns, the cells of a row, and what is to be said about one.
//!
//! Each of it is told by the file of what it is about, in words; `pane/listing.rs` places and draws it.

use probetop_core::snapshot::Snapshot;

use super::pane::detail::Detail;
use super::pane::figure::Figure;
use super::pane::table::{Cell, Column};
use super::pane::{alerts, analysis, compare, health, objectives};
use crate::ui::theme::{Glyphs, Theme};
use crate::ui::view;
use crate::ui::view::list::{self, Section};

/// The name of a row, and all its words.
pub fn words(section: Section, index: usize, snapshot: &Snapshot) -> Option<(String, String)> {
    let cells = cells(section, index, snapshot, &Theme::plain(Glyphs::ASCII));
    let words: Vec<_> = cells.iter().filter_map(Cell::words).collect();
    let name = cells.iter().find_map(|cell| match cell {
        Cell::Name(name, _) => Some(name.clone()),
        Cell::Text(..) | Cell::Bar(..) | Cell::Score(..) => None,
    })?;
    Some((name, words.join("  ")))
}

/// What is to be said about a row in lines so wide; `None` for a row that is not there.
pub fn detail(section: Section, index: usize, snapshot: &Snapshot, width: usize) -> Option<Detail> {
    let analysis = &snapshot.analysis;
    match section {
        Section::EndedAlerts if list::is_fold(index, snapshot) => {
            let newest = list::alert(section, index, snapshot);
            newest.map(|it| alerts::fold::detail(it, snapshot, width))
        }
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => {
            let alert = list::alert(section, index, snapshot);
            alert.map(|it| alerts::incident::detail(it, snapshot, width))
        }
        Section::Channels => {
            let channel = snapshot.channels.get(index);
            channel.map(|it| alerts::channels::detail(it, snapshot, width))
        }
        Section::Silences => {
            let silence = snapshot.alerts.silences.get(index);
            silence.map(|it| alerts::silences::detail(it, snapshot))
        }
        Section::Objectives => {
            let objective = snapshot.objectives.get(index);
            objective.map(|it| objectives::detail(it, snapshot, width))
        }
        Section::Apdex => {
            let target = snapshot.targets.get(index);
            target.map(|it| objectives::apdex::detail(it, width))
        }
        Section::HealthGroups => health::groups::detail(index, snapshot, width),
        Section::HealthComponents => health::components::detail(index, snapshot, width),
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index);
            bottleneck.map(|it| analysis::bottlenecks::detail(it, snapshot, width))
        }
        Section::Anomalies => {
            let anomaly = analysis.anomalies.get(index);
            anomaly.map(|it| analysis::anomalies::detail(it, snapshot, width))
        }
        Section::Trends => {
            let trend = analysis.trends.get(index);
            trend.map(|it| analysis::trends::detail(it, width))
        }
        Section::Correlations => {
            let correlation = analysis.correlations.get(index);
            correlation.map(|it| analysis::correlations::detail(it, width))
        }
        Section::Comparison => {
            let row = list::compared(snapshot).get(index)?;
            Some(compare::detail(row, snapshot.comparison.as_ref()?, width))
        }
    }
}

/// What is drawn about a row, the most telling first; nothing where words say it all.
pub(crate) fn figures(section: Section, index: usize, snapshot: &Snapshot) -> Vec<Figure> {
    match section {
        Section::Objectives => {
            let objective = snapshot.objectives.get(index);
            objective.map_or_else(Vec::new, |objective| objectives::figures(objective, snapshot))
        }
        Section::Apdex => {
            let target = snapshot.targets.get(index);
            target
                .and_then(|target| objectives::apdex::figure(target, snapshot))
                .into_iter()
                .collect()
        }
        Section::Comparison => {
            let row = list::compared(snapshot).get(index);
            row.map_or_else(Vec::new, compare::figures)
        }
        Section::ActiveAlerts
        | Section::EndedAlerts
        | Section::EndedTurns
        | Section::Bottlenecks
        | Section::Anomalies
        | Section::Trends
        | Section::Correlations => {
            let shown = view::shown(section, index, snapshot);
            shown.map(Figure::Shown).into_iter().collect()
        }
        Section::Channels | Section::Silences | Section::HealthGroups | Section::HealthComponents => Vec::new(),
    }
}

/// What is said of the rows that a section leaves out.
pub(crate) fn note(section: Section, snapshot: &Snapshot) -> String {
    match section {
        Section::HealthGroups => health::groups::note(snapshot),
        Section::HealthComponents => "Everything else is as it should be.".into(),
        Section::ActiveAlerts
        | Section::EndedAlerts
        | Section::EndedTurns
        | Section::Channels
        | Section::Silences
        | Section::Objectives
        | Section::Apdex
        | Section::Bottlenecks
        | Section::Anomalies
        | Section::Trends
        | Section::Correlations
        | Section::Comparison => String::new(),
    }
}

pub fn title(section: Section, snapshot: &Snapshot) -> String {
    match section {
        Section::ActiveAlerts => alerts::active_title(snapshot),
        Section::Channels => "channels".into(),
        Section::Silences => "silences".into(),
        Section::EndedAlerts | Section::EndedTurns => alerts::ended_title(snapshot),
        Section::Objectives => "objectives".into(),
        Section::Apdex => "apdex".into(),
        Section::HealthGroups => "groups by points lost".into(),
        Section::HealthComponents => "what costs points".into(),
        Section::Bottlenecks => "bottlenecks".into(),
        Section::Anomalies => "anomalies".into(),
        Section::Trends => "trends".into(),
        Section::Correlations => "correlations".into(),
        Section::Comparison => "A against B".into(),
    }
}

pub fn columns(section: Section) -> &'static [Column] {
    match section {
        Section::ActiveAlerts | Section::EndedAlerts | Section::EndedTurns => &alerts::COLUMNS,
        Section::Channels => &alerts::channels::COLUMNS,
        Section::Silences => &alerts::silences::COLUMNS,
        Section::Objectives => &objectives::COLUMNS,
        Section::Apdex => &objectives::apdex::COLUMNS,
        Section::HealthGroups => &health::groups::COLUMNS,
        Section::HealthComponents => &health::components::COLUMNS,
        Section::Bottlenecks => &analysis::bottlenecks::COLUMNS,
        Section::Anomalies => &analysis::anomalies::COLUMNS,
        Section::Trends => &analysis::trends::COLUMNS,
        Section::Correlations => &analysis::correlations::COLUMNS,
        Section::Comparison => &compare::COLUMNS,
    }
}

/// The cells of a row; none for a row that is not there.
pub fn cells(section: Section, index: usize, snapshot: &Snapshot, theme: &Theme) -> Vec<Cell> {
    let analysis = &snapshot.analysis;
    let glyphs = &theme.glyphs;
    let cells = match section {
        Section::ActiveAlerts => {
            list::alert(section, index, snapshot).map(|it| alerts::cells(it, snapshot, glyphs).into())
        }
        Section::EndedAlerts => {
            list::alert(section, index, snapshot).map(|it| alerts::fold::cells(it, snapshot, glyphs).into())
        }
        Section::EndedTurns => {
            list::alert(section, index, snapshot).map(|it| alerts::fold::turn(it, snapshot, glyphs).into())
        }
        Section::Channels => {
            let channel = snapshot.channels.get(index);
            channel.map(|it| alerts::channels::cells(it, snapshot, glyphs).into())
        }
        Section::Silences => {
            let silence = snapshot.alerts.silences.get(index);
            silence.map(|it| alerts::silences::cells(it, snapshot).into())
        }
        Section::Objectives => snapshot
            .objectives
            .get(index)
            .map(|it| objectives::cells(it, glyphs).into()),
        Section::Apdex => snapshot
            .targets
            .get(index)
            .map(|it| objectives::apdex::cells(it, glyphs).into()),
        Section::HealthGroups => health::groups::cells(index, snapshot, glyphs).map(Into::into),
        Section::HealthComponents => health::components::cells(index, snapshot, glyphs).map(Into::into),
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index);
            bottleneck.map(|it| analysis::bottlenecks::cells(it, snapshot, glyphs).into())
        }
        Section::Anomalies => {
            let anomaly = analysis.anomalies.get(index);
            anomaly.map(|it| analysis::anomalies::cells(it, snapshot, glyphs).into())
        }
        Section::Trends => analysis.trends.get(index).map(|it| analysis::trends::cells(it).into()),
        Section::Correlations => {
            let correlation = analysis.correlations.get(index);
            correlation.map(|it| analysis::correlations::cells(it).into())
        }
        Section::Comparison => {
            let row = list::compared(snapshot).get(index);
            row.map(|it| compare::cells(it, glyphs).into())
        }
    };
    cells.unwrap_or_default()
}
