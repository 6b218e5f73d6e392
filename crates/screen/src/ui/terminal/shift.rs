//! Which part of a row moved to the left, as that of a chart that scrolls: a terminal that deletes and inserts characters
//! (ICH and DCH, ECMA-48 8.3.26 and 8.3.64) moves it in some twenty bytes instead of four for each cell.
//!
//! Found is the part that saves most: each cell that is right after the move and was wrong before it saves its bytes, and each
//! that was right and no longer is costs them (the greatest sum of neighbours, Kadane's algorithm).

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

use super::encoder::Change;

/// What scrolls moves by so many columns at most: a minute of seconds over 240.
const FARTHEST: u16 = 4;

/// Cells that have to be saved before a move is worth its bytes.
const LEAST: i32 = 8;

/// The cells from `from` to before `to` show what stood `by` columns to their right. The `by` cells behind them are blank, of a
/// ground that is not certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shift {
    pub from: u16,
    pub to: u16,
    pub by: u16,
}

impl Shift {
    /// What the move leaves in a column that is not before it; `None` where that is not certain.
    pub(super) fn left_by<'a>(&self, shown: &'a Buffer, x: u16, y: u16) -> Option<&'a Cell> {
        match x {
            _ if x < self.to => shown.cell((x.checked_add(self.by)?, y)),
            _ if x < self.to.saturating_add(self.by) => None,
            _ => shown.cell((x, y)),
        }
    }
}

/// The move that saves most on the row of `changes`; `None` where none saves enough.
pub(super) fn find(changes: &[Change], shown: &Buffer, next: &Buffer) -> Option<Shift> {
    if changes.len() < usize::try_from(LEAST).unwrap_or(usize::MAX) || shown.area != next.area {
        return None;
    }
    let y = changes.first()?.1;
    let row = |buf: &'_ Buffer| -> Option<std::ops::Range<usize>> {
        let columns = usize::from(buf.area.width);
        let start = usize::from(y.checked_sub(buf.area.y)?) * columns;
        Some(start..start + columns)
    };
    let (was, is) = (shown.content.get(row(shown)?)?, next.content.get(row(next)?)?);
    let has_changed: Vec<bool> = was.iter().zip(is).map(|(was, is)| was != is).collect();
    let found = (1..=FARTHEST).filter_map(|by| best(was, is, &has_changed, by));
    let (_, shift) = found.max_by_key(|(saved, shift)| (*saved, std::cmp::Reverse(shift.by)))?;
    // Where a letter is two columns wide, terminals differ about what is moved; one may end where the part begins.
    let moved = usize::from(shift.from).saturating_sub(1)..;
    let is_even = |row: &[Cell]| row.get(moved.clone()).is_some_and(|cells| cells.iter().all(is_narrow));
    let left = next.area.left();
    let placed = Shift {
        from: shift.from + left,
        to: shift.to + left,
        ..shift
    };
    (is_even(was) && is_even(is)).then_some(placed)
}

/// The move by so many columns that saves most, and how many cells; columns are counted from the left edge of the row.
fn best(was: &[Cell], is: &[Cell], has_changed: &[bool], by: u16) -> Option<(i32, Shift)> {
    let mut best = None;
    let (mut from, mut saved) = (0, 0);
    for (x, moved) in was.iter().enumerate().skip(usize::from(by)) {
        let x = x - usize::from(by);
        saved += match (*is.get(x)? == *moved, *has_changed.get(x)?) {
            (true, true) => 1,
            (false, false) => -1,
            (true, false) | (false, true) => 0,
        };
        if saved <= 0 {
            (from, saved) = (x + 1, 0);
        } else if saved >= LEAST && best.is_none_or(|(most, _)| saved > most) {
            let place = |x: usize| u16::try_from(x).ok();
            let shift = Shift {
                from: place(from)?,
                to: place(x + 1)?,
                by,
            };
            best = Some((saved, shift));
        }
    }
    best
}

fn is_narrow(cell: &Cell) -> bool {
    cell.symbol().len() == 1 || cell.symbol().width() == 1
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn check(was: &str, is: &str, expected: Option<(u16, u16, u16)>) {
        let row = |text: &str| {
            let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
            buf.set_string(0, 0, text, Style::default());
            buf
        };
        let (was, is) = (row(was), row(is));
        let found = find(&was.diff(&is), &was, &is);
        assert_eq!(found.map(|shift| (shift.from, shift.to, shift.by)), expected);
    }

    #[test]
    fn the_part_that_moved_is_found_between_what_stands_still() {
        check(
            "p95 21ms |abcdefghijklmnop| end",
            "p95 22ms |bcdefghijklmnopq| end",
            Some((10, 25, 1)),
        );
        check(
            "p95 21ms |abcdefghijklmnop| end",
            "p95 22ms |defghijklmnopqrs| end",
            Some((10, 23, 3)),
        );
        check(
            "p95 21ms |abcdefghijklmnop| end",
            "p95 22ms |abcdefghijklmnop| end",
            None,
        );
    }

    #[test]
    fn what_saves_too_little_or_is_wide_is_not_moved() {
        check("|abcd|", "|bcde|", None);
        check("|abcdefghijklmnop|", "|qwertzuiopasdfgh|", None);
        check("|abcdefghijklmnop| \u{65e5}", "|bcdefghijklmnopq| \u{65e5}", None);
        check(
            "\u{65e5} |abcdefghijklmnop|",
            "\u{65e5} |bcdefghijklmnopq|",
            Some((4, 19, 1)),
        );
    }
}
