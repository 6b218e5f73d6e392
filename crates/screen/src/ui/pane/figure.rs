//! What is drawn about the chosen row of a list, beside or above the words about it.

mod curve;
mod overlay;

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::evidence;
use crate::ui::theme::Theme;
use crate::ui::view::{Shown, View};

pub(crate) use curve::{Curve, Limit, Time};
pub(crate) use overlay::{Overlay, OverlayForm, SIDES};

/// Fewer rows say nothing.
pub(crate) const LEAST_ROWS: usize = 5;

/// Columns for the labels of the vertical axis, before its line.
const LABELS: usize = 6;

/// Where the plot begins.
const PLOT_FROM: usize = LABELS + 2;

/// One figure.
pub(crate) enum Figure {
    /// How something went over time.
    Curve(Curve),
    /// How the latencies of two sides are spread.
    Overlay(Overlay),
    /// What an alert or a row of the analysis is about.
    Shown(Shown),
}

impl Figure {
    pub(crate) fn render(&self, area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
        match self {
            Self::Curve(curve) => curve.render(area, buf, snapshot, view, theme),
            Self::Overlay(overlay) => overlay.render(area, buf, theme),
            Self::Shown(shown) => evidence::render(shown, area, buf, (snapshot, view, theme)),
        }
    }
}
