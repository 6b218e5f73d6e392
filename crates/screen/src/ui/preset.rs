//! What the overview is made of: compositions of blocks to choose from, the built-in ones and those of the configuration.
//!
//! A preset is rows of cells, a cell is a block or several on top of each other. What stands first is the most important:
//! where there is no room for all, the last ones are left out.

mod settings;

use std::sync::Arc;

use super::view::{Block, Listed, MachinePart};

pub use settings::{LayoutSettings, resolve};

/// A composition with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    pub name: String,
    pub about: String,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub height: Share,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// In relation to the other cells of its row.
    pub width: u16,
    /// From above.
    pub blocks: Vec<(Block, Share)>,
}

/// How much of the height something gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// All it has something to say in, before the others get anything.
    Need,
    /// So much in relation to the others.
    Weight(u16),
}

/// The presets there are, and the one that is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presets {
    all: Arc<[Preset]>,
    chosen: usize,
}

impl Default for Presets {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Presets {
    /// The built-in ones, then `own`; one of the same name takes the place of the built-in one. The first is chosen.
    pub fn new(own: Vec<Preset>) -> Self {
        let mut all = built_in();
        for preset in own {
            match all.iter_mut().find(|known| known.name == preset.name) {
                Some(known) => *known = preset,
                None => all.push(preset),
            }
        }
        Self {
            all: all.into(),
            chosen: 0,
        }
    }

    pub fn all(&self) -> &[Preset] {
        &self.all
    }

    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The preset of that place; of none the chosen one.
    pub fn get(&self, place: Option<usize>) -> &Preset {
        let preset = place.and_then(|place| self.all.get(place));
        preset.unwrap_or(&self.all[self.chosen])
    }

    /// Chooses by place; one that is not there changes nothing.
    pub fn take(&mut self, place: usize) {
        if place < self.all.len() {
            self.chosen = place;
        }
    }

    /// Chooses by name; `None` when there is none of it.
    #[must_use]
    pub fn choose(self, name: &str) -> Option<Self> {
        let chosen = self.all.iter().position(|preset| preset.name == name)?;
        Some(Self { chosen, ..self })
    }
}

const ALERTS: Block = Block::Listed(Listed::Alerts);
const MACHINE: Block = Block::Machine(MachinePart::Whole);
const PROCESSES: Block = Block::Machine(MachinePart::Processes);

fn built_in() -> Vec<Preset> {
    let preset = |name: &str, about: &str, rows: Vec<Row>| Preset {
        name: name.into(),
        about: about.into(),
        rows,
    };
    use Block::{Cards, Chart, Heat, Targets, Timeline};
    vec![
        preset(
            "standard",
            "the targets, the course of the chosen one, this machine",
            vec![row(
                1,
                vec![
                    Cell {
                        width: TARGETS_WIDTH,
                        blocks: vec![(Targets, Share::Need), (Chart, Share::Weight(1))],
                    },
                    cell(MACHINE_WIDTH, MACHINE),
                ],
            )],
        ),
        preset(
            "latency",
            "the targets, and below them how their latencies went and how they are spread",
            vec![
                row(2, vec![cell(1, Targets)]),
                row(3, vec![cell(1, Chart)]),
                row(3, vec![cell(1, Heat)]),
            ],
        ),
        preset(
            "machine",
            "this machine with its processes, and the targets below",
            vec![
                row(2, vec![cell(1, MACHINE), cell(1, PROCESSES)]),
                row(1, vec![cell(1, Targets)]),
            ],
        ),
        preset(
            "incident",
            "what fires, the targets, and everything over the same seconds",
            vec![
                row(2, vec![cell(1, ALERTS)]),
                row(2, vec![cell(1, Targets)]),
                row(4, vec![cell(1, Timeline)]),
            ],
        ),
        preset("wall", "a card for each target", vec![row(1, vec![cell(1, Cards)])]),
    ]
}

/// The columns of the targets and of the machine on the narrowest screen that has both side by side, one of 132 columns.
const TARGETS_WIDTH: u16 = 91;
const MACHINE_WIDTH: u16 = 38;

fn row(weight: u16, cells: Vec<Cell>) -> Row {
    Row {
        height: Share::Weight(weight),
        cells,
    }
}

fn cell(width: u16, block: Block) -> Cell {
    Cell {
        width,
        blocks: vec![(block, Share::Weight(1))],
    }
}
