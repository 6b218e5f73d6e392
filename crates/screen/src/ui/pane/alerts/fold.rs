//! Alerts that ended, folded by name and subject: `checkout latency ×4`, when it was over last, and each of them below.

use probetop_core::snapshot::{AlertSnapshot, Snapshot};

use super::{COLUMNS, began, lasted};
use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::Cell;
use crate::ui::theme::{Glyphs, Role};
use crate::ui::view::list::folds;
use crate::ui::widget::text;

/// Where the state, the subject and the name of an alert stand among its cells.
const STATE: usize = 1;
const SUBJECT: usize = 3;
const NAME: usize = 4;

/// The row of all alerts that ended of the name and subject of this one, which is the newest.
pub(crate) fn cells(newest: &AlertSnapshot, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; COLUMNS.len()] {
    let mut cells = super::cells(newest, snapshot, glyphs);
    cells[STATE] = Cell::text(ago(newest, snapshot), Role::Dim);
    let count = folds::turns(newest, snapshot).count();
    if count > 1 {
        cells[NAME] = Cell::text(times(newest, count), Role::Dim);
    }
    cells
}

/// The row of one of them below that row.
pub(crate) fn turn(alert: &AlertSnapshot, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; COLUMNS.len()] {
    let mut cells = super::cells(alert, snapshot, glyphs);
    cells[STATE] = Cell::text(ago(alert, snapshot), Role::Dim);
    cells[SUBJECT] = Cell::name(format!("  {}", began(alert, snapshot)), Role::Dim);
    cells[NAME] = Cell::text(alert.name.as_str(), Role::Dim);
    cells
}

fn times(alert: &AlertSnapshot, count: usize) -> String {
    format!("{} ×{count}", alert.name)
}

/// How long it has been over.
fn ago(alert: &AlertSnapshot, snapshot: &Snapshot) -> String {
    let over = alert.resolved.map(|at| snapshot.taken.since(at)).unwrap_or_default();
    format!("{} ago", format::coarse(over))
}

/// All about them: when each began, how long it lasted, how bad it was and why.
pub(crate) fn detail(newest: &AlertSnapshot, snapshot: &Snapshot, width: usize) -> Detail {
    let turns: Vec<_> = folds::turns(newest, snapshot).collect();
    let mut detail = Detail::titled(newest.subject.as_str());
    detail.title(times(newest, turns.len()), Role::Text);
    detail.title(format!("last {}", ago(newest, snapshot)), Role::Dim);
    let words = format!(
        "{} times over its limit; enter lists each, g goes to the last",
        turns.len()
    );
    detail.wrapped(&words, Role::Dim, width);
    for alert in turns {
        let worst = alert
            .worst
            .map_or(format::ABSENT.into(), |worst| alert.unit.show(worst));
        let words = format!(
            "{}  {:>6}  worst {worst:>7}  ",
            began(alert, snapshot),
            lasted(alert, snapshot)
        );
        let room = width.saturating_sub(text::width(&words));
        let reason = text::cut_end(alert.reason.as_str(), room);
        detail.words(vec![(words, Role::Dim), (reason, Role::Text)]);
    }
    detail
}
