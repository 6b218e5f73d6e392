//! Which columns of the target table fit, and where they stand.

use probetop_core::snapshot::Snapshot;
use ratatui::layout::Rect;

use crate::ui::column::{Column, Room};
use crate::ui::geometry::Slot;
use crate::ui::view::View;

/// The columns of the target table in `area`.
pub fn of_table(area: Rect, snapshot: &Snapshot, view: &View) -> Vec<Slot> {
    let is_wanted = |column| column == view.targets.table.column || view.targets.columns.is_wanted(column);
    let mut shown = view.targets.columns.shown();
    shown.retain(|column| column.is_known(snapshot));
    place(usize::from(area.width), &shown, is_wanted)
}

/// The columns of `chosen` that fit into `width`. Where not all do they move together, then words become signs, and only then
/// those of the highest rank give way, last those that are wanted: so a wider table has every column of a narrower one. The
/// sparkline, or else the address or the name, takes what the others leave over.
fn place(width: usize, chosen: &[Column], is_wanted: impl Fn(Column) -> bool) -> Vec<Slot> {
    // One column stays free at either edge.
    let inner = width.saturating_sub(2);
    let needed = |columns: &[Column], (room, gap): (Room, usize)| {
        let widths = columns.iter().map(|column| column.width(room) + gap);
        widths.sum::<usize>().saturating_sub(gap)
    };
    let forms = [(Room::Ample, 2), (Room::Close, 1), (Room::Scarce, 1)];
    let (room, gap) = forms
        .into_iter()
        .find(|form| needed(chosen, *form) <= inner)
        .unwrap_or((Room::Scarce, 1));
    let needed = |columns: &[Column]| needed(columns, (room, gap));
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
    let place_of = |wide: Column| columns.iter().position(|column| *column == wide);
    let rest = [Column::History, Column::Url, Column::Name]
        .into_iter()
        .find_map(place_of);
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

#[cfg(test)]
mod tests {
    use super::*;

    const CHOSEN: [Column; 8] = [
        Column::Level,
        Column::Name,
        Column::Url,
        Column::Rate,
        Column::P95,
        Column::Max,
        Column::Last,
        Column::History,
    ];

    fn check(width: usize, wanted: Option<Column>, expected: &str) {
        let slots = place(width, &CHOSEN, |column| Some(column) == wanted);
        let shown: Vec<_> = slots
            .iter()
            .map(|slot| format!("{}:{}+{}", slot.column.name(), slot.x, slot.width))
            .collect();
        assert_eq!(shown.join(" "), expected, "{width} {wanted:?}");
        let ends = slots.windows(2).all(|pair| pair[0].x + pair[0].width < pair[1].x);
        assert!(ends, "{shown:?}");
    }

    #[test]
    fn what_matters_least_gives_way_first() {
        check(
            160,
            None,
            "level:1+10 name:13+34 url:49+29 rate:80+7 p95:89+6 max:97+6 last:105+14 history:121+38",
        );
        check(
            76,
            None,
            "level:1+1 name:3+18 rate:22+7 p95:30+6 max:37+6 last:44+10 history:55+20",
        );
        check(60, None, "level:1+1 name:3+18 rate:22+7 p95:30+6 history:37+22");
        check(44, None, "level:1+1 name:3+16 p95:20+6 history:27+16");
        check(30, None, "level:1+1 name:3+19 p95:23+6");
        check(24, None, "level:1+1 name:3+20");
        check(0, None, "level:1+1 name:3+16");
    }

    #[test]
    fn a_wider_table_has_every_column_of_a_narrower_one() {
        let every: Vec<Column> = Column::all().collect();
        let shown = |width| -> Vec<Column> {
            let slots = place(width, &every, |_| false);
            slots.iter().map(|slot| slot.column).collect()
        };
        for width in 0..400 {
            let (narrow, wide) = (shown(width), shown(width + 1));
            assert!(narrow.iter().all(|column| wide.contains(column)), "{width}");
        }
    }

    #[test]
    fn what_is_wanted_gives_way_last() {
        check(60, Some(Column::Url), "level:1+1 name:3+21 url:25+27 p95:53+6");
        check(50, Some(Column::Max), "level:1+1 name:3+32 p95:36+6 max:43+6");
    }
}
