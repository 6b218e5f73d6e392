//! The vertical axes of charts: what their top and bottom stand for, and whether all charts have the same.

use super::View;
use crate::sample::Micros;
use crate::snapshot::{Course, Point, Snapshot};
use crate::ui::format;
use crate::ui::widget::scale::{self, LogAxis};

/// What the ends of a vertical axis follow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scale {
    /// The least and the greatest there is to show.
    #[default]
    Whole,
    /// Nothing: they stay as they were when this was chosen.
    Fixed(LogAxis),
    /// As `Whole`, without the rarest spikes.
    Robust,
}

/// Whether each chart has an axis of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    #[default]
    Own,
    Same,
}

/// As what the course of a target is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartForm {
    #[default]
    Lines,
    Heat,
}

/// What is held still where nothing was measured yet: from a millisecond to ten seconds.
const UNMEASURED: LogAxis = LogAxis { low: 1e3, high: 1e7 };

/// Of so many steps the slowest is taken for a spike by [`Scale::Robust`]: six of the 120 of two minutes.
const SPIKE_IN: usize = 20;

impl View {
    pub(super) fn scale_next(&mut self, snapshot: &Snapshot) {
        self.scale = match self.scale {
            Scale::Whole => Scale::Fixed(self.held(snapshot)),
            Scale::Fixed(_) => Scale::Robust,
            Scale::Robust => Scale::Whole,
        };
    }

    pub(super) fn share_scale(&mut self) {
        self.sharing = match self.sharing {
            Sharing::Own => Sharing::Same,
            Sharing::Same => Sharing::Own,
        };
    }

    pub(super) fn chart_next(&mut self) {
        self.chart = match self.chart {
            ChartForm::Lines => ChartForm::Heat,
            ChartForm::Heat => ChartForm::Lines,
        };
    }

    /// The axis that holds everything that is known now, so that nothing of it lies beyond.
    fn held(&self, snapshot: &Snapshot) -> LogAxis {
        let targets = snapshot.targets.iter().filter_map(|target| ends(&target.series, Scale::Whole));
        let course = snapshot.course.as_deref().and_then(spread);
        targets.chain(course).reduce(both).map_or(UNMEASURED, axis)
    }

    /// The axis that all charts have; `None` where each has its own.
    pub fn shared_axis(&self, snapshot: &Snapshot) -> Option<LogAxis> {
        match (self.scale, self.sharing) {
            (Scale::Fixed(axis), _) => Some(axis),
            (Scale::Whole | Scale::Robust, Sharing::Own) => None,
            (scale @ (Scale::Whole | Scale::Robust), Sharing::Same) => {
                let targets = snapshot.targets.iter().filter_map(|target| ends(&target.series, scale));
                targets.reduce(both).map(axis)
            }
        }
    }

    /// The axis of a chart of these points' percentiles; `None` where no probe succeeded.
    pub fn axis_of_lines(&self, points: &[Point], snapshot: &Snapshot) -> Option<LogAxis> {
        let own = axis(ends(points, self.scale)?);
        Some(self.shared_axis(snapshot).unwrap_or(own))
    }

    /// The axis of a map of every single latency; `None` where no probe succeeded.
    pub fn axis_of_heat(&self, course: &Course, snapshot: &Snapshot) -> Option<LogAxis> {
        let (low, high) = spread(course)?;
        let own = match self.scale {
            Scale::Whole | Scale::Fixed(_) => (low, high),
            Scale::Robust => (low, ends(&course.points, self.scale).map_or(high, |(_, high)| high)),
        };
        Some(self.shared_axis(snapshot).unwrap_or_else(|| axis(own)))
    }

    /// What the full height of a sparkline stands for; `shared` is [`View::shared_axis`].
    pub fn sparkline_top(&self, points: &[Point], shared: Option<LogAxis>) -> Option<f64> {
        let own = crest(points.iter().filter_map(|point| point.p95), self.scale)?;
        Some(shared.map_or_else(|| scale::round_up(f64::from(own.0)), |axis| axis.high))
    }

    /// What is not as usual about the vertical axis, for a heading.
    pub fn scale_note(&self) -> Option<String> {
        match (self.scale, self.sharing) {
            (Scale::Whole, Sharing::Own) => None,
            (Scale::Whole, Sharing::Same) => Some("same scale".into()),
            (Scale::Robust, Sharing::Own) => Some("without spikes".into()),
            (Scale::Robust, Sharing::Same) => Some("same scale without spikes".into()),
            (Scale::Fixed(axis), _) => {
                let [low, high] = [axis.low, axis.high].map(format::latency_scale);
                Some(format!("fixed {low}-{high}"))
            }
        }
    }
}

fn axis((low, high): (Micros, Micros)) -> LogAxis {
    LogAxis::around(f64::from(low.0.max(1)), f64::from(high.0.max(1)))
}

fn both((low, high): (Micros, Micros), (other_low, other_high): (Micros, Micros)) -> (Micros, Micros) {
    (low.min(other_low), high.max(other_high))
}

/// The least p50, and the greatest p99 or what stands for it.
fn ends(points: &[Point], scale: Scale) -> Option<(Micros, Micros)> {
    let low = points.iter().filter_map(|point| point.p50).min()?;
    let slow = points.iter().filter_map(|point| point.p99.or(point.p95).or(point.p50));
    Some((low, crest(slow, scale)?))
}

/// From the fastest to the slowest probe of all.
fn spread(course: &Course) -> Option<(Micros, Micros)> {
    let buckets = || course.spreads.iter().flatten();
    let low = buckets().map(|bucket| bucket.low).min()?;
    Some((low, buckets().map(|bucket| bucket.high).max()?))
}

/// The greatest; without the spikes, where those are left out.
fn crest(values: impl Iterator<Item = Micros>, scale: Scale) -> Option<Micros> {
    match scale {
        Scale::Whole | Scale::Fixed(_) => values.max(),
        Scale::Robust => {
            let mut values: Vec<_> = values.collect();
            let last = values.len().checked_sub(1)?;
            let spikes = values.len() / SPIKE_IN;
            let (_, crest, _) = values.select_nth_unstable(last - spikes);
            Some(*crest)
        }
    }
}
