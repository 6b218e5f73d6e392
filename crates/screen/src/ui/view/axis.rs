//! The time axis as charts have it: how much of it a young run shows, and how it goes on.

use std::time::Duration;

use probetop_core::snapshot::Snapshot;

use super::charts::Charts;
use crate::ui::format;
use crate::ui::widget::timeline::{self, Timeline};

/// What the axis of a run that has just begun is long, and how many steps at least.
const FIRST: Duration = Duration::from_secs(30);
const FEWEST: usize = 6;

/// The steps of the axis that charts have room for. It doubles as it fills, so that the first minute is not an empty screen; a
/// function of where the axis ends, so that who goes back sees it as it was.
fn steps_drawn(snapshot: &Snapshot) -> usize {
    let first = FIRST.as_secs() / snapshot.axis.step().as_secs().max(1);
    let least = usize::try_from(first).unwrap_or(FEWEST).max(FEWEST);
    timeline::grown(snapshot.axis.points(), least, snapshot.axis_end)
}

/// How long the axis is that is drawn, for headings: `2m`.
pub fn length_drawn(snapshot: &Snapshot) -> String {
    let steps = steps_drawn(snapshot);
    if steps == snapshot.axis.points() {
        return snapshot.axis.name().into();
    }
    let seconds = snapshot.axis.step().as_secs().saturating_mul(steps as u64);
    format::age(Duration::from_secs(seconds)).replace("m00s", "m")
}

impl Charts {
    /// The time axis over so many columns, of which each cell holds `per_cell`.
    pub fn timeline(&self, columns: usize, per_cell: usize, snapshot: &Snapshot) -> Timeline {
        Timeline::new(columns, steps_drawn(snapshot), snapshot.axis_end, self.motion).in_cells_of(per_cell)
    }
}
