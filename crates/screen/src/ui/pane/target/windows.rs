//! Percentiles, rate and errors of every window side by side.

use std::time::Duration;

use probetop_core::sample::{Micros, Window};
use probetop_core::snapshot::{Detail, Quantiles, Snapshot, TargetSnapshot, WindowDetail, WindowStats};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text::{self, Align};

pub(super) const HEIGHT: usize = 12;
pub(super) const WIDTH: usize = LABEL + Window::ALL.len() * COLUMN;
const LABEL: usize = 6;
const COLUMN: usize = 7;

/// Probes that p99 takes.
const P99_NEEDS: u64 = 100;

type Figure = fn(&Quantiles) -> Option<Micros>;

/// Each with the probes that it takes.
const FIGURES: [(&str, u64, Figure); 9] = [
    ("p50", 2, |latency| latency.p50),
    ("p75", 4, |latency| latency.p75),
    ("p90", 10, |latency| latency.p90),
    ("p95", 20, |latency| latency.p95),
    ("p99", P99_NEEDS, |latency| latency.p99),
    ("p99.9", 1_000, |latency| latency.p99_9),
    ("max", 1, |latency| latency.max),
    ("mean", 1, |latency| latency.mean),
    ("min", 1, |latency| latency.min),
];

pub(super) fn render(area: Rect, buf: &mut Buffer, detail: &Detail, snapshot: &Snapshot, theme: &Theme) {
    super::super::heading(area, buf, "window", theme);
    let labels = FIGURES.iter().map(|(label, ..)| *label).chain(["rate", "errors"]);
    for (y, label) in labels.enumerate() {
        text::put(buf, area, 0, y + 1, label, theme.style(Role::Dim));
    }
    let fitting = usize::from(area.width).saturating_sub(LABEL) / COLUMN;
    for (index, (window, detail)) in shown(detail, snapshot.window, fitting).into_iter().enumerate() {
        let x = LABEL + index * COLUMN;
        let chosen = *window == snapshot.window;
        let filled = format::filled(*window, &detail.stats).filter(|_| !detail.stats.covered.is_zero());
        let heading = match filled.filter(|_| chosen) {
            Some(held) => format!(" {}/{}", format::coarse(held), window.name()),
            None => format!(" {}", window.name()),
        };
        let role = if chosen { Role::Accent } else { Role::Dim };
        text::put_cell(buf, area, x, 0, COLUMN, Align::Right, &heading, theme.style(role));
        // One that is not full holds no more than the run; only who chose it is shown that.
        if filled.is_some() && !chosen {
            text::put_cell(buf, area, x, 1, COLUMN, Align::Right, "later", theme.style(Role::Dim));
            continue;
        }
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

/// What the window lacks for p99, and what to press or to configure for it; `None`: it has it, or no probe yet.
pub(super) fn lacking(target: &TargetSnapshot, snapshot: &Snapshot, view: &View) -> Option<String> {
    let count = target.stats.latency.count;
    if count == 0 || count >= P99_NEEDS || !target.info.purpose.measures_service() {
        return None;
    }
    let holds = |length: Duration| length.as_secs_f64() / target.info.interval.as_secs_f64().max(1e-3);
    let carries = |window: &Window| {
        let length = window.length();
        length.is_none_or(|length| holds(length) >= P99_NEEDS as f64)
    };
    let needs = format!("p99 needs {P99_NEEDS} probes");
    if carries(&snapshot.window) {
        return Some(format!("{needs}, {count} so far"));
    }
    let held = snapshot.window.length().map_or(0.0, holds).floor();
    let window = Window::ALL
        .into_iter()
        .filter(|window| *window > snapshot.window)
        .find(carries);
    let key = view.keys.keys(Action::WindowNext).into_iter().next();
    let remedy = key
        .zip(window)
        .map(|(key, window)| format!("; {key} for {}", window.name()));
    let shown = snapshot.window.name();
    Some(format!("{needs}, {shown} holds {held}{}", remedy.unwrap_or_default()))
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
    let count = stats.latency.count;
    let figure = |(_, needed, figure): &(&str, u64, Figure)| match figure(&stats.latency) {
        Some(latency) => (format::latency(Some(latency)), role),
        None => (format::so_far(count, *needed, COLUMN - 1), Role::Dim),
    };
    let figures = FIGURES.iter().map(figure);
    let errors = if stats.failed > 0 { Role::Failure } else { role };
    let rest = [
        (format::rate(stats.rate_per_s()), role),
        (format::share(stats.error_ratio()), errors),
    ];
    for (y, (figure, role)) in figures.chain(rest).enumerate() {
        text::put_cell(buf, area, 0, y + 1, COLUMN, Align::Right, &figure, theme.style(role));
    }
}
