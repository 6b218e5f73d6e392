//! Bands that say the same over the whole axis, folded into one row of words: `steady  memory 41%  wait io 0%`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::lanes::{Bars, Figure, Lane};
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text;

/// A change of less than this share of the scale is not seen: an eighth of a row in a band of three.
const UNSEEN: f64 = 1.0 / 24.0;

/// Columns between two of them.
const SPACE: usize = 3;

/// Whether nothing of it moves on the whole axis.
pub(super) fn is_steady(bars: &Bars) -> bool {
    let values = || bars.history.iter().flatten().copied();
    let (least, greatest) = (values().min_by(f32::total_cmp), values().max_by(f32::total_cmp));
    let (Some(least), Some(greatest)) = (least, greatest) else {
        return true;
    };
    f64::from(greatest - least) < UNSEEN * bars.top
}

/// Takes the bands that are steady out of the lanes, and puts one lane of them all in their place, behind the others.
pub(super) fn fold(lanes: Vec<Lane<'_>>) -> Vec<Lane<'_>> {
    let mut moving = Vec::new();
    let mut steady = Vec::new();
    for lane in lanes {
        match lane.figure {
            Figure::Bars(bars) if is_steady(&bars) => steady.push((lane.name, bars)),
            _ => moving.push(lane),
        }
    }
    if !steady.is_empty() {
        moving.push(Lane {
            name: "steady",
            figure: Figure::Steady(steady),
        });
    }
    moving
}

/// Each with its value, as many as there is room for.
pub(super) fn render(row: Rect, buf: &mut Buffer, from: usize, words: &[(&str, String)], theme: &Theme) {
    let mut x = from;
    let width = usize::from(row.width);
    for (number, (name, value)) in words.iter().enumerate() {
        let more = format!("+{} more", words.len() - number);
        let is_last = number + 1 == words.len();
        let needed = text::width(name) + 1 + text::width(value);
        let reserved = if is_last { 0 } else { SPACE + more.len() };
        if x + needed + reserved > width {
            text::put(buf, row, x, 0, &more, theme.style(Role::Dim));
            return;
        }
        let end = text::put(buf, row, x, 0, name, theme.style(Role::Dim));
        x = text::put(buf, row, end + 1, 0, value, theme.style(Role::Text)) + SPACE;
    }
}
