//! How charts are drawn: over which time, of whom, as what, and what the top and bottom of their vertical axes stand for.

use probetop_core::sample::Micros;
use probetop_core::snapshot::{Axis, Course, LatencyLimits, Point, Snapshot};

use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::timeline::Motion;

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

/// A factor that the axis of a sparkline spans at least.
const SPARKLINE_LEAST: f64 = 3.0;

/// A limit is taken onto the axis from so many times the distance: farther away what is measured would be pressed flat.
const NEAR: f64 = 3.0;

/// Whether timeline and heat map tell of the chosen target or of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartScope {
    #[default]
    All,
    One,
}

/// How every chart is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Charts {
    pub motion: Motion,
    /// The time that they go over.
    pub axis: Axis,
    /// Of whom timeline and heat map tell.
    pub breadth: ChartScope,
    pub form: ChartForm,
    pub scale: Scale,
    pub sharing: Sharing,
}

impl Charts {
    pub fn new(motion: Motion) -> Self {
        Self {
            motion,
            axis: Axis::default(),
            breadth: ChartScope::default(),
            form: ChartForm::default(),
            scale: Scale::default(),
            sharing: Sharing::default(),
        }
    }

    /// Swept or scrolled. Returns what that means.
    pub fn change_motion(&mut self) -> &'static str {
        let (motion, words) = match self.motion {
            Motion::Sweep => (Motion::Scroll, "charts scroll, the newest at the right"),
            Motion::Scroll => (Motion::Sweep, "charts are swept in place, in fewer bytes"),
        };
        self.motion = motion;
        words
    }

    /// Of the chosen target, or of all.
    pub fn change_breadth(&mut self) {
        self.breadth = match self.breadth {
            ChartScope::All => ChartScope::One,
            ChartScope::One => ChartScope::All,
        };
    }

    pub fn next_scale(&mut self, snapshot: &Snapshot) {
        self.scale = match self.scale {
            Scale::Whole => Scale::Fixed(Self::held(snapshot)),
            Scale::Fixed(_) => Scale::Robust,
            Scale::Robust => Scale::Whole,
        };
    }

    pub fn share_scale(&mut self) {
        self.sharing = match self.sharing {
            Sharing::Own => Sharing::Same,
            Sharing::Same => Sharing::Own,
        };
    }

    pub fn next_form(&mut self) {
        self.form = match self.form {
            ChartForm::Lines => ChartForm::Heat,
            ChartForm::Heat => ChartForm::Lines,
        };
    }

    /// The axis that holds everything that is known now, so that nothing of it lies beyond.
    fn held(snapshot: &Snapshot) -> LogAxis {
        let targets = snapshot
            .targets
            .iter()
            .filter_map(|target| ends(&target.series, Scale::Whole));
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

    /// The axis of a chart of these points' percentiles, with the limits that are near enough to be seen beside them; `None`
    /// where no probe succeeded.
    pub fn axis_of_lines(&self, points: &[Point], limits: &LatencyLimits, snapshot: &Snapshot) -> Option<LogAxis> {
        self.axis_of_all(std::iter::once(points), limits, snapshot)
    }

    /// The same of several targets in one chart.
    pub fn axis_of_all<'a>(
        &self,
        series: impl Iterator<Item = &'a [Point]>,
        limits: &LatencyLimits,
        snapshot: &Snapshot,
    ) -> Option<LogAxis> {
        let is_long = snapshot.axis.step().as_secs() > 1;
        let least = |points: &[Point]| points.iter().filter_map(|point| point.min).min().filter(|_| is_long);
        let ends = series.filter_map(|points| {
            let (low, high) = ends(points, self.scale)?;
            // The fastest of each step is drawn where steps are long.
            Some((least(points).map_or(low, |least| least.min(low)), high))
        });
        let ends = ends.reduce(both)?;
        let own = axis(reaching(ends, limits));
        Some(self.shared_axis(snapshot).unwrap_or(own))
    }

    /// The axis of a map of every single latency; `None` where no probe succeeded.
    pub fn axis_of_heat(&self, course: &Course, limits: &LatencyLimits, snapshot: &Snapshot) -> Option<LogAxis> {
        let (low, high) = spread(course)?;
        let own = match self.scale {
            Scale::Whole | Scale::Fixed(_) => (low, high),
            Scale::Robust => (low, ends(&course.points, self.scale).map_or(high, |(_, high)| high)),
        };
        Some(
            self.shared_axis(snapshot)
                .unwrap_or_else(|| axis(reaching(own, limits))),
        )
    }

    /// The axis of a sparkline of these values, a row high: what hardly changes is drawn at half of its height. `shared` is
    /// [`Charts::shared_axis`].
    pub fn axis_of_sparkline(
        &self,
        values: impl Iterator<Item = Micros> + Clone,
        shared: Option<LogAxis>,
    ) -> Option<LogAxis> {
        let low = values.clone().min()?;
        let high = crest(values, self.scale)?;
        let own = LogAxis::spanning(f64::from(low.0.max(1)), f64::from(high.0.max(1)), SPARKLINE_LEAST);
        Some(shared.unwrap_or(own))
    }

    /// What is not as usual about the vertical axis, for a heading.
    pub fn scale_note(&self) -> Option<&'static str> {
        match (self.scale, self.sharing) {
            (Scale::Whole, Sharing::Own) => None,
            (Scale::Whole, Sharing::Same) => Some("same scale"),
            (Scale::Robust, Sharing::Own) => Some("spikes cut"),
            (Scale::Robust, Sharing::Same) => Some("same scale, spikes cut"),
            // It is the same for all as it is.
            (Scale::Fixed(_), _) => Some("fixed scale"),
        }
    }
}

fn axis((low, high): (Micros, Micros)) -> LogAxis {
    LogAxis::around(f64::from(low.0.max(1)), f64::from(high.0.max(1)))
}

fn both((low, high): (Micros, Micros), (other_low, other_high): (Micros, Micros)) -> (Micros, Micros) {
    (low.min(other_low), high.max(other_high))
}

/// With the limits that are near.
fn reaching((low, high): (Micros, Micros), limits: &LatencyLimits) -> (Micros, Micros) {
    let is_near = |limit: &Micros| {
        let limit = f64::from(limit.0.max(1));
        limit <= f64::from(high.0) * NEAR && limit * NEAR >= f64::from(low.0)
    };
    let near = limits.set().map(|(_, limit)| limit).filter(is_near);
    near.fold((low, high), |ends, limit| both(ends, (limit, limit)))
}

/// The least p50, and the slowest probe or what stands for it.
fn ends(points: &[Point], scale: Scale) -> Option<(Micros, Micros)> {
    let low = points.iter().filter_map(|point| point.p50).min()?;
    let slow = points
        .iter()
        .filter_map(|point| point.max.or(point.p99).or(point.p95).or(point.p50));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use probetop_core::sample::{Bucket, Purpose, TargetId, TargetInfo, Window};
    use probetop_core::snapshot::{Scope, TargetSnapshot, WindowStats};

    use super::*;
    use crate::ui::action::Action;
    use crate::ui::stage::Stage;

    const MS: u32 = 1000;

    const NO_LIMITS: LatencyLimits = LatencyLimits {
        quantile: 0.0,
        warning: None,
        critical: None,
    };

    fn point(p50_ms: u32, p99_ms: u32) -> Point {
        Point {
            attempts: 1,
            p50: Some(Micros(p50_ms * MS)),
            p95: Some(Micros(p99_ms * MS)),
            p99: Some(Micros(p99_ms * MS)),
            ..Point::default()
        }
    }

    /// Forty steps around 20 ms, with a spike to 9 s in two of them.
    fn spiked() -> Vec<Point> {
        let slow = |step: u32| if step.is_multiple_of(20) { 9000 } else { 40 };
        (0..40).map(|step| point(20, slow(step))).collect()
    }

    fn target(id: u32, series: Vec<Point>) -> TargetSnapshot {
        TargetSnapshot {
            info: Arc::new(TargetInfo {
                id: TargetId(id),
                name: "shop".into(),
                url: "https://shop.example/".into(),
                kind: "http".into(),
                purpose: Purpose::default(),
                host: None,
                group: None,
                interval: std::time::Duration::from_secs(1),
                timeout: std::time::Duration::from_secs(5),
                in_flight: 5,
                phases: probetop_core::sample::Phase::HTTP.into(),
            }),
            level: probetop_core::sample::Level::Ok,
            clears: None,
            set_aside: false,
            reason: None,
            errors_level: probetop_core::sample::Level::Ok,
            limits: LatencyLimits::default(),
            last: None,
            failing: None,
            stats: WindowStats::default(),
            apdex: None,
            series: series.into(),
            detail: None,
        }
    }

    /// A target with spikes and one that is fast; a course that is as the first but for one outlier.
    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::empty(SystemTime::UNIX_EPOCH);
        snapshot.targets = vec![target(0, spiked()), target(1, vec![point(2, 3); 40])];
        let bucket = |ms: u32| Bucket {
            low: Micros(ms * MS),
            high: Micros((ms + 1) * MS),
            count: 1,
        };
        snapshot.course = Some(Arc::new(Course {
            scope: Scope::Target(TargetId(0)),
            points: spiked(),
            spreads: vec![vec![bucket(15), bucket(18_000)]],
        }));
        snapshot
    }

    fn view(actions: &[Action], snapshot: &Snapshot) -> Stage {
        let mut view = Stage::new(
            "test".into(),
            Arc::default(),
            Motion::Sweep,
            Window::OneMinute,
            (80, 24),
        );
        for action in actions {
            view.update(*action, snapshot);
        }
        view
    }

    fn values(points: &[Point]) -> impl Iterator<Item = Micros> + Clone {
        points.iter().filter_map(|point| point.p95)
    }

    /// The axes of both targets' charts, of the map, and the tops of both sparklines, in milliseconds.
    fn check(actions: &[Action], lines: [(f64, f64); 2], heat: (f64, f64), tops: [f64; 2], note: Option<&str>) {
        let snapshot = snapshot();
        let view = view(actions, &snapshot);
        let ms = |axis: LogAxis| (axis.low / 1e3, axis.high / 1e3);
        let series = [0, 1].map(|index: usize| &*snapshot.targets[index].series);
        let shared = view.charts.shared_axis(&snapshot);
        assert_eq!(
            series.map(|series| ms(view.charts.axis_of_lines(series, &NO_LIMITS, &snapshot).unwrap())),
            lines,
            "{actions:?}"
        );
        assert_eq!(
            ms(view
                .charts
                .axis_of_heat(snapshot.course.as_ref().unwrap(), &NO_LIMITS, &snapshot)
                .unwrap()),
            heat,
            "{actions:?}"
        );
        assert_eq!(
            series.map(|series| view.charts.axis_of_sparkline(values(series), shared).unwrap().high / 1e3),
            tops,
            "{actions:?}"
        );
        assert_eq!(view.charts.scale_note(), note);
    }

    #[test]
    fn the_ends_follow_what_was_chosen() {
        use Action::{SameScale, Scale};
        let whole = (20.0, 10_000.0);
        let fast = (1.0, 5.0);
        check(&[], [whole, fast], (15.0, 20_000.0), [10_000.0, 7.0], None);
        let all = (2.0, 10_000.0);
        check(&[SameScale], [all; 2], all, [10_000.0; 2], Some("same scale"));
        let held = (2.0, 20_000.0);
        check(&[Scale], [held; 2], held, [20_000.0; 2], Some("fixed scale"));
        check(&[Scale, SameScale], [held; 2], held, [20_000.0; 2], Some("fixed scale"));
        let cut = (10.0, 70.0);
        check(
            &[Scale, Scale],
            [cut, fast],
            (10.0, 50.0),
            [70.0, 7.0],
            Some("spikes cut"),
        );
        let same = (2.0, 50.0);
        check(
            &[Scale, Scale, SameScale],
            [same; 2],
            same,
            [50.0; 2],
            Some("same scale, spikes cut"),
        );
        check(
            &[Scale, Scale, Scale],
            [whole, fast],
            (15.0, 20_000.0),
            [10_000.0, 7.0],
            None,
        );
    }

    #[test]
    fn a_limit_that_is_near_is_on_the_axis_and_a_far_one_presses_nothing_flat() {
        let snapshot = snapshot();
        let view = view(&[], &snapshot);
        let points = vec![point(20, 60); 40];
        let check = |warning_ms: u32, critical_ms: u32, expected| {
            let limits = LatencyLimits {
                quantile: 0.95,
                warning: Some(Micros(warning_ms * MS)),
                critical: Some(Micros(critical_ms * MS)),
            };
            let axis = view.charts.axis_of_lines(&points, &limits, &snapshot).unwrap();
            assert_eq!(
                (axis.low / 1e3, axis.high / 1e3),
                expected,
                "{warning_ms} {critical_ms}"
            );
        };
        check(100, 150, (20.0, 150.0));
        check(100, 1000, (20.0, 100.0));
        check(8, 10, (7.0, 70.0));
        check(1, 2, (15.0, 70.0));
    }

    #[test]
    fn a_fixed_scale_stays_when_what_is_shown_changes() {
        let mut snapshot = snapshot();
        let view = view(&[Action::Scale], &snapshot);
        let before = view.charts.shared_axis(&snapshot);
        snapshot.targets.truncate(1);
        snapshot.targets[0].series = vec![point(1, 60_000)].into();
        assert_eq!(view.charts.shared_axis(&snapshot), before);
    }

    #[test]
    fn what_was_not_measured_has_no_axis() {
        let snapshot = Snapshot::empty(SystemTime::UNIX_EPOCH);
        for actions in [
            &[][..],
            &[Action::SameScale],
            &[Action::Scale],
            &[Action::Scale, Action::Scale],
        ] {
            let view = view(actions, &snapshot);
            assert_eq!(
                view.charts.axis_of_lines(&[Point::default()], &NO_LIMITS, &snapshot),
                None
            );
            assert_eq!(
                view.charts.axis_of_heat(&Course::default(), &NO_LIMITS, &snapshot),
                None
            );
            let shared = view.charts.shared_axis(&snapshot);
            assert_eq!(view.charts.axis_of_sparkline(values(&[]), shared), None);
        }
        assert_eq!(view(&[Action::Scale], &snapshot).charts.scale, Scale::Fixed(UNMEASURED));
    }

    #[test]
    fn the_map_of_a_chart_asks_for_its_course() {
        let mut snapshot = snapshot();
        snapshot.course = None;
        let course = |actions: &[Action]| {
            let mut view = view(&[], &snapshot);
            view.observe(&snapshot);
            for action in actions {
                view.update(*action, &snapshot);
            }
            view.query(None, &snapshot).unwrap().course
        };
        let first = Some(Scope::Target(TargetId(0)));
        assert_eq!(course(&[]), None);
        assert_eq!(course(&[Action::Chart]), first);
        assert_eq!(course(&[Action::Chart, Action::Target]), first);
        assert_eq!(course(&[Action::Chart, Action::Machine]), None);
        assert_eq!(course(&[Action::Heat]), Some(Scope::All));
        assert_eq!(course(&[Action::Heat, Action::Scope]), first);
        assert_eq!(course(&[Action::Chart, Action::Chart]), None);
    }
}
