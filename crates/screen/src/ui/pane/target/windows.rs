//! Percentiles, rate and errors of every window side by side.

use probetop_core::sample::{Micros, Window};
use probetop_core::snapshot::{Detail, Quantiles, Snapshot, WindowDetail, WindowStats};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text::{self, Align};

pub(super) const HEIGHT: usize = 12;
pub(super) const WIDTH: usize = LABEL + 5 * COLUMN;
const LABEL: usize = 6;
const COLUMN: usize = 7;

type Figure = fn(&Quantiles) -> Option<Micros>;
const FIGURES: [(&str, Figure); 9] = [
    ("p50", |latency| latency.p50),
    ("p75", |latency| latency.p75),
    ("p90", |latency| latency.p90),
    ("p95", |latency| latency.p95),
    ("p99", |latency| latency.p99),
    ("p99.9", |latency| latency.p99_9),
    ("max", |latency| latency.max),
    ("mean", |latency| latency.mean),
    ("min", |latency| latency.min),
];

pub(super) fn render(area: Rect, buf: &mut Buffer, detail: &Detail, snapshot: &Snapshot, theme: &Theme) {
    super::super::heading(area, buf, "window", theme);
    let labels = FIGURES.iter().map(|(label, _)| *label).chain(["rate", "errors"]);
    for (y, label) in labels.enumerate() {
        text::put(buf, area, 0, y + 1, label, theme.style(Role::Dim));
    }
    let fitting = usize::from(area.width).saturating_sub(LABEL) / COLUMN;
    for (index, (window, detail)) in shown(detail, snapshot.window, fitting).into_iter().enumerate() {
        let x = LABEL + index * COLUMN;
        let chosen = *window == snapshot.window;
        let heading = format!(" {}", window.name());
        let role = if chosen { Role::Accent } else { Role::Dim };
        text::put_cell(buf, area, x, 0, COLUMN, Align::Right, &heading, theme.style(role));
        column(
            text::columns(area, x, COLUMN),
            buf,
            &detail.stats,
            if chosen { Role::Text } else { Role::Dim },
            theme,
        );
    }
    if detail.windows.is_empty() {
        text::put(buf, area, LABEL + 2, 2, "no figures yet", theme.style(Role::Dim));
    }
}

/// As many windows as fit: first of all the one that is chosen, then the run, then the shorter ones.
fn shown(detail: &Detail, chosen: Window, fitting: usize) -> Vec<&(Window, WindowDetail)> {
    let mut ranked: Vec<_> = detail.windows.iter().collect();
    ranked.sort_by_key(|(window, _)| (*window != chosen, *window != Window::Run, *window));
    ranked.truncate(fitting);
    ranked.sort_by_key(|(window, _)| *window);
    ranked
}

fn column(area: Rect, buf: &mut Buffer, stats: &WindowStats, role: Role, theme: &Theme) {
    let figures = FIGURES
        .iter()
        .map(|(_, figure)| (format::latency(figure(&stats.latency)), role));
    let errors = if stats.failed > 0 { Role::Failure } else { role };
    let rest = [
        (format::rate(stats.rate_per_s()), role),
        (format::share(stats.error_ratio()), errors),
    ];
    for (y, (figure, role)) in figures.chain(rest).enumerate() {
        text::put_cell(buf, area, 0, y + 1, COLUMN, Align::Right, &figure, theme.style(role));
    }
}
