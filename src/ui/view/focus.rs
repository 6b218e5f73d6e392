//! The block that has the focus: which one, moving it on, and showing it on the whole body and back.

use super::{Block, Extent, Pane, View};
use crate::sample::Severity;
use crate::ui::geometry::Geometry;
use crate::ui::page::{Form, Need};

impl View {
    /// The block of the pane that is marked and that the keys act on; at first there is none.
    pub fn focus(&self) -> Option<Block> {
        self.focus[self.pane as usize]
    }

    /// Whether one block has the whole body.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The block that has the whole body.
    pub fn expanded(&self) -> Option<Block> {
        match self.extent {
            Extent::Whole => self.focus(),
            Extent::Parts => None,
        }
    }

    /// The pane whose keys hold: that of a list with the focus, else the one that is shown.
    pub(super) fn acting(&self) -> Pane {
        self.focus().and_then(Block::listed).unwrap_or(self.pane)
    }

    /// Whether the keys act on the process table.
    pub(super) fn acts_on_processes(&self) -> bool {
        self.pane.needs(Need::Processes) || self.focus() == Some(Block::Processes)
    }

    /// Whether a block is scrolled by the keys that otherwise choose a target or scroll the pane.
    pub(in crate::ui) fn scrolls_block(&self) -> bool {
        match self.focus() {
            None
            | Some(
                Block::Targets
                | Block::Chart
                | Block::Heat
                | Block::Timeline
                | Block::Alerts
                | Block::Objectives
                | Block::Health
                | Block::Analysis
                | Block::List
                | Block::Details,
            ) => false,
            Some(
                Block::Machine
                | Block::Gauges
                | Block::Cores
                | Block::Resources
                | Block::Sockets
                | Block::Disks
                | Block::Networks
                | Block::Processes
                | Block::Windows
                | Block::Phases
                | Block::Answer
                | Block::Values
                | Block::Distribution
                | Block::Failures,
            ) => self.pane == Pane::Overview || self.extent == Extent::Whole,
        }
    }

    /// The block with the focus on the whole body, without any the first one; and back.
    pub(super) fn expand(&mut self, geometry: &Geometry) {
        if self.extent == Extent::Whole {
            return self.collapse();
        }
        let first = geometry.blocks().first().map(|(block, _)| *block);
        match self.focus().or(first) {
            Some(block) => {
                self.focus_on(Some(block));
                self.extent = Extent::Whole;
            }
            None => self.tell(Severity::Info, "this pane is one block".into()),
        }
    }

    pub(super) fn collapse(&mut self) {
        self.extent = Extent::Parts;
        self.places[self.pane as usize].first = 0;
    }

    /// To the block after the one that has the focus; behind the last one none has it, unless it is on the whole body.
    pub(super) fn focus_next(&mut self, geometry: &Geometry) {
        let blocks = &geometry.parts.blocks;
        let place = blocks.iter().position(|(block, _)| self.focus() == Some(*block));
        let next = place.map_or(0, |place| place + 1);
        let block = match (blocks.get(next), self.extent) {
            (Some((block, _)), _) => Some(*block),
            (None, Extent::Whole) => blocks.first().map(|(block, _)| *block),
            (None, Extent::Parts) => None,
        };
        self.focus_on(block);
        if blocks.is_empty() {
            self.tell(Severity::Info, "this pane is one block".into());
        }
    }

    /// Gives a block the focus and scrolls to it.
    pub(super) fn focus_on(&mut self, block: Option<Block>) {
        if self.focus() != block {
            self.focus[self.pane as usize] = block;
            let is_scrolled = self.pane == Pane::Overview || self.extent == Extent::Whole;
            if is_scrolled && self.pane.list().is_none() {
                self.places[self.pane as usize].first = 0;
            }
        }
    }

    /// Brings the block with the focus into sight, where the pane scrolls as a whole.
    pub(super) fn reveal(&mut self, geometry: &Geometry) {
        let is_part = self.extent == Extent::Parts && self.pane.page().form == Form::Sheet;
        let mut parts = geometry.parts.blocks.iter();
        let focused = parts.find(|(block, _)| self.focus() == Some(*block));
        if let Some((_, area)) = focused.filter(|_| is_part) {
            let body = geometry.bands.body;
            let (top, bottom) = (usize::from(area.y - body.y), usize::from(area.bottom() - body.y));
            let first = &mut self.places[self.pane as usize].first;
            let visible = usize::from(body.height);
            *first = (*first).max(bottom.saturating_sub(visible)).min(top);
        }
    }
}
