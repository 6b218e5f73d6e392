//! How a target changed against the baseline: p95, and its errors where those changed by more than chance.

use probetop_core::sample::TargetId;
use probetop_core::snapshot::{ComparisonRow, FigureChange, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::geometry::Slot;
use crate::ui::pane::compare::{change, glyph, is_told, role};
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text::{self, Align};

/// From this width on errors stand beside p95; below, in its place.
const BOTH_FROM: usize = 20;

/// Columns that p95 takes, so that errors beside it stand still.
const P95: usize = 7;

pub(super) fn cell(row: Rect, buf: &mut Buffer, slot: Slot, target: TargetId, snapshot: &Snapshot, theme: &Theme) {
    let Some(compared) = snapshot
        .comparison
        .as_ref()
        .and_then(|comparison| comparison.of(target))
    else {
        return;
    };
    let mut put = |width, words: &str, role| {
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
