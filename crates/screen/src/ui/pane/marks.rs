//! The marks on the time axis: a row below a chart that points at the moments, with labels where there is room.
//!
//! ```text
//! marks      ▴ stage 2              ▴ checkout: latency  ▴
//! ```

use std::cmp::Reverse;
use std::ops::Range;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Mark, MarkOrigin};
use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{step_at, steps_shown};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;

/// A label cut shorter says nothing.
const LABEL_LEAST: usize = 4;

/// Whether any mark lies on the time axis.
pub(super) fn is_any(snapshot: &Snapshot) -> bool {
    let steps = steps_shown(snapshot);
    shown(snapshot).any(|(step, _)| steps.contains(&step))
}

/// How long after the newest mark that somebody or something set it was, in words: `28s after wrk start`. What alerts mark is
/// what happened itself; and what was marked long before explains nothing.
pub(super) fn just_before(at: Timestamp, snapshot: &Snapshot) -> Option<String> {
    const JUST: Duration = Duration::from_secs(120);
    let is_set = |mark: &&Mark| mark.origin != MarkOrigin::Alert && mark.at <= at;
    let mark = snapshot.marks.iter().rev().find(is_set)?;
    let after = at.since(mark.at);
    (after <= JUST).then(|| format!("{} after {}", format::coarse(after), mark.label))
}

/// Draws the row, its name in the first columns and the cells of the plot from column `from` on.
pub(super) fn render(row: Rect, buf: &mut Buffer, from: usize, plot: Plot, snapshot: &Snapshot, theme: &Theme) {
    text::put(buf, row, 0, 0, "marks", theme.style(Role::Dim));
    let axis = text::columns(row, from, plot.width());
    let width = usize::from(axis.width);
    let marks: Vec<_> = shown(snapshot).collect();
    // Of marks that share a cell the one that matters most is named.
    let named_in = |steps: Range<u64>| {
        let within = marks.iter().filter(move |(step, _)| steps.contains(step));
        within.map(|(_, mark)| *mark).min_by_key(|mark| urgency(mark))
    };
    let mut pointers: Vec<(usize, &Mark)> = (0..width)
        .filter_map(|cell| Some((cell, named_in(plot.steps(cell)?)?)))
        .collect();
    // A step that is stretched over some cells is pointed at once.
    pointers.dedup_by_key(|(_, mark)| mark.at);
    let mut taken = vec![false; width];
    for (cell, _) in &pointers {
        text::put(buf, axis, *cell, 0, theme.glyphs.ascending, theme.style(Role::Accent));
        taken[*cell] = true;
    }
    pointers.sort_by_key(|(_, mark)| urgency(mark));
    for (cell, mark) in pointers {
        let Some((start, label)) = place(cell, mark.label.as_str(), &taken) else {
            continue;
        };
        let end = text::put(buf, axis, start, 0, &label, theme.style(Role::Text));
        taken[start.min(width)..end.min(width)].fill(true);
    }
}

/// Whose label gets the room first: what people and their scripts said before what was noticed, and the newest before older.
fn urgency(mark: &Mark) -> (u8, Reverse<Timestamp>) {
    let rank = match mark.origin {
        MarkOrigin::Keyboard | MarkOrigin::Script => 0,
        MarkOrigin::Generator | MarkOrigin::Reload | MarkOrigin::Clock => 1,
        MarkOrigin::Alert => 2,
    };
    (rank, Reverse(mark.at))
}

/// Where the label of the pointer goes, and what of it fits: to its right, or to its left where there is more room.
fn place(cell: usize, label: &str, taken: &[bool]) -> Option<(usize, String)> {
    // A column stays free between a label and what stands beside it.
    let free = |cells: &mut dyn Iterator<Item = &bool>| cells.take_while(|taken| !**taken).count();
    let to_the_edge = |free: usize, all: usize| if free == all { free } else { free.saturating_sub(1) };
    let (before, after) = (taken.get(..cell)?, taken.get(cell + 1..)?);
    let left = to_the_edge(free(&mut before.iter().rev()), before.len()).saturating_sub(1);
    let right = to_the_edge(free(&mut after.iter()), after.len()).saturating_sub(1);
    let width = text::width(label);
    let is_right = width <= right || right >= left;
    let room = if is_right { right } else { left };
    if room < width.min(LABEL_LEAST) {
        return None;
    }
    let label = text::cut_end(label, room).to_string();
    let start = if is_right {
        cell + 2
    } else {
        cell - 1 - text::width(&label)
    };
    Some((start, label))
}

/// The marks up to the second that is shown, oldest first, each with the newest step there was when it was set: what came of
/// it follows.
fn shown(snapshot: &Snapshot) -> impl Iterator<Item = (u64, &Mark)> {
    let until = snapshot.taken.second();
    let marks = snapshot.marks.iter().take_while(move |mark| mark.at.second() <= until);
    marks.filter_map(|mark| Some((step_at(mark.at.second(), snapshot.axis)?, mark)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, cell: usize, label: &str, expected: Option<(usize, &str)>) {
        let taken: Vec<_> = row.chars().map(|c| c != '.').collect();
        let expected = expected.map(|(start, label)| (start, label.to_owned()));
        assert_eq!(place(cell, label, &taken), expected, "{row} {cell}");
    }

    #[test]
    fn a_label_stands_beside_its_pointer_where_there_is_room() {
        check("..^.........", 2, "stage 2", Some((4, "stage 2")));
        check("..........^.", 10, "stage 2", Some((2, "stage 2")));
        check("..^......^..", 2, "stage 2", Some((4, "sta…")));
        check("^..^", 0, "stage 2", None);
        check("^", 0, "stage 2", None);
        check("^.......", 0, "go", Some((2, "go")));
    }
}
