//! Where the time goes: the phases' medians as one strip, and their percentiles.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::{Micros, Phase};
use crate::snapshot::WindowDetail;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::gauge;
use crate::ui::widget::text::{self, Align};

pub const HEIGHT: usize = 7;
/// Columns for the name of a phase.
const LABEL: usize = 12;

fn role(phase: Phase) -> Role {
    match phase {
        Phase::Dns => Role::Dim,
        Phase::Connect => Role::Series1,
        Phase::Tls => Role::Series3,
        Phase::FirstByte => Role::Series2,
        Phase::Transfer => Role::Accent,
    }
}

pub fn render(area: Rect, buf: &mut Buffer, window: Option<&WindowDetail>, theme: &Theme) {
    let width = usize::from(area.width);
    super::super::heading(area, buf, "phases", theme);
    let phases = window.map(|window| window.phases.as_slice()).unwrap_or_default();
    if phases.is_empty() {
        return super::super::empty(area, buf, &["No phases in this window."], theme);
    }
    let medians: Vec<f64> = phases
        .iter()
        .map(|(_, figures)| f64::from(figures.p50.unwrap_or_default().0))
        .collect();
    let mut x = 0;
    for ((phase, _), columns) in phases.iter().zip(gauge::split(&medians, width)) {
        for _ in 0..columns {
            x = text::put(
                buf,
                area,
                x,
                1,
                theme.glyphs.fills[*phase as usize],
                theme.style(role(*phase)),
            );
        }
    }
    let spread = (width.saturating_sub(LABEL) / 3).min(10);
    for (place, label) in [" p50", " p95", " p99"].into_iter().enumerate() {
        text::put_cell(
            buf,
            area,
            LABEL + place * spread,
            0,
            spread,
            Align::Right,
            label,
            theme.style(Role::Dim),
        );
    }
    for (y, (phase, figures)) in phases.iter().enumerate() {
        let row = text::rows(area, 2 + y, 1);
        text::put(
            buf,
            row,
            0,
            0,
            theme.glyphs.fills[*phase as usize],
            theme.style(role(*phase)),
        );
        text::put(buf, row, 2, 0, phase.label(), theme.style(Role::Dim));
        for (place, figure) in [figures.p50, figures.p95, figures.p99].into_iter().enumerate() {
            cell(row, buf, LABEL + place * spread, spread, figure, theme);
        }
    }
}

fn cell(row: Rect, buf: &mut Buffer, x: usize, width: usize, figure: Option<Micros>, theme: &Theme) {
    text::put_cell(
        buf,
        row,
        x,
        0,
        width,
        Align::Right,
        &format::latency(figure),
        theme.style(Role::Text),
    );
}
