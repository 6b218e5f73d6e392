//! What pages are made of: the blocks, how they are called, and what each has to be told.

use super::Pane;
use crate::ui::page::Need;

/// A part of a page with a heading of its own. It can have the focus and the whole screen, and most can stand on the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Block {
    /// The table of all.
    Targets,
    /// The course of the chosen target.
    Chart,
    Heat,
    Timeline,
    Alerts,
    Objectives,
    Health,
    Analysis,
    /// This machine: all there is room for.
    Machine,
    Gauges,
    Cores,
    Resources,
    Sockets,
    Disks,
    Networks,
    Processes,
    /// Figures of the chosen target by window.
    Windows,
    Phases,
    /// Its last answer.
    Answer,
    /// What it tells by itself.
    Values,
    Distribution,
    Failures,
    /// The rows of a pane that lists things.
    List,
    /// What is to be said about the chosen row.
    Details,
}

impl Block {
    /// Those an overview can be made of, as the configuration names them.
    pub const NAMED: [(Self, &'static str); 22] = [
        (Self::Targets, "targets"),
        (Self::Chart, "chart"),
        (Self::Heat, "heat"),
        (Self::Timeline, "timeline"),
        (Self::Alerts, "alerts"),
        (Self::Objectives, "objectives"),
        (Self::Health, "health"),
        (Self::Analysis, "analysis"),
        (Self::Machine, "machine"),
        (Self::Gauges, "gauges"),
        (Self::Cores, "cores"),
        (Self::Resources, "resources"),
        (Self::Sockets, "sockets"),
        (Self::Disks, "disks"),
        (Self::Networks, "networks"),
        (Self::Processes, "processes"),
        (Self::Windows, "windows"),
        (Self::Phases, "phases"),
        (Self::Answer, "answer"),
        (Self::Values, "values"),
        (Self::Distribution, "distribution"),
        (Self::Failures, "failures"),
    ];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED
            .into_iter()
            .find(|(_, known)| *known == name)
            .map(|(block, _)| block)
    }

    /// The pane whose list it shows.
    pub const fn listed(self) -> Option<Pane> {
        match self {
            Self::Alerts => Some(Pane::Alerts),
            Self::Objectives => Some(Pane::Objectives),
            Self::Health => Some(Pane::Health),
            Self::Analysis => Some(Pane::Analysis),
            Self::Targets
            | Self::Chart
            | Self::Heat
            | Self::Timeline
            | Self::Machine
            | Self::Gauges
            | Self::Cores
            | Self::Resources
            | Self::Sockets
            | Self::Disks
            | Self::Networks
            | Self::Processes
            | Self::Windows
            | Self::Phases
            | Self::Answer
            | Self::Values
            | Self::Distribution
            | Self::Failures
            | Self::List
            | Self::Details => None,
        }
    }

    /// What it has to be told on an overview.
    pub const fn needs(self, need: Need) -> bool {
        match need {
            Need::Detail => matches!(
                self,
                Self::Windows | Self::Phases | Self::Values | Self::Distribution | Self::Failures
            ),
            Need::Map => matches!(self, Self::Chart),
            Need::Course => matches!(self, Self::Heat | Self::Timeline),
            Need::Processes => matches!(self, Self::Processes),
            // The table has a column of it that is on or off.
            Need::Comparison => false,
        }
    }

    /// Whether it leaves a column free at either edge by itself.
    pub const fn has_margins(self) -> bool {
        matches!(self, Self::Targets | Self::Heat | Self::Timeline | Self::List) || self.listed().is_some()
    }
}
