//! The cores over time: a row for each, or for neighbours together, in two columns where there is room.

use probetop_core::snapshot::{HostSnapshot, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::amount;
use crate::ui::format;
use crate::ui::pane::heading;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::text::{self, Align};

/// More rows say no more: of more cores neighbours stand together.
const ROWS_LIMIT: usize = 16;

/// From this width on there are two columns.
const TWO_COLUMNS: usize = 56;

/// Columns of `12-15` and of the figure behind it.
const LABEL: usize = 5;
const VALUE: usize = 5;

/// Cores that stand together.
struct Group<'a> {
    label: String,
    /// Their mean.
    ratio: Option<f64>,
    histories: &'a [Vec<Option<f32>>],
}

/// Rows with the heading, which stands alone where nothing is known.
pub(super) fn height(host: &HostSnapshot, width: usize) -> usize {
    let groups = host.reading.cpu.per_core_ratio.len().min(ROWS_LIMIT);
    1 + groups.div_ceil(across(width))
}

fn across(width: usize) -> usize {
    if width < TWO_COLUMNS { 1 } else { 2 }
}

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    host: &HostSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let groups = groups(host);
    let together = host.reading.cpu.per_core_ratio.len().div_ceil(ROWS_LIMIT);
    let title = match together {
        0 | 1 => format!("cores over {}", length_drawn(snapshot)),
        _ => format!("cores over {}, {together} together", length_drawn(snapshot)),
    };
    heading(area, buf, &title, theme);
    let across = across(usize::from(area.width));
    let cell_width = usize::from(area.width) / across;
    let rows = groups.len().div_ceil(across).max(1);
    // Down the columns, so that neighbours stand together.
    for (index, group) in groups.iter().enumerate() {
        let row = text::rows(area, 1 + index % rows, 1);
        let gap = usize::from(index / rows + 1 < across) * 2;
        let cell = text::columns(row, index / rows * cell_width, cell_width - gap);
        text::put_cell(
            buf,
            cell,
            0,
            0,
            LABEL,
            Align::Right,
            &group.label,
            theme.style(Role::Dim),
        );
        let value = format::percent(group.ratio);
        text::put_cell(
            buf,
            cell,
            LABEL,
            0,
            VALUE,
            Align::Right,
            &value,
            theme.style(Role::Text),
        );
        let course = text::columns(cell, LABEL + VALUE + 1, cell_width);
        amount::course(course, buf, &mean(group.histories), snapshot, view, theme);
    }
}

fn groups(host: &HostSnapshot) -> Vec<Group<'_>> {
    let ratios = &host.reading.cpu.per_core_ratio;
    let histories = &host.history.cores_ratio;
    let together = ratios.len().div_ceil(ROWS_LIMIT).max(1);
    let group = |(number, ratios): (usize, &[f64])| {
        let (first, last) = (number * together, number * together + ratios.len() - 1);
        // Of very many cores several share a history.
        let place = |core: usize| core * histories.len() / host.reading.cpu.per_core_ratio.len();
        Group {
            label: if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            },
            ratio: Some(ratios.iter().sum::<f64>() / ratios.len() as f64),
            histories: histories.get(place(first)..=place(last)).unwrap_or_default(),
        }
    };
    ratios.chunks(together).enumerate().map(group).collect()
}

/// Step by step; a step is known where any of them is. All end with the same step.
fn mean(histories: &[Vec<Option<f32>>]) -> Vec<Option<f32>> {
    let [history] = histories else {
        let longest = histories.iter().map(Vec::len).max().unwrap_or(0);
        let at = |back: usize| {
            let known: Vec<f32> = histories
                .iter()
                .filter_map(|history| history.get(history.len().checked_sub(back)?).copied().flatten())
                .collect();
            (!known.is_empty()).then(|| known.iter().sum::<f32>() / known.len() as f32)
        };
        return (1..=longest).rev().map(at).collect();
    };
    history.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_have_their_mean_from_the_newest_end() {
        let histories = [vec![Some(0.5), Some(0.0)], vec![Some(1.0)]];
        assert_eq!(mean(&histories), [Some(0.5), Some(0.5)]);
        assert_eq!(mean(&histories[..1]), histories[0]);
        assert_eq!(mean(&[vec![None], vec![None]]), [None]);
        assert_eq!(mean(&[]), []);
    }
}
