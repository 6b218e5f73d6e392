//! The table of targets: a row each, only those that are visible.

mod delta;

use probetop_core::snapshot::{Point, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::Scene;
use crate::ui::column::{Column, Order};
use crate::ui::format;
use crate::ui::geometry::Slot;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::scale;
use crate::ui::widget::sparkline::{Mark, Sparkline};
use crate::ui::widget::text;
use crate::ui::widget::timeline::Timeline;

pub fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let slots = scene.geometry.table.columns.as_slice();
    headings(text::rows(area, 0, 1), buf, scene);
    let rows = text::rows(area, 1, usize::from(area.height).saturating_sub(1));
    if view.targets.table.rows.is_empty() {
        return nothing(rows, buf, snapshot, theme);
    }
    let visible = view
        .targets
        .table
        .rows
        .iter()
        .skip(view.targets.table.first)
        .take(usize::from(rows.height));
    let timeline = slots.iter().find(|slot| slot.column == Column::History).map(|slot| {
        Timeline::new(
            slot.width,
            snapshot.axis.points(),
            snapshot.axis_end,
            view.charts.motion,
        )
    });
    let shared = view.charts.shared_axis(snapshot);
    for (y, index) in visible.enumerate() {
        let Some(target) = snapshot.targets.get(*index) else {
            continue;
        };
        let row = text::rows(rows, y, 1);
        let top = view.charts.sparkline_top(&target.series, shared);
        for slot in slots {
            match slot.column {
                Column::Delta => delta::cell(row, buf, *slot, target.info.id, snapshot, theme),
                _ => cell(row, buf, *slot, target, top, theme),
            }
        }
        if let Some((slot, timeline)) = slots.iter().find(|slot| slot.column == Column::History).zip(timeline) {
            let marks = marks(target, timeline, top.unwrap_or(1.0));
            let area = text::columns(row, slot.x, slot.width);
            let sparkline = Sparkline {
                marks,
                style: theme.style(Role::Bar),
                theme,
            };
            sparkline.render(area, buf);
        }
        if view.targets.selected() == Some(target.info.id) {
            let name = slots.iter().find(|slot| slot.column == Column::Name);
            theme.select(
                buf,
                row,
                name.map_or(row, |name| text::columns(row, name.x, name.width)),
            );
        }
    }
}

fn headings(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    for slot in &scene.geometry.table.columns {
        let sorted = slot.column == view.targets.table.column;
        let arrow = match view.targets.table.order {
            _ if !sorted => "",
            Order::Ascending => theme.glyphs.ascending,
            Order::Descending => theme.glyphs.descending,
        };
        let name = match slot.column {
            Column::Level if slot.width < 5 => "",
            column => column.heading(),
        };
        let heading = match slot.column {
            Column::History => match view.charts.scale_note() {
                Some(note) => format!("{name} {}, {note}", snapshot.axis.name()),
                None => format!("{name} over {}", snapshot.axis.name()),
            },
            Column::Name => format!("{}{arrow}", name_heading(scene, slot.width - 1)),
            _ => format!("{name}{arrow}"),
        };
        let style = theme.style(if sorted { Role::Accent } else { Role::Heading });
        text::put_cell(buf, area, slot.x, 0, slot.width, slot.column.align(), &heading, style);
    }
}

/// Which rows are seen, where that is not all of them, and the filter: `target 12-40/10000`, `target 3/20 /api`.
fn name_heading(scene: Scene, width: usize) -> String {
    let Scene { snapshot, view, .. } = scene;
    let shown = view.targets.table.rows.len();
    let visible = scene.geometry.table.visible();
    let first = view.targets.table.first + 1;
    let last = (view.targets.table.first + visible).min(shown);
    let rows = match (shown > visible, view.targets.filter.is_empty()) {
        (true, _) => format!("{first}-{last}/{shown}"),
        (false, false) => format!("{shown}/{}", snapshot.targets.len()),
        (false, true) => String::new(),
    };
    let filter = if view.targets.filter.is_empty() {
        String::new()
    } else {
        format!("/{}", view.targets.filter.applied())
    };
    let parts: Vec<_> = ["target", &rows, &filter]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let heading = parts.join(" ");
    // The position says more than the name of the column.
    if text::width(&heading) <= width {
        heading
    } else {
        text::cut_end(&parts[1..].join(" "), width)
    }
}

/// `top` is what the full height of the sparkline stands for.
fn cell(row: Rect, buf: &mut Buffer, slot: Slot, target: &TargetSnapshot, top: Option<f64>, theme: &Theme) {
    let Slot { column, x, width } = slot;
    let (text, role) = match column {
        Column::Scale => (top.map(format::latency_scale).unwrap_or_default(), Role::Dim),
        column => column.cell(target, width, &theme.glyphs),
    };
    text::put_cell(buf, row, x, 0, width, column.align(), &text, theme.style(role));
}

/// p95 on a square-root scale from zero to `top`, microseconds.
fn marks(target: &TargetSnapshot, timeline: Timeline, top: f64) -> impl Iterator<Item = Mark> {
    (0..timeline.columns()).map(move |column| mark(timeline.points(&target.series, column), top))
}

/// One column of steps: their worst p95; failed when at least a tenth of the probes did.
fn mark(points: &[Point], top: f64) -> Mark {
    let attempts: u64 = points.iter().map(|point| u64::from(point.attempts)).sum();
    let failed: u64 = points.iter().map(|point| u64::from(point.failed)).sum();
    let worst = points.iter().filter_map(|point| point.p95).max();
    match worst.map(|worst| f64::from(worst.0)) {
        _ if attempts == 0 => Mark::Gap,
        _ if failed * 10 >= attempts => Mark::Failed,
        Some(worst) if worst > top => Mark::Above,
        Some(worst) if failed > 0 => Mark::Marred(scale::root(worst, top)),
        Some(worst) => Mark::Bar(scale::root(worst, top)),
        None => Mark::Gap,
    }
}

fn nothing(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
    let lines: &[&str] = if snapshot.targets.is_empty() {
        &[
            "No targets yet.",
            "Name them on the command line: probetop https://example.com tcp://db:5432",
            "or write a configuration with: probetop init",
            "or look at the built-in service: probetop demo",
        ]
    } else {
        &[
            "No target matches the filter.",
            "Press / to change it, esc to clear it.",
        ]
    };
    super::empty(area, buf, lines, theme);
}
