//! The targets as cards, to be read from across a room: a card each while all of them fit, else the table.
//!
//! ```text
//!  ● checkout ─────────────────────── ok
//!    p95 454ms   err 0%   9.97/s
//!                        ▄█▄
//!  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄███┄┄┄┄┄┄┄┄┄┄┄
//!  ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂███▂▂▂▂▂▂▂▂▂▂▂
//! ```

use probetop_core::sample::Level;
use probetop_core::snapshot::{Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Scene, targets};
use crate::ui::column::Column;
use crate::ui::standing::Standing;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

/// Columns and rows of a card at least and, where there is room for more, at most; a free column and row stand between two.
const WIDTH: (usize, usize) = (34, 64);
const HEIGHT: (usize, usize) = (5, 20);
const GAP: (usize, usize) = (2, 1);

/// Rows above the course: the name, the figures, and what is wrong.
const WORDS: usize = 3;

/// What a card tells beside its name, as long as there is room.
const FIGURES: [Column; 5] = [Column::P95, Column::Errors, Column::Rate, Column::P99, Column::Max];

/// Where cards stand in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    across: usize,
    width: usize,
    height: usize,
}

impl Grid {
    /// As few cards beside each other as leave the fewest places empty and are no wider than is read; `None` where not all of
    /// them fit.
    pub fn of(area: Rect, count: usize) -> Option<Self> {
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        let most = width / (WIDTH.0 + GAP.0);
        let fits = |across: &usize| height / count.div_ceil(*across).max(1) >= HEIGHT.0 + GAP.1;
        let least = (width / (WIDTH.1 + GAP.0)).min(count).max(1);
        let candidates = (least..=most).filter(fits);
        let empty = |across: usize| count.div_ceil(across) * across - count;
        let across = candidates.min_by_key(|across| (empty(*across), *across))?;
        let rows = count.div_ceil(across).max(1);
        Some(Self {
            across,
            width: width / across,
            height: (height / rows).min(HEIGHT.1 + GAP.1),
        })
    }

    /// The place of a card, without the gaps.
    fn place(&self, area: Rect, index: usize) -> Rect {
        let row = text::rows(area, index / self.across * self.height, self.height - GAP.1);
        text::columns(row, index % self.across * self.width + 1, self.width - GAP.0)
    }

    /// The card at a place in the area.
    pub fn card_at(&self, x: usize, y: usize) -> usize {
        y / self.height * self.across + (x / self.width).min(self.across - 1)
    }
}

/// The cards of the rows of the table, where there is room for all.
pub fn grid(area: Rect, view: &View) -> Option<Grid> {
    let count = view.targets.table.rows.len();
    Grid::of(area, count).filter(|_| count > 0)
}

pub fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene { snapshot, view, .. } = scene;
    let Some(grid) = grid(area, view) else {
        return targets::render(area, buf, scene);
    };
    for (index, row) in view.targets.table.rows.iter().enumerate() {
        if let Some(target) = snapshot.targets.get(*row) {
            card(grid.place(area, index), buf, target, scene);
        }
    }
}

fn card(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    heading(area, buf, target, snapshot, view, theme);
    figures(text::rows(area, 1, 1), buf, target, theme);
    let standing = Standing::of(target);
    if let Some(reason) = target.reason.as_ref().filter(|_| target.level != Level::Ok) {
        let words = text::cut_end(reason.as_str(), usize::from(area.width).saturating_sub(2));
        text::put(buf, area, 2, 2, &words, theme.style(standing.role()));
    }
    let course = text::rows(area, WORDS, usize::from(area.height));
    targets::render_course(course, buf, target, snapshot, view, theme);
}

/// `● checkout ─────── ok`, with the number of its line in the common chart, and marked where it is the chosen one.
fn heading(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let standing = Standing::of(target);
    let style = theme.style(standing.role());
    let row = text::rows(area, 0, 1);
    let words = format!(" {}", standing.words_at(snapshot.taken, &theme.glyphs));
    let room = usize::from(row.width).saturating_sub(text::width(&words) + 3);
    let name = text::cut_middle(target.info.name.as_str(), room);
    super::heading(text::columns(row, 2, usize::from(row.width)), buf, &name, theme);
    text::put(buf, row, 0, 0, standing.sign(&theme.glyphs), style);
    text::put(buf, row, 2, 0, &name, theme.style(Role::Text));
    targets::number(text::columns(row, 1, 1), buf, target, view, theme);
    text::put_right(buf, row, 0, &words, style);
    if view.targets.selected() == Some(target.info.id) {
        theme.select(buf, row, text::columns(row, 2, text::width(&name)));
    }
}

fn figures(row: Rect, buf: &mut Buffer, target: &TargetSnapshot, theme: &Theme) {
    /// Each in a place as wide, so that they stand still.
    const PLACE: usize = 15;
    for (index, column) in FIGURES.into_iter().enumerate() {
        let place = text::columns(row, 2 + index * PLACE, PLACE - 2);
        if usize::from(place.width) < PLACE - 2 {
            break;
        }
        let label = match column {
            Column::Rate => "rate",
            column => column.heading(),
        };
        let x = text::put(buf, place, 0, 0, label, theme.style(Role::Dim)) + 1;
        let (words, role) = column.cell(target, 8, &theme.glyphs);
        text::put(buf, place, x, 0, &words, theme.style(role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_share_the_area_evenly_and_make_way_for_the_table() {
        let check = |width, height, count, expected: Option<(usize, usize, usize)>| {
            let grid = Grid::of(Rect::new(0, 0, width, height), count);
            let grid = grid.map(|grid| (grid.across, grid.width, grid.height));
            assert_eq!(grid, expected, "{count} in {width}x{height}");
        };
        check(200, 55, 9, Some((3, 66, 18)));
        check(160, 45, 9, Some((3, 53, 15)));
        check(80, 20, 9, None);
        check(80, 20, 4, Some((2, 40, 10)));
        check(200, 55, 200, None);
        check(200, 55, 1, Some((1, 200, 21)));
    }

    #[test]
    fn the_mouse_finds_the_card_it_is_over() {
        let area = Rect::new(0, 0, 200, 55);
        let grid = Grid::of(area, 9).unwrap();
        for index in 0..9 {
            let place = grid.place(area, index);
            assert_eq!(grid.card_at(place.x.into(), place.y.into()), index);
            let (right, bottom) = (usize::from(place.right() - 1), usize::from(place.bottom() - 1));
            assert_eq!(grid.card_at(right, bottom), index);
        }
    }
}
