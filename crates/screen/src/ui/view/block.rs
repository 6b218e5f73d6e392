//! What pages are made of: the blocks, how they are called, and what each has to be told.

use super::Pane;
use crate::ui::page::Need;

/// A part of a page with a heading of its own. It can have the focus and the whole screen, and most can stand on the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Block {
    /// The table of all.
    Targets,
    /// A card for each of them, while all fit; else their table.
    Cards,
    /// The course of the chosen target.
    Chart,
    Heat,
    Timeline,
    /// The list of a pane.
    Listed(Listed),
    Machine(MachinePart),
    Target(TargetPart),
    /// The rows of the pane that is shown, which lists things.
    List,
    /// What is to be said about the chosen row.
    Details,
}

/// Panes whose list can stand elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Listed {
    Alerts,
    Objectives,
    Health,
    Analysis,
}

/// Of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MachinePart {
    /// All there is room for.
    Whole,
    Gauges,
    Cores,
    Resources,
    Sockets,
    Disks,
    Networks,
    Processes,
}

/// Of the chosen target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetPart {
    /// Its figures by window.
    Windows,
    Phases,
    /// Its last answer.
    Answer,
    /// What it tells by itself.
    Values,
    Distribution,
    Failures,
}

impl Block {
    /// Those an overview can be made of, as the configuration names them.
    pub const NAMED: [(Self, &'static str); 23] = [
        (Self::Targets, "targets"),
        (Self::Cards, "cards"),
        (Self::Chart, "chart"),
        (Self::Heat, "heat"),
        (Self::Timeline, "timeline"),
        (Self::Listed(Listed::Alerts), "alerts"),
        (Self::Listed(Listed::Objectives), "objectives"),
        (Self::Listed(Listed::Health), "health"),
        (Self::Listed(Listed::Analysis), "analysis"),
        (Self::Machine(MachinePart::Whole), "machine"),
        (Self::Machine(MachinePart::Gauges), "gauges"),
        (Self::Machine(MachinePart::Cores), "cores"),
        (Self::Machine(MachinePart::Resources), "resources"),
        (Self::Machine(MachinePart::Sockets), "sockets"),
        (Self::Machine(MachinePart::Disks), "disks"),
        (Self::Machine(MachinePart::Networks), "networks"),
        (Self::Machine(MachinePart::Processes), "processes"),
        (Self::Target(TargetPart::Windows), "windows"),
        (Self::Target(TargetPart::Phases), "phases"),
        (Self::Target(TargetPart::Answer), "answer"),
        (Self::Target(TargetPart::Values), "values"),
        (Self::Target(TargetPart::Distribution), "distribution"),
        (Self::Target(TargetPart::Failures), "failures"),
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
            Self::Listed(listed) => Some(listed.pane()),
            Self::Targets
            | Self::Cards
            | Self::Chart
            | Self::Heat
            | Self::Timeline
            | Self::Machine(_)
            | Self::Target(_)
            | Self::List
            | Self::Details => None,
        }
    }

    /// What it has to be told on an overview.
    pub const fn needs(self, need: Need) -> bool {
        match need {
            Need::Detail => matches!(self, Self::Target(part) if part.is_of_detail()),
            Need::Map => matches!(self, Self::Chart),
            Need::Course => matches!(self, Self::Heat | Self::Timeline),
            Need::Processes => matches!(self, Self::Machine(MachinePart::Processes)),
            // The table has a column of it that is on or off.
            Need::Comparison => false,
        }
    }

    /// Whether it leaves a column free at either edge by itself.
    pub const fn has_margins(self) -> bool {
        matches!(
            self,
            Self::Targets | Self::Cards | Self::Heat | Self::Timeline | Self::List | Self::Listed(_)
        )
    }
}

impl Listed {
    pub const fn pane(self) -> Pane {
        match self {
            Self::Alerts => Pane::Alerts,
            Self::Objectives => Pane::Objectives,
            Self::Health => Pane::Health,
            Self::Analysis => Pane::Analysis,
        }
    }
}

impl TargetPart {
    /// Whether it shows more of a target than every snapshot has.
    const fn is_of_detail(self) -> bool {
        match self {
            Self::Windows | Self::Phases | Self::Values | Self::Distribution | Self::Failures => true,
            Self::Answer => false,
        }
    }
}
