//! Where the blocks of a preset stand: a composition and a size in, rectangles out.
//!
//! Widths come first, then heights. What has no room takes the last of those that compete for it off the screen, and all is
//! placed anew: so what stands first in the preset is left out last.

use ratatui::layout::Rect;

use crate::ui::geometry::Placed;
use crate::ui::preset::{Cell, Preset, Row, Share};
use crate::ui::view::{Block, MachinePart};
use crate::ui::widget::text;

/// What a block needs to say something, and how much it can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub least_width: usize,
    pub most_width: usize,
    pub least_height: usize,
    /// [`GROWS`] for one that can use whatever it gets.
    pub most_height: usize,
}

/// As high as there is room.
pub const GROWS: usize = usize::MAX;

/// Columns between two cells: a line with a blank on either side.
const GAP: usize = 3;

/// Places the blocks that `measure` has a size for. A machine without room of its own is told in a line or two below.
pub fn place(preset: &Preset, body: Rect, measure: impl Fn(Block) -> Option<Size>) -> Placed {
    let mut rows = preset.rows.clone();
    retain(&mut rows, |block| measure(block).is_some());
    let has_machine = contains(&rows, Block::Machine(MachinePart::Whole));
    loop {
        let strip = if has_machine && !contains(&rows, Block::Machine(MachinePart::Whole)) {
            strip_height(body)
        } else {
            0
        };
        let above = usize::from(body.height).saturating_sub(strip);
        match place_rows(&rows, text::rows(body, 0, above), &measure) {
            Ok(mut placed) => {
                if strip > 0 {
                    placed
                        .blocks
                        .push((Block::Machine(MachinePart::Whole), text::rows(body, above, strip)));
                }
                return placed;
            }
            Err(surplus) => retain(&mut rows, |block| block != surplus),
        }
    }
}

/// The strip costs the blocks above little enough.
fn strip_height(body: Rect) -> usize {
    match body.height {
        0..8 => 0,
        8..16 => 1,
        16.. => 2,
    }
}

fn retain(rows: &mut Vec<Row>, keep: impl Fn(Block) -> bool) {
    for row in rows.iter_mut() {
        for cell in &mut row.cells {
            cell.blocks.retain(|(block, _)| keep(*block));
        }
        row.cells.retain(|cell| !cell.blocks.is_empty());
    }
    rows.retain(|row| !row.cells.is_empty());
}

fn contains(rows: &[Row], wanted: Block) -> bool {
    let mut blocks = rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.blocks);
    blocks.any(|(block, _)| *block == wanted)
}

type Measure<'a> = &'a dyn Fn(Block) -> Option<Size>;

/// # Errors
/// The block that has to go.
fn place_rows(rows: &[Row], body: Rect, measure: Measure<'_>) -> Result<Placed, Block> {
    let mut placed = Placed::default();
    let parts: Vec<Part> = rows.iter().map(|row| row_part(row, measure)).collect();
    let Some(heights) = share(usize::from(body.height), &parts) else {
        return match rows.iter().flat_map(|row| tallest(row, measure)).next_back() {
            Some(surplus) if count(rows) > 1 => Err(surplus),
            // The only one gets what there is, however little that is.
            Some(only) => Ok(Placed {
                blocks: vec![(only, inside(only, body, body))],
                rules: Vec::new(),
            }),
            None => Ok(placed),
        };
    };
    let mut y = 0;
    for (row, height) in rows.iter().zip(heights) {
        let area = text::rows(body, y, height);
        y += height;
        place_row(row, area, body, measure, &mut placed, count(rows))?;
    }
    Ok(placed)
}

fn count(rows: &[Row]) -> usize {
    rows.iter()
        .flat_map(|row| &row.cells)
        .map(|cell| cell.blocks.len())
        .sum()
}

fn place_row(
    row: &Row,
    area: Rect,
    body: Rect,
    measure: Measure<'_>,
    placed: &mut Placed,
    all: usize,
) -> Result<(), Block> {
    let Some(widths) = widths(&row.cells, usize::from(area.width), measure) else {
        let last = row.cells.iter().flat_map(|cell| &cell.blocks).next_back();
        return match last {
            Some((surplus, _)) if all > 1 => Err(*surplus),
            Some((only, _)) => {
                placed.blocks.push((*only, inside(*only, area, body)));
                Ok(())
            }
            None => Ok(()),
        };
    };
    let mut x = 0;
    for (index, (cell, width)) in row.cells.iter().zip(widths).enumerate() {
        if index > 0 {
            placed.rules.push(text::columns(area, x + 1, 1));
            x += GAP;
        }
        place_cell(cell, text::columns(area, x, width), body, measure, placed)?;
        x += width;
    }
    Ok(())
}

fn place_cell(cell: &Cell, area: Rect, body: Rect, measure: Measure<'_>, placed: &mut Placed) -> Result<(), Block> {
    let parts: Vec<Part> = parts(cell, measure).collect();
    let height = usize::from(area.height);
    let Some(heights) = share(height, &parts) else {
        return match cell.blocks.last() {
            Some((surplus, _)) => Err(*surplus),
            None => Ok(()),
        };
    };
    let mut y = 0;
    for ((block, _), height) in cell.blocks.iter().zip(heights) {
        placed
            .blocks
            .push((*block, inside(*block, text::rows(area, y, height), body)));
        y += height;
    }
    Ok(())
}

/// A column stays free at the edges of the screen and before a line; some blocks see to that themselves.
fn inside(block: Block, area: Rect, body: Rect) -> Rect {
    if block.has_margins() {
        return area;
    }
    let left = usize::from(area.x == body.x);
    text::columns(area, left, usize::from(area.width).saturating_sub(left + 1))
}

/// The first cell gets what the others leave. `None` when one of them is too narrow to say anything.
fn widths(cells: &[Cell], total: usize, measure: Measure<'_>) -> Option<Vec<usize>> {
    let weights: usize = cells.iter().map(|cell| usize::from(cell.width)).sum();
    let total = total.checked_sub(cells.len().saturating_sub(1) * GAP)?;
    let mut widths = Vec::with_capacity(cells.len());
    for (index, cell) in cells.iter().enumerate() {
        let sizes = || cell.blocks.iter().filter_map(|(block, _)| measure(*block));
        let least = sizes().map(|size| size.least_width).max().unwrap_or_default();
        let most = sizes().map(|size| size.most_width).max().unwrap_or_default();
        let width = if index == 0 {
            total
        } else {
            (total * usize::from(cell.width) / weights.max(1)).min(most.max(least))
        };
        if width < least {
            return None;
        }
        widths.push((width, least));
    }
    let others: usize = widths.iter().skip(1).map(|(width, _)| width).sum();
    let (first, least) = widths.first_mut()?;
    *first = first.checked_sub(others).filter(|width| width >= least)?;
    Some(widths.into_iter().map(|(width, _)| width).collect())
}

/// Something that shares a height with others.
#[derive(Clone, Copy, Debug)]
struct Part {
    share: Share,
    least: usize,
    most: usize,
}

impl Part {
    /// What it must have for all to be placed.
    fn claim(self) -> usize {
        match self.share {
            Share::Need if self.most != GROWS => self.most,
            Share::Need | Share::Weight(_) => self.least,
        }
    }
}

fn parts<'a>(cell: &'a Cell, measure: Measure<'a>) -> impl Iterator<Item = Part> + 'a {
    let part = move |(block, share): &(Block, Share)| {
        let size = measure(*block)?;
        let least = size.least_height.min(size.most_height);
        let part = Part {
            share: *share,
            least,
            most: size.most_height,
        };
        Some(part)
    };
    cell.blocks.iter().filter_map(part)
}

/// What a cell must have: one that is alone in it takes what it gets, whatever it needs.
fn claim(cell: &Cell, measure: Measure<'_>) -> usize {
    match cell.blocks.len() {
        1 => parts(cell, measure).map(|part| part.least).sum(),
        _ => parts(cell, measure).map(Part::claim).sum(),
    }
}

fn row_part(row: &Row, measure: Measure<'_>) -> Part {
    let least = row.cells.iter().map(|cell| claim(cell, measure)).max();
    let most = |cell: &Cell| {
        let heights = parts(cell, measure).map(|part| part.most);
        heights.fold(0, usize::saturating_add)
    };
    Part {
        share: row.height,
        least: least.unwrap_or_default(),
        most: row.cells.iter().map(most).max().unwrap_or_default(),
    }
}

/// The blocks that can make the row lower: those of the cell that makes it so high, or where that is one, all of the row,
/// since who stands before it is to stay longer.
fn tallest<'a>(row: &'a Row, measure: Measure<'_>) -> impl DoubleEndedIterator<Item = Block> + use<'a> {
    let cells = row.cells.as_slice();
    let highest = (0..cells.len()).max_by_key(|index| claim(&cells[*index], measure));
    let cells = match highest {
        Some(index) if cells[index].blocks.len() > 1 => &cells[index..=index],
        Some(_) | None => cells,
    };
    cells.iter().flat_map(|cell| &cell.blocks).map(|(block, _)| *block)
}

/// Shares the height by weight, none below its least nor above its most; who is alone gets all of it. `None` when not all
/// can have what they must.
fn share(total: usize, parts: &[Part]) -> Option<Vec<usize>> {
    if let [only] = parts {
        return (only.least <= total).then(|| vec![total]);
    }
    let claims = parts.iter().map(|part| part.claim());
    if claims.fold(0, usize::saturating_add) > total {
        return None;
    }
    let weight = |part: &Part| match part.share {
        Share::Need => 0,
        Share::Weight(weight) => usize::from(weight),
    };
    let mut heights: Vec<Option<usize>> = parts
        .iter()
        .map(|part| matches!(part.share, Share::Need).then(|| part.claim()))
        .collect();
    // Each round settles those whose share is out of bounds, on the side that is out by more; so it ends.
    loop {
        let open: Vec<usize> = (0..parts.len()).filter(|index| heights[*index].is_none()).collect();
        let taken: usize = heights.iter().flatten().sum();
        let free = total.saturating_sub(taken);
        let weights: usize = open.iter().map(|index| weight(&parts[*index])).sum();
        let ideal = |index: usize| free * weight(&parts[index]) / weights.max(1);
        let lacking: usize = open
            .iter()
            .map(|index| parts[*index].least.saturating_sub(ideal(*index)))
            .sum();
        let beyond: usize = open
            .iter()
            .map(|index| ideal(*index).saturating_sub(parts[*index].most))
            .sum();
        if lacking == 0 && beyond == 0 {
            let given: usize = open.iter().map(|index| ideal(*index)).sum();
            let mut rest = free - given;
            for index in open {
                let more = rest.min(parts[index].most - ideal(index));
                heights[index] = Some(ideal(index) + more);
                rest -= more;
            }
            return Some(heights.into_iter().flatten().collect());
        }
        for index in open {
            let (ideal, part) = (ideal(index), parts[index]);
            if lacking >= beyond && ideal < part.least {
                heights[index] = Some(part.least);
            } else if lacking < beyond && ideal > part.most {
                heights[index] = Some(part.most);
            }
        }
    }
}
