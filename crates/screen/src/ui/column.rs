//! The columns of the target table, in one table: what each is called, how wide it is, and the figure it shows.
//!
//! A figure is at once what stands in the cell, what the rows are sorted by and what a filter calls by the column's name.

mod figure;

use figure::Figure;
use probetop_core::expression::Value;
use probetop_core::snapshot::{Snapshot, TargetSnapshot};
use probetop_core::suggest;

use crate::ui::theme::{Glyphs, Role};
use crate::ui::widget::text::Align;

pub use figure::Key;

/// A column of the target table, in the order of [`SPECS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Column {
    #[default]
    Level,
    Name,
    Group,
    Kind,
    Url,
    Interval,
    Rate,
    Attempts,
    Failed,
    Errors,
    Availability,
    Apdex,
    Min,
    Mean,
    P50,
    P90,
    P95,
    P99,
    P99_9,
    Max,
    /// How p95 and errors changed against the baseline; there while there is one.
    Delta,
    Last,
    Lag,
    Overruns,
    /// The sparkline; sorted by, it means the order of the configuration.
    History,
    /// What the sparkline's full height stands for.
    Scale,
}

/// What the rows begin with, and which of them come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    Ascending,
    #[default]
    Descending,
}

impl Order {
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// One line of the table.
struct Spec {
    column: Column,
    /// As the configuration, the chooser and filters call it.
    name: &'static str,
    heading: &'static str,
    about: &'static str,
    align: Align,
    /// In a table with room, and in one without.
    widths: (usize, usize),
    /// By how many columns it may grow.
    growth: usize,
    /// Columns of a higher rank give way earlier when the table is narrow.
    rank: u8,
    figure: Figure,
}

const fn left(column: Column, name: &'static str, rank: u8, width: usize, figure: Figure) -> Spec {
    Spec {
        column,
        name,
        heading: name,
        about: "",
        align: Align::Left,
        widths: (width, width),
        growth: 0,
        rank,
        figure,
    }
}

const fn right(column: Column, name: &'static str, rank: u8, width: usize, figure: Figure) -> Spec {
    Spec {
        align: Align::Right,
        ..left(column, name, rank, width, figure)
    }
}

const fn latency(column: Column, name: &'static str, rank: u8, figure: Figure) -> Spec {
    right(column, name, rank, 6, figure)
}

impl Spec {
    const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    const fn heading(self, heading: &'static str) -> Self {
        Self { heading, ..self }
    }

    const fn narrow(self, width: usize) -> Self {
        Self {
            widths: (self.widths.0, width),
            ..self
        }
    }

    const fn growth(self, growth: usize) -> Self {
        Self { growth, ..self }
    }
}

/// Every column once, in the order in which they stand unless the configuration says otherwise.
#[rustfmt::skip]
const SPECS: [Spec; 26] = [
    left(Column::Level, "level", 0, 10, Figure::Level).narrow(1).about("how it stands: ok, warning, critical, unknown"),
    left(Column::Name, "name", 0, 16, Figure::Text(|it| Some(it.info.name.as_str()))).growth(18).heading("target").about("the target; always there"),
    left(Column::Group, "group", 11, 8, Figure::Text(|it| it.info.group.as_ref().map(|group| group.as_str()))).growth(12).about("its group in the configuration"),
    left(Column::Kind, "kind", 12, 8, Figure::Text(|it| Some(it.info.kind.as_str()))).about("the kind of probe"),
    left(Column::Url, "url", 19, 16, Figure::Text(|it| Some(it.info.url.as_str()))).growth(48).about("where it is probed"),
    right(Column::Interval, "interval", 16, 8, Figure::Interval).about("from one probe's start to the next"),
    right(Column::Rate, "rate", 9, 7, Figure::PerSecond(|it| it.stats.rate_per_s())).about("attempts per second"),
    right(Column::Attempts, "attempts", 13, 8, Figure::Count(|it| it.stats.attempts)).about("probes that were made"),
    right(Column::Failed, "failed", 5, 6, Figure::Losses(|it| it.stats.failed)).about("probes that failed"),
    right(Column::Errors, "errors", 2, 5, Figure::ErrorRatio(|it| it.stats.error_ratio())).heading("err").about("share of probes that failed"),
    right(Column::Availability, "availability", 6, 7, Figure::SuccessRatio(|it| it.stats.success_ratio())).heading("avail").about("share of probes that did not fail"),
    right(Column::Apdex, "apdex", 7, 5, Figure::Score(|it| it.apdex.map(|apdex| apdex.score))).about("Apdex: 1 when every probe is quick enough"),
    latency(Column::Min, "min", 15, Figure::Latency(|it| it.stats.latency.min)).about("the shortest latency"),
    latency(Column::Mean, "mean", 14, Figure::Latency(|it| it.stats.latency.mean)).about("the mean latency, which one slow probe moves"),
    latency(Column::P50, "p50", 8, Figure::Quantile(|it| it.stats.latency.p50, 2)).about("half of the latencies are at most this"),
    latency(Column::P90, "p90", 17, Figure::Quantile(|it| it.stats.latency.p90, 10)).about("nine of ten latencies are at most this"),
    latency(Column::P95, "p95", 1, Figure::Quantile(|it| it.stats.latency.p95, 20)).about("19 of 20 latencies are at most this"),
    latency(Column::P99, "p99", 3, Figure::Quantile(|it| it.stats.latency.p99, 100)).about("99 of 100 latencies are at most this"),
    latency(Column::P99_9, "p99_9", 10, Figure::Quantile(|it| it.stats.latency.p99_9, 1_000)).heading("p99.9").about("999 of 1,000 latencies are at most this"),
    latency(Column::Max, "max", 10, Figure::Latency(|it| it.stats.latency.max)).about("the longest latency"),
    right(Column::Delta, "delta", 1, 20, Figure::Compared).narrow(10).heading("p95 vs A").about("how p95 and errors changed against the baseline; there while there is one"),
    right(Column::Last, "last", 9, 8, Figure::Last).growth(6).about("the newest probe: its latency, or why it failed"),
    latency(Column::Lag, "lag", 18, Figure::Latency(|it| it.stats.lag.max)).about("how late probetop itself started a probe at most"),
    right(Column::Overruns, "overruns", 18, 8, Figure::Losses(|it| it.stats.overruns)).about("probes left out because too many ran"),
    left(Column::History, "history", 4, 16, Figure::Drawn).heading("p95").about("the course of p95 over the time axis"),
    right(Column::Scale, "scale", 18, 13, Figure::Drawn).heading("least…most").about("the least and the greatest of the course, which its height stands for"),
];

/// Every column has its line, and in its place.
const _: () = {
    let mut index = 0;
    while index < SPECS.len() {
        assert!(SPECS[index].column as usize == index);
        index += 1;
    }
    assert!(SPECS.len() == Column::Scale as usize + 1);
};

impl Column {
    pub fn all() -> impl Iterator<Item = Self> {
        SPECS.iter().map(|spec| spec.column)
    }

    fn spec(self) -> &'static Spec {
        &SPECS[self as usize]
    }

    /// As the configuration and the chooser name it.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// What it shows, in a few words.
    pub fn about(self) -> &'static str {
        self.spec().about
    }

    pub fn heading(self) -> &'static str {
        self.spec().heading
    }

    pub fn align(self) -> Align {
        self.spec().align
    }

    /// Columns of the screen that it needs, by how much room the table has.
    pub fn width(self, room: Room) -> usize {
        match room {
            Room::Close if self.rank() == 0 => self.spec().widths.0,
            Room::Ample => self.spec().widths.0,
            Room::Close | Room::Scarce => self.spec().widths.1,
        }
    }

    /// By how much it is worth widening it.
    pub fn growth(self) -> usize {
        self.spec().growth
    }

    /// Columns of a higher rank give way earlier; those of rank 0 stay.
    pub fn rank(self) -> u8 {
        self.spec().rank
    }

    /// # Errors
    /// Says which name was probably meant.
    pub fn from_name(name: &str) -> Result<Self, String> {
        let spec = SPECS.iter().find(|spec| spec.name == name);
        spec.map(|spec| spec.column).ok_or_else(|| {
            let names = SPECS.iter().map(|spec| spec.name);
            match suggest::closest(name, names.clone()) {
                hint if hint.is_empty() => {
                    let names: Vec<_> = names.collect();
                    format!("there is no column {name:?}; use some of {}", names.join(", "))
                }
                hint => format!("there is no column {name:?}{hint}"),
            }
        })
    }

    /// What its figure is worth for `target`, to be sorted by. `None`: nothing is known.
    pub fn key(self, target: &TargetSnapshot) -> Option<Key<'_>> {
        self.spec().figure.key(target)
    }

    /// Whether it has anything to show.
    pub fn is_known(self, snapshot: &Snapshot) -> bool {
        self != Self::Delta || snapshot.comparison.is_some()
    }

    /// Whether there is anything to sort by.
    pub fn is_sortable(self) -> bool {
        match self.spec().figure {
            Figure::Drawn => false,
            Figure::Level
            | Figure::Text(_)
            | Figure::PerSecond(_)
            | Figure::Count(_)
            | Figure::Losses(_)
            | Figure::ErrorRatio(_)
            | Figure::SuccessRatio(_)
            | Figure::Score(_)
            | Figure::Latency(_)
            | Figure::Quantile(..)
            | Figure::Compared
            | Figure::Interval
            | Figure::Last => true,
        }
    }

    /// Texts read from A on; of everything else what matters most comes first.
    pub fn natural_order(self) -> Order {
        match self.spec().figure {
            Figure::Text(_) | Figure::SuccessRatio(_) | Figure::Score(_) | Figure::Drawn => Order::Ascending,
            Figure::Level
            | Figure::PerSecond(_)
            | Figure::Count(_)
            | Figure::Losses(_)
            | Figure::ErrorRatio(_)
            | Figure::Latency(_)
            | Figure::Quantile(..)
            | Figure::Compared
            | Figure::Interval
            | Figure::Last => Order::Descending,
        }
    }

    /// What stands in the cell, and in which role; nothing for what is drawn.
    pub fn cell(self, target: &TargetSnapshot, width: usize, glyphs: &Glyphs) -> (String, Role) {
        self.spec().figure.cell(target, width, glyphs)
    }

    /// What a condition that names it reads. `None`: nothing is known.
    pub fn value(self, target: &TargetSnapshot) -> Option<Value> {
        self.spec().figure.value(target)
    }

    /// A value of the type that it has; `None` for what no condition can name.
    pub fn plausible(self) -> Option<Value> {
        self.spec().figure.plausible()
    }
}

/// How much room a table has for all that it is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Ample,
    /// Figures are as narrow as they can be.
    Close,
    /// And words are signs.
    Scarce,
}
