//! Where the time goes: the phases' medians as one strip, and their percentiles.

use probetop_core::sample::Phase;
use probetop_core::snapshot::{Quantiles, Snapshot, TargetSnapshot, WindowDetail};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::waterfall;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::gauge;
use crate::ui::widget::text::{self, Align};

/// Columns for the name of a phase.
const LABEL: usize = 14;

/// The least columns for a figure and the space before it: where not all percentiles have them, the highest is left out.
const FIGURE: usize = 8;

/// Rows for `target`: the heading, the strip, and the phases that its kind goes through.
pub(super) fn height(target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    match waterfall::steps(target, snapshot).as_slice() {
        [] => 2 + target.info.phases.len().max(1),
        steps => waterfall::height(steps),
    }
}

/// A flow has its steps instead.
pub(super) fn of_target(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    window: Option<&WindowDetail>,
    snapshot: &Snapshot,
    theme: &Theme,
) {
    match waterfall::steps(target, snapshot).as_slice() {
        [] => render(area, buf, window, theme),
        steps => waterfall::render(area, buf, target, steps, theme),
    }
}

fn role(phase: Phase) -> Role {
    match phase {
        Phase::Dns => Role::Dim,
        Phase::Connect => Role::Series1,
        Phase::Tls | Phase::Authenticate => Role::Series3,
        Phase::FirstByte | Phase::Query | Phase::Run => Role::Series2,
        // After the first byte, in the same strip.
        Phase::Transfer | Phase::Message => Role::Accent,
    }
}

fn render(area: Rect, buf: &mut Buffer, window: Option<&WindowDetail>, theme: &Theme) {
    let width = usize::from(area.width);
    super::super::heading(area, buf, "phases", theme);
    let phases = window.map(|window| window.phases.as_slice()).unwrap_or_default();
    if phases.is_empty() {
        return super::super::empty(area, buf, &["No phases in this window."], theme);
    }
    strip(text::rows(area, 1, 1), buf, phases, theme);
    let room = width.saturating_sub(LABEL);
    let count = (room / FIGURE).clamp(1, 3);
    let spread = (room / count).min(10);
    let place = |index| LABEL + index * spread;
    for (index, label) in [" p50", " p95", " p99"].into_iter().take(count).enumerate() {
        text::put_cell(
            buf,
            area,
            place(index),
            0,
            spread,
            Align::Right,
            label,
            theme.style(Role::Dim),
        );
    }
    let put_figures = |buf: &mut Buffer, row: Rect, label: &str, figures: &Quantiles| {
        text::put(buf, row, 2, 0, label, theme.style(Role::Dim));
        for (index, figure) in [figures.p50, figures.p95, figures.p99]
            .into_iter()
            .take(count)
            .enumerate()
        {
            let (x, figure) = (place(index), format::latency(figure));
            text::put_cell(buf, row, x, 0, spread, Align::Right, &figure, theme.style(Role::Text));
        }
    };
    for (y, (phase, figures)) in phases.iter().enumerate() {
        let row = text::rows(area, 2 + y, 1);
        let fill = theme.glyphs.fills[*phase as usize];
        text::put(buf, row, 0, 0, fill, theme.style(role(*phase)));
        put_figures(buf, row, phase.label(), figures);
    }
    if let Some(cold) = window.and_then(cold) {
        let row = text::rows(area, 2 + phases.len(), 1);
        put_figures(buf, row, "all, cold", cold);
    }
}

/// Whole probes that were the first on their connection, where there are others to tell them from.
fn cold(window: &WindowDetail) -> Option<&Quantiles> {
    let mixed = window.cold.count > 0 && window.cold.count < window.stats.latency.count;
    mixed.then_some(&window.cold)
}

/// The medians side by side, each in its own filling and colour.
fn strip(area: Rect, buf: &mut Buffer, phases: &[(Phase, Quantiles)], theme: &Theme) {
    let medians: Vec<f64> = phases
        .iter()
        .map(|(_, figures)| f64::from(figures.p50.unwrap_or_default().0))
        .collect();
    let widths = gauge::split(&medians, usize::from(area.width));
    let mut x = 0;
    for ((phase, _), columns) in phases.iter().zip(widths) {
        let fill = theme.glyphs.fills[*phase as usize].repeat(columns);
        x = text::put(buf, area, x, 0, &fill, theme.style(role(*phase)));
    }
}
