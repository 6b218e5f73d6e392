//! How a target changed against the baseline: p95, and its errors where those changed by more than chance.

use probetop_core::sample::TargetId;
use probetop_core::snapshot::{ComparisonRow, FigureChange, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::column::Column;
use crate::ui::format;
use crate::ui::geometry::Slot;
use crate::ui::pane::Scene;
use crate::ui::pane::compare::{change, glyph, is_told, role};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text::{self, Align};

/// From this width on errors stand beside p95; below, in its place.
const BOTH_FROM: usize = 20;

/// Columns that p95 takes, so that errors beside it stand still.
const P95: usize = 7;

/// `p95 vs A`, with when that is, of the comparison and not of now: `p95 vs A 12:03:10`, of an older B `p95 B 12:05:56`.
pub(crate) fn heading(width: usize, snapshot: &Snapshot, view: &View) -> String {
    let plain = Column::Delta.heading();
    let Some(comparison) = &snapshot.comparison else {
        return plain.into();
    };
    let (after, before) = (&comparison.after, &comparison.before);
    let full = match (is_old(snapshot, view), &before.file) {
        (true, _) => format!("p95 B {} vs A", format::time_of_day(after.from)),
        (false, Some(file)) => format!("{plain} {file}"),
        (false, None) => format!("{plain} {}", format::time_of_day(before.from)),
    };
    if text::width(&full) <= width {
        full
    } else {
        plain.into()
    }
}

/// Whether B was chosen and ended before the second that is shown: what it says is not of now.
fn is_old(snapshot: &Snapshot, view: &View) -> bool {
    view.spans.against.is_some_and(|against| against.to < snapshot.taken)
}

pub(crate) fn cell(row: Rect, buf: &mut Buffer, slot: Slot, target: TargetId, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let is_old = is_old(snapshot, view);
    let Some(compared) = snapshot
        .comparison
        .as_ref()
        .and_then(|comparison| comparison.of_target(target))
    else {
        return;
    };
    let mut put = |width, words: &str, role| {
        let role = if is_old { Role::Dim } else { role };
        text::put_cell(buf, row, slot.x, 0, width, Align::Right, words, theme.style(role));
    };
    let errors = compared
        .figure("errors")
        .filter(|figure| is_told(figure.change.significance));
    match errors {
        Some(errors) if slot.width < BOTH_FROM => {
            return put(slot.width, &show_errors(errors, "err", theme), told(errors));
        }
        Some(errors) => put(slot.width - P95 - 1, &show_errors(errors, " err ", theme), told(errors)),
        None => {}
    }
    let (words, role) = p95(compared, theme);
    put(slot.width, &words, role);
}

fn p95(row: &ComparisonRow, theme: &Theme) -> (String, Role) {
    if row.is_new() {
        return ("new".into(), Role::Dim);
    }
    let Some(figure) = row.figure("p95") else {
        return (format::ABSENT.into(), Role::Dim);
    };
    match (change(figure), is_told(figure.change.significance)) {
        (None, _) => (format::ABSENT.into(), Role::Dim),
        (Some(words), true) => (
            format!("{} {words}", glyph(figure.change.significance, &theme.glyphs)),
            told(figure),
        ),
        (Some(words), false) => (words, Role::Dim),
    }
}

fn show_errors(errors: &FigureChange, label: &str, theme: &Theme) -> String {
    let glyph = glyph(errors.change.significance, &theme.glyphs);
    format!("{glyph}{label}{}", change(errors).unwrap_or_default())
}

fn told(figure: &FigureChange) -> Role {
    role(figure.change.significance)
}
