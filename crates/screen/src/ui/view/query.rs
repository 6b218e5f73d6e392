//! What the view needs to be told: no more than it shows, and asked for no more often than it has to be.

use probetop_core::sample::{Purpose, TargetId};
use probetop_core::snapshot::{ComparisonQuery, Query, Rows, Scope, Snapshot, TargetSnapshot};

use super::{Block, ChartForm, ChartScope, Column, Pane, View};
use crate::ui::geometry::Geometry;
use crate::ui::page::Need;

/// Generators that are asked for their load at most, because a detail costs more than a row.
const GENERATORS: usize = 4;

/// More targets than this get their series only while their row is on the screen.
const SERIES_FOR_ALL: usize = 200;

impl View {
    /// What the screen needs to know; `None` while what was asked for before tells it.
    pub fn query(&self, asked: Option<&Query>, snapshot: &Snapshot, geometry: &Geometry) -> Option<Query> {
        let many = snapshot.targets.len() > SERIES_FOR_ALL;
        let query = Query {
            window: self.window,
            axis: self.charts.axis,
            series: if many {
                Rows::Only(self.nearby(snapshot, geometry))
            } else {
                Rows::All
            },
            detail: self.detail(snapshot, geometry),
            feed: self.travel.asked(self.pages.shown.has_cursor()),
            cursor: self.travel.cursor(self.pages.shown.has_cursor()),
            comparison: self.comparison(snapshot, geometry),
            course: self.course(geometry),
            evidence: self.matter(snapshot),
        };
        let suffices = |asked: &Query| {
            let same_series = asked.series == query.series;
            let seen = || self.visible(snapshot, geometry).all(|id| asked.series.contains(id));
            (same_series || many && seen()) && alike(asked, &query)
        };
        (!asked.is_some_and(suffices)).then_some(query)
    }

    /// The target that is shown, and the generators whose load stands below its chart.
    fn detail(&self, snapshot: &Snapshot, geometry: &Geometry) -> Rows {
        if !self.tells_of_targets() {
            return Rows::None;
        }
        let shown = self
            .targets
            .table
            .selected
            .filter(|_| self.needs(Need::Detail, geometry));
        let generators = generators(snapshot).map(|target| target.info.id).take(GENERATORS);
        let generators = generators.filter(|id| Some(*id) != shown);
        let ids: Vec<_> = shown.into_iter().chain(generators).collect();
        if ids.is_empty() { Rows::None } else { Rows::Only(ids) }
    }

    /// Whose course is drawn. Where a chart is a map of its target, so is what tells of all.
    fn course(&self, geometry: &Geometry) -> Option<Scope> {
        let is_map = self.charts.form == ChartForm::Heat && self.needs(Need::Map, geometry);
        let of_target = self.targets.table.selected.map(Scope::Target).filter(|_| is_map);
        of_target.or_else(|| self.needs(Need::Course, geometry).then(|| self.scope()))
    }

    /// Whether the page or one of its blocks that is on the screen has to be told this.
    pub(super) fn needs(&self, need: Need, geometry: &Geometry) -> bool {
        self.pages.shown.needs(need) || self.shows(geometry, |block| block.needs(need))
    }

    /// Whether a block of the overview that is on the screen is such a one.
    fn shows(&self, geometry: &Geometry, is_meant: impl Fn(Block) -> bool) -> bool {
        self.pages.shown == Pane::Overview && geometry.blocks().iter().any(|(block, _)| is_meant(*block))
    }

    /// What is compared, where it is shown: of many targets those on the screen, unless all are listed or sorted by it.
    fn comparison(&self, snapshot: &Snapshot, geometry: &Geometry) -> Option<ComparisonQuery> {
        let has_column = self.targets.columns.is_on(Column::Delta)
            && self.shows(geometry, |block| matches!(block, Block::Targets | Block::Cards));
        let is_page = self.pages.shown.needs(Need::Comparison);
        if !is_page && !has_column {
            return None;
        }
        let is_whole = is_page || self.targets.table.column == Column::Delta;
        let targets = if is_whole || snapshot.targets.len() <= SERIES_FOR_ALL {
            Rows::All
        } else {
            Rows::Only(self.nearby(snapshot, geometry))
        };
        Some(ComparisonQuery {
            before: self.spans.baseline,
            after: self.spans.against,
            targets,
        })
    }

    /// Of whom timeline and heat map tell.
    pub fn scope(&self) -> Scope {
        match (self.charts.breadth, self.targets.table.selected) {
            (ChartScope::One, Some(id)) => Scope::Target(id),
            (ChartScope::One, None) | (ChartScope::All, _) => Scope::All,
        }
    }

    /// The targets on the screen.
    fn visible(&self, snapshot: &Snapshot, geometry: &Geometry) -> impl Iterator<Item = TargetId> {
        let rows = geometry.table.visible();
        self.ids(snapshot, self.targets.table.first, rows)
            .chain(self.targets.table.selected)
            .chain(self.targets.together.ids().map(|(_, id)| id))
    }

    /// Those and a page above and below, so that scrolling and a new order find most rows drawn already.
    fn nearby(&self, snapshot: &Snapshot, geometry: &Geometry) -> Vec<TargetId> {
        let rows = geometry.table.visible();
        let first = self.targets.table.first.saturating_sub(rows);
        self.ids(snapshot, first, 3 * rows)
            .chain(self.targets.table.selected)
            .chain(self.targets.together.ids().map(|(_, id)| id))
            .collect()
    }

    fn ids(&self, snapshot: &Snapshot, first: usize, count: usize) -> impl Iterator<Item = TargetId> {
        let rows = self.targets.table.rows.iter().skip(first).take(count);
        rows.filter_map(|index| Some(snapshot.targets.get(*index)?.info.id))
    }
}

/// The targets that are load generators.
pub fn generators(snapshot: &Snapshot) -> impl Iterator<Item = &TargetSnapshot> {
    let targets = snapshot.targets.iter();
    targets.filter(|target| target.info.purpose == Purpose::Generator)
}

/// Whether two queries differ in no more than the rows that happen to be near.
fn alike(asked: &Query, query: &Query) -> bool {
    let mut asked = Query {
        series: query.series.clone(),
        ..asked.clone()
    };
    if let (Some(before), Some(now)) = (&mut asked.comparison, &query.comparison)
        && matches!((&before.targets, &now.targets), (Rows::Only(_), Rows::Only(_)))
    {
        before.targets = now.targets.clone();
    }
    asked == *query
}
