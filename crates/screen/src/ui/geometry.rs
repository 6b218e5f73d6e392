//! Where everything stands at one moment. `layout` reckons it once for each change of the view; drawing, keys and mouse read
//! the same one.

use ratatui::layout::Rect;

use super::action::Action;
use super::column::Column;
use super::page::Pane;
use super::view::{Block, Item, PickerRow};

/// Everything that is on the screen, with its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    pub bands: Bands,
    /// The blocks of the page, also while one of them has the whole body; in a page that scrolls, before it is scrolled.
    pub parts: Placed,
    /// The block that has the whole body.
    pub whole: Option<(Block, Rect)>,
    /// Rows that the page needs to show everything; 0 for one that fits itself into what there is.
    pub height: usize,
    pub scrolled: Scrolled,
    pub table: Table,
    /// The lists that are on the screen, each of a page, be it shown as that page or as a block of another one.
    pub lists: Vec<(Pane, List)>,
    /// The row of the page on which the processes begin, where they are not beside the rest.
    pub processes_row: usize,
    /// The list of choices that lies over the page.
    pub overlay: Option<Overlay>,
}

/// The bands of the screen, from the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bands {
    pub header: Rect,
    pub banner: Rect,
    pub body: Rect,
    pub footer: Rect,
}

/// Blocks with their rectangles, and the lines between those side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    pub blocks: Vec<(Block, Rect)>,
    pub rules: Vec<Rect>,
}

impl From<Vec<(Block, Rect)>> for Placed {
    fn from(blocks: Vec<(Block, Rect)>) -> Self {
        Self {
            blocks,
            rules: Vec::new(),
        }
    }
}

/// What scrolls: the block that is scrolled, else the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrolled {
    pub rows: usize,
    pub visible: usize,
}

/// The table of targets, as it stands on the overview even while another page is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Nowhere while the overview has none.
    pub area: Rect,
    pub columns: Vec<Slot>,
}

impl Table {
    /// How many targets it shows at once.
    pub fn visible(&self) -> usize {
        usize::from(self.area.height).saturating_sub(1)
    }
}

/// A column of the target table: from the left edge of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub column: Column,
    pub x: usize,
    pub width: usize,
}

/// A list on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Where its rows stand.
    pub rows: Rect,
    /// How it would stand as a page.
    pub page: ListPage,
    /// The greatest offset of the details.
    pub last_below: usize,
}

/// A page that lists things: the list, and the details of the chosen row below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Above the list, where there is anything.
    pub top: Rect,
    pub list: Rect,
    pub detail: Rect,
}

/// An open list of choices.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// What there is to choose from.
    pub items: Vec<Item>,
    pub rows: Vec<PickerRow>,
    pub frame: Rect,
    pub list: Rect,
    /// The words about the chosen item; empty where there is no room, or nothing to say.
    pub told: Rect,
}

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Tab(Pane),
    /// A key told in the footer.
    Hint(Action),
    Heading(Column),
    /// A row of the target table, counted from the first of all.
    Row(usize),
    /// A row of a list, counted over those that can be chosen.
    Item(usize),
    /// A step of a time axis, by its number.
    Step(u64),
}

impl Geometry {
    /// The blocks on the screen: those of the page, or the one that has the whole body.
    pub fn blocks(&self) -> &[(Block, Rect)] {
        match &self.whole {
            Some(whole) => std::slice::from_ref(whole),
            None => &self.parts.blocks,
        }
    }

    /// Where a list stands that is on the screen.
    pub fn list(&self, pane: Pane) -> List {
        let list = self.lists.iter().find(|(listed, _)| *listed == pane);
        list.map_or_else(List::default, |(_, list)| *list)
    }
}
