//! Which columns of the target table fit, and where they stand.

use ratatui::layout::Rect;

use crate::ui::column::{Column, Room};
use crate::ui::view::View;

/// A column of the target table: from the left edge of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub column: Column,
    pub x: usize,
    pub width: usize,
}

/// From this width on there is room for words, and for two columns between figures.
const AMPLE: usize = 96;

/// The columns of the target table in `area`.
pub fn of_table(area: Rect, view: &View) -> Vec<Slot> {
    let is_wanted = |column| column == view.table.column || view.columns.is_wanted(column);
    place(usize::from(area.width), &view.columns.shown(), is_wanted)
}

/// The columns of `chosen` that fit into `width`. Those of the highest rank give way first, and last those that are wanted.
/// The sparkline, or else the name, takes what the others leave over.
fn place(width: usize, chosen: &[Column], is_wanted: impl Fn(Column) -> bool) -> Vec<Slot> {
    let (room, gap) = if width >= AMPLE {
        (Room::Ample, 2)
    } else {
        (Room::Scarce, 1)
    };
    // One column stays free at either edge.
    let inner = width.saturating_sub(2);
    let needed = |columns: &[Column]| {
        let widths = columns.iter().map(|column| column.width(room) + gap);
        widths.sum::<usize>().saturating_sub(gap)
    };
    let rank = |column: Column| match column.rank() {
        rank if is_wanted(column) => rank.min(1),
        rank => rank,
    };
    let mut columns = chosen.to_vec();
    while needed(&columns) > inner {
        let first_to_go = (0..columns.len()).max_by_key(|index| rank(columns[*index]));
        match first_to_go.filter(|index| rank(columns[*index]) > 0) {
            Some(index) => drop(columns.remove(index)),
            None => break,
        }
    }
    let mut spare = inner.saturating_sub(needed(&columns));
    let mut widths: Vec<_> = columns.iter().map(|column| column.width(room)).collect();
    for (column, width) in columns.iter().zip(&mut widths) {
        let more = column.growth().min(spare / 3);
        *width += more;
        spare -= more;
    }
    let takes_the_rest = |column: &Column| *column == Column::History;
    let rest = columns.iter().position(takes_the_rest);
    let rest = rest.or_else(|| columns.iter().position(|column| *column == Column::Name));
    if let Some(width) = rest.and_then(|index| widths.get_mut(index)) {
        *width += spare;
    }
    let mut x = 1;
    let place = |(column, width)| {
        let slot = Slot { column, x, width };
        x += width + gap;
        slot
    };
    columns.into_iter().zip(widths).map(place).collect()
}
